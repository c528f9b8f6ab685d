#include "support.h"

#include <gif_lib.h>
#include <jpeglib.h>
#include <png.h>
#include <stdio.h>
#include <tiffio.h>
#include <webp/decode.h>
#include <zlib.h>

// Written once per call into the caller's buffer: the libraries answer in three different forms.
void assay_codec_version(assay_codec codec, char *out, size_t size) {
  switch (codec) {
    case ASSAY_CODEC_PNG: snprintf(out, size, "%s", png_get_libpng_ver(NULL)); return;
    case ASSAY_CODEC_ZLIB: snprintf(out, size, "%s", zlibVersion()); return;
#ifdef LIBJPEG_TURBO_VERSION_NUMBER
    case ASSAY_CODEC_JPEG:
      snprintf(
          out, size, "turbo %d.%d.%d (headers)", LIBJPEG_TURBO_VERSION_NUMBER / 1000000,
          LIBJPEG_TURBO_VERSION_NUMBER / 1000 % 1000, LIBJPEG_TURBO_VERSION_NUMBER % 1000);
      return;
#else
    case ASSAY_CODEC_JPEG: snprintf(out, size, "%d (headers)", JPEG_LIB_VERSION); return;
#endif
    case ASSAY_CODEC_WEBP: {
      int version = WebPGetDecoderVersion();
      snprintf(out, size, "%d.%d.%d", version >> 16, version >> 8 & 255, version & 255);
      return;
    }
    case ASSAY_CODEC_HEIF: assay_heif_version(out, size); return;
    case ASSAY_CODEC_JXL: assay_jxl_version(out, size); return;
    case ASSAY_CODEC_TIFF: {
      // "LIBTIFF, Version 4.5.0" and a line on copyright.
      unsigned major = 0, minor = 0, patch = 0;
      sscanf(TIFFGetVersion(), "LIBTIFF, Version %u.%u.%u", &major, &minor, &patch);
      snprintf(out, size, "%u.%u.%u", major, minor, patch);
      return;
    }
    case ASSAY_CODEC_GIF: snprintf(out, size, "%d.%d.%d (headers)", GIFLIB_MAJOR, GIFLIB_MINOR, GIFLIB_RELEASE); return;
  }
  snprintf(out, size, "unknown");
}
