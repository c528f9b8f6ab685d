#include "support.h"

#include <stdlib.h>
#include <tiffio.h>

typedef struct {
  const uint8_t *data;
  uint64_t size, offset;
  char *message;
  int damaged;
} tiff_source;

static tmsize_t read_bytes(thandle_t handle, void *out, tmsize_t count) {
  tiff_source *source = (tiff_source *)handle;
  if (count <= 0 || source->offset >= source->size) return 0;
  uint64_t left = source->size - source->offset;
  uint64_t taken = (uint64_t)count < left ? (uint64_t)count : left;
  memcpy(out, source->data + source->offset, taken);
  source->offset += taken;
  return (tmsize_t)taken;
}

static tmsize_t write_nothing(thandle_t handle, void *bytes, tmsize_t count) {
  (void)handle, (void)bytes, (void)count;
  return 0;
}

static toff_t seek_to(thandle_t handle, toff_t offset, int whence) {
  tiff_source *source = (tiff_source *)handle;
  uint64_t base = whence == SEEK_CUR ? source->offset : whence == SEEK_END ? source->size : 0;
  source->offset = base + offset;
  return source->offset;
}

static int close_nothing(thandle_t handle) {
  (void)handle;
  return 0;
}

static toff_t size_of(thandle_t handle) { return ((tiff_source *)handle)->size; }

static int on_error(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff, (void)module;
  tiff_source *source = user;
  source->damaged = 1;
  if (!source->message[0]) vsnprintf(source->message, ASSAY_MESSAGE_SIZE, format, arguments);
  return 1;
}

static int on_warning(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff, (void)user, (void)module, (void)format, (void)arguments;
  return 1;
}

// How the samples of the file become those of the picture.
typedef struct {
  uint16_t bits, samples, photometric, planar;
  uint16_t colors;  // samples that carry colour
  int alpha;        // whether the sample after them is alpha
  int direct;       // read here; otherwise through libtiff's RGBA reader
  uint16_t *red, *green, *blue;
  int palette_shift;
} tiff_plan;

static TIFF *open_tiff(tiff_source *source, const assay_limits *limits) {
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!options) return NULL;
  // The largest piece libtiff may ask for: a strip of the largest picture at 16 bits and four channels.
  uint64_t bound = limits->max_pixels * 8;
  if (bound > ((uint64_t)2 << 30)) bound = (uint64_t)2 << 30;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)bound);
  TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, source);
  TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, source);
  TIFF *tiff = TIFFClientOpenExt(
      "memory", "rm", (thandle_t)source, read_bytes, write_nothing, seek_to, close_nothing, size_of, NULL, NULL,
      options);
  TIFFOpenOptionsFree(options);
  return tiff;
}

// Names a way of compressing that this build of libtiff leaves out.
static void say_coding(assay_image_info *info, uint16_t compression) {
  const char *name = NULL;
  switch (compression) {
    case 6: name = "old-style JPEG"; break;
    case 7: name = "JPEG"; break;
    case 33003: case 33005: case 34712: name = "JPEG 2000"; break;
    case 34661: name = "JBIG"; break;
    case 34887: name = "LERC"; break;
    case 34892: name = "lossy JPEG"; break;
    case 34925: name = "LZMA2"; break;
    case 50000: name = "Zstandard"; break;
    case 50001: name = "WebP"; break;
    case 50002: case 52546: name = "JPEG XL"; break;
    default: break;
  }
  char text[ASSAY_MESSAGE_SIZE];
  if (name)
    snprintf(text, sizeof text, "coded as %s", name);
  else
    snprintf(text, sizeof text, "coded in scheme %u", compression);
  assay_say(info->message, text);
}

