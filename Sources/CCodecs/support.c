#include "support.h"

#include <stdlib.h>
#include <webp/decode.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

assay_status assay_info(
    assay_format format, const uint8_t *data, size_t size, const assay_limits *limits, assay_image_info *info) {
  switch (format) {
    case ASSAY_PNG: return assay_png_info(data, size, limits, info);
    case ASSAY_JPEG: return assay_jpeg_info(data, size, limits, info);
    case ASSAY_WEBP: return assay_webp_info(data, size, limits, info);
    case ASSAY_GIF: return assay_gif_info(data, size, limits, info);
    case ASSAY_TIFF: return assay_tiff_info(data, size, limits, info);
    case ASSAY_HEIF: return assay_heif_info(data, size, limits, info);
    case ASSAY_JXL: return assay_jxl_info(data, size, limits, info);
    case ASSAY_NO_CODEC: break;
  }
  return ASSAY_UNSUPPORTED;
}

assay_status assay_decode(
    assay_format format, const uint8_t *data, size_t size, const assay_limits *limits, void *pixels,
    size_t capacity, assay_image_info *info) {
  switch (format) {
    case ASSAY_PNG: return assay_png_decode(data, size, limits, pixels, capacity, info);
    case ASSAY_JPEG: return assay_jpeg_decode(data, size, limits, pixels, capacity, info);
    case ASSAY_WEBP: return assay_webp_decode(data, size, limits, pixels, capacity, info);
    case ASSAY_GIF: return assay_gif_decode(data, size, limits, pixels, capacity, info);
    case ASSAY_TIFF: return assay_tiff_decode(data, size, limits, pixels, capacity, info);
    case ASSAY_HEIF: return assay_heif_decode(data, size, limits, pixels, capacity, info);
    case ASSAY_JXL: return assay_jxl_decode(data, size, limits, pixels, capacity, info);
    case ASSAY_NO_CODEC: break;
  }
  return ASSAY_UNSUPPORTED;
}

void assay_buffer_free(assay_buffer *buffer) {
  // Encoders fill it from malloc; libwebp's WebPFree is free as well.
  free(buffer->data);
  buffer->data = NULL;
  buffer->size = 0;
}

void assay_keep_freed_memory(void) {
#if defined(__GLIBC__)
  // 32 MiB is the largest threshold that glibc takes.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 96 << 20);
  mallopt(M_TOP_PAD, 1 << 20);
#endif
}