static assay_status describe(TIFF *tiff, const assay_limits *limits, assay_image_info *info, tiff_plan *plan) {
  uint32_t width = 0, height = 0;
  uint16_t format = SAMPLEFORMAT_UINT, compression = 0, extra = 0, *kinds = NULL;
  memset(plan, 0, sizeof *plan);
  if (!TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width) || !TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height)
      || width == 0 || height == 0) {
    if (!info->message[0]) assay_say(info->message, "the header describes no picture");
    return ASSAY_BAD;
  }
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &plan->bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &plan->samples);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &plan->planar);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &format);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &compression);
  if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &plan->photometric))
    plan->photometric = plan->samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extra, &kinds);
  info->width = width;
  info->height = height;
  info->source_bits = plan->bits;
  info->source_model = plan->photometric;
  info->frames = 1;
  if (assay_over_limit(width, height, limits)) return ASSAY_TOO_LARGE;
  if (!TIFFIsCODECConfigured(compression)) {
    say_coding(info, compression);
    return ASSAY_UNSUPPORTED;
  }
  if (plan->photometric == PHOTOMETRIC_YCBCR && compression == COMPRESSION_JPEG
      && plan->planar == PLANARCONFIG_CONTIG) {
    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    plan->photometric = PHOTOMETRIC_RGB;
  }
  int depth_fits = plan->bits == 8 || plan->bits == 16;
  switch (plan->photometric) {
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_MINISWHITE:
      plan->colors = 1;
      plan->direct = depth_fits || ((plan->bits == 1 || plan->bits == 2 || plan->bits == 4) && plan->samples == 1);
      break;
    case PHOTOMETRIC_RGB:
      plan->colors = 3;
      plan->direct = depth_fits;
      break;
    case PHOTOMETRIC_SEPARATED:
      plan->colors = 4;
      plan->direct = depth_fits;
      break;
    case PHOTOMETRIC_PALETTE:
      plan->colors = 1;
      plan->direct = plan->samples == 1 && (plan->bits == 1 || plan->bits == 2 || plan->bits == 4 || plan->bits == 8)
                     && TIFFGetField(tiff, TIFFTAG_COLORMAP, &plan->red, &plan->green, &plan->blue);
      break;
    default: break;
  }
  if (format != SAMPLEFORMAT_UINT || plan->samples < plan->colors || plan->samples > 16) plan->direct = 0;
  if (plan->direct) {
    plan->alpha = plan->samples > plan->colors && extra > 0 && kinds
                  && (kinds[0] == EXTRASAMPLE_ASSOCALPHA || kinds[0] == EXTRASAMPLE_UNASSALPHA);
    int colors = plan->photometric == PHOTOMETRIC_MINISBLACK || plan->photometric == PHOTOMETRIC_MINISWHITE ? 1 : 3;
    info->channels = (uint32_t)(colors + plan->alpha);
    info->bits = plan->bits == 16 ? 16 : 8;
    if (plan->photometric == PHOTOMETRIC_PALETTE) {
      // Some writers fill the 16-bit palette with 8-bit values.
      for (int i = 0; i < 1 << plan->bits; i++)
        if (plan->red[i] > 255 || plan->green[i] > 255 || plan->blue[i] > 255) plan->palette_shift = 8;
    }
    return ASSAY_OK;
  }
  char reason[1024] = "";
  if (!TIFFRGBAImageOK(tiff, reason)) {
    assay_say(info->message, reason);
    return ASSAY_UNSUPPORTED;
  }
  info->channels = extra > 0 ? 4 : 3;
  info->bits = 8;
  return ASSAY_OK;
}

assay_status assay_tiff_info(
    const uint8_t *data, size_t size, const assay_limits *limits, assay_image_info *info) {
  memset(info, 0, sizeof *info);
  tiff_source source = {data, size, 0, info->message, 0};
  tiff_plan plan;
  TIFF *tiff = open_tiff(&source, limits);
  if (!tiff) {
    if (!info->message[0]) assay_say(info->message, "the TIFF header is malformed");
    return ASSAY_BAD;
  }
  assay_status status = describe(tiff, limits, info, &plan);
  TIFFClose(tiff);
  return status;
}

static uint32_t sample_at(const uint8_t *row, uint64_t index, int bits) {
  if (bits == 8) return row[index];
  if (bits == 16) return ((const uint16_t *)(const void *)row)[index];
  uint64_t bit = index * (uint64_t)bits;
  return (uint32_t)(row[bit >> 3] >> (8 - bits - (int)(bit & 7))) & ((1u << bits) - 1);
}

// One row of interleaved samples of the file to the picture. `count` pixels, `target` at the first.
static void convert_row(
    const tiff_plan *plan, const assay_image_info *info, const uint8_t *row, uint32_t count, void *target) {
  uint32_t peak = (1u << plan->bits) - 1, step = plan->planar == PLANARCONFIG_CONTIG ? plan->samples : 0;
  if (step == 0) step = (uint32_t)plan->colors + (uint32_t)plan->alpha;
  for (uint32_t x = 0; x < count; x++) {
    uint32_t out[4] = {0, 0, 0, 0};
    uint64_t first = (uint64_t)x * step;
    switch (plan->photometric) {
      case PHOTOMETRIC_PALETTE: {
        uint32_t index = sample_at(row, first, plan->bits);
        out[0] = plan->red[index] >> plan->palette_shift;
        out[1] = plan->green[index] >> plan->palette_shift;
        out[2] = plan->blue[index] >> plan->palette_shift;
        break;
      }
      case PHOTOMETRIC_SEPARATED: {
        uint64_t key = peak - sample_at(row, first + 3, plan->bits);
        for (uint32_t c = 0; c < 3; c++)
          out[c] = (uint32_t)(((peak - sample_at(row, first + c, plan->bits)) * key + peak / 2) / peak);
        break;
      }
      default:
        for (uint32_t c = 0; c < plan->colors; c++) {
          uint32_t value = sample_at(row, first + c, plan->bits);
          if (plan->photometric == PHOTOMETRIC_MINISWHITE) value = peak - value;
          out[c] = plan->bits < 8 ? value * 255 / peak : value;
        }
    }
    if (plan->alpha) out[info->channels - 1] = sample_at(row, first + plan->colors, plan->bits);
    for (uint32_t c = 0; c < info->channels; c++) {
      if (info->bits == 16)
        ((uint16_t *)target)[(size_t)x * info->channels + c] = (uint16_t)out[c];
      else
        ((uint8_t *)target)[(size_t)x * info->channels + c] = (uint8_t)out[c];
    }
  }
}

// Strips and tiles alike: each is a rectangle of rows, read whole.
static assay_status read_direct(
    TIFF *tiff, const tiff_plan *plan, const assay_image_info *info, uint8_t *pixels, char *message) {
  int tiled = TIFFIsTiled(tiff);
  uint32_t block_width = info->width, block_height = info->height;
  if (tiled) {
    TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &block_width);
    TIFFGetField(tiff, TIFFTAG_TILELENGTH, &block_height);
  } else {
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &block_height);
    if (block_height > info->height) block_height = info->height;
  }
  tmsize_t block_size = tiled ? TIFFTileSize(tiff) : TIFFStripSize(tiff);
  tmsize_t row_size = tiled ? TIFFTileRowSize(tiff) : TIFFScanlineSize(tiff);
  // A tile may be larger than the picture, though not by much in any honest file.
  uint64_t bound = (uint64_t)info->width * info->height * plan->samples * 2 * 4 + (16 << 20);
  if (block_width == 0 || block_height == 0 || block_size <= 0 || row_size <= 0 || (uint64_t)block_size > bound) {
    if (!message[0]) assay_say(message, "the strips or tiles have an impossible size");
    return ASSAY_BAD;
  }
  uint32_t planes = plan->planar == PLANARCONFIG_SEPARATE ? plan->samples : 1;
  uint32_t used = planes == 1 ? 1 : (uint32_t)plan->colors + (uint32_t)plan->alpha;
  uint8_t *block = malloc((size_t)block_size * (planes == 1 ? 1 : used));
  uint32_t sample_bytes = info->bits / 8;
  uint8_t *joined = planes == 1 ? NULL : malloc((size_t)block_width * used * sample_bytes);
  if (!block || (planes > 1 && !joined)) {
    free(block);
    free(joined);
    return ASSAY_NO_MEMORY;
  }
  assay_status status = ASSAY_OK;
  size_t pixel_bytes = (size_t)info->channels * sample_bytes;
  for (uint32_t top = 0; top < info->height; top += block_height) {
    for (uint32_t left = 0; left < info->width; left += block_width) {
      for (uint32_t plane = 0; plane < used; plane++) {
        uint8_t *target = block + (size_t)plane * (size_t)block_size;
        memset(target, 0, (size_t)block_size);
        uint16_t which = (uint16_t)(planes > 1 ? plane : 0);
        tmsize_t got =
            tiled ? TIFFReadEncodedTile(tiff, TIFFComputeTile(tiff, left, top, 0, which), target, block_size)
                  : TIFFReadEncodedStrip(tiff, TIFFComputeStrip(tiff, top, which), target, block_size);
        if (got < 0) {
          if (!message[0]) assay_say(message, "a strip or tile is damaged");
          status = ASSAY_TRUNCATED;
        }
      }
      uint32_t rows = info->height - top < block_height ? info->height - top : block_height;
      uint32_t columns = info->width - left < block_width ? info->width - left : block_width;
      for (uint32_t y = 0; y < rows; y++) {
        const uint8_t *row = block + (size_t)y * (size_t)row_size;
        if (joined) {
          for (uint32_t plane = 0; plane < used; plane++)
            for (uint32_t x = 0; x < columns; x++)
              memcpy(
                  joined + ((size_t)x * used + plane) * sample_bytes,
                  row + (size_t)plane * (size_t)block_size + (size_t)x * sample_bytes, sample_bytes);
          row = joined;
        }
        convert_row(
            plan, info, row, columns, pixels + ((size_t)(top + y) * info->width + left) * pixel_bytes);
      }
      if (block_width >= info->width) break;
    }
  }
  free(block);
  free(joined);
  return status;
}

// The kinds that libtiff converts itself: YCbCr, CIELab, LogLuv.
static assay_status read_converted(
    TIFF *tiff, const assay_image_info *info, uint8_t *pixels, char *message) {
  size_t count = (size_t)info->width * info->height;
  uint32_t *raster = malloc(count * 4);
  if (!raster) return ASSAY_NO_MEMORY;
  // Orientation is the caller's business.
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  int done = TIFFReadRGBAImageOriented(tiff, info->width, info->height, raster, ORIENTATION_TOPLEFT, 1);
  for (size_t i = 0; done && i < count; i++) {
    uint8_t *target = pixels + i * info->channels;
    target[0] = (uint8_t)TIFFGetR(raster[i]);
    target[1] = (uint8_t)TIFFGetG(raster[i]);
    target[2] = (uint8_t)TIFFGetB(raster[i]);
    if (info->channels == 4) target[3] = (uint8_t)TIFFGetA(raster[i]);
  }
  free(raster);
  if (!done && !message[0]) assay_say(message, "the picture's data are damaged");
  return done ? ASSAY_OK : ASSAY_BAD;
}

assay_status assay_tiff_decode(
    const uint8_t *data, size_t size, const assay_limits *limits, void *pixels, size_t capacity,
    assay_image_info *info) {
  memset(info, 0, sizeof *info);
  memset(pixels, 0, capacity);
  tiff_source source = {data, size, 0, info->message, 0};
  tiff_plan plan;
  TIFF *tiff = open_tiff(&source, limits);
  if (!tiff) {
    if (!info->message[0]) assay_say(info->message, "the TIFF header is malformed");
    return ASSAY_BAD;
  }
  assay_status status = describe(tiff, limits, info, &plan);
  if (status == ASSAY_OK && assay_image_bytes(info) != capacity) status = ASSAY_BAD;
  if (status == ASSAY_OK) {
    source.damaged = 0;
    status = plan.direct ? read_direct(tiff, &plan, info, pixels, info->message)
                         : read_converted(tiff, info, pixels, info->message);
    if (status == ASSAY_OK && source.damaged) status = ASSAY_TRUNCATED;
  }
  info->consumed = source.offset < size ? source.offset : size;
  TIFFClose(tiff);
  return status;
}
