#include "support.h"

#include <limits.h>
#include <png.h>
#include <stdlib.h>

typedef struct {
  const uint8_t *data;
  size_t size, offset;
  int ended;  // a read asked for more than there is
  uint32_t warnings;
  char *message;
} png_source;

static void on_error(png_structp png, png_const_charp text) {
  png_source *source = png_get_error_ptr(png);
  if (source) assay_say(source->message, text);
  png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
  (void)text;
  png_source *source = png_get_error_ptr(png);
  if (source) source->warnings++;
}

static void read_bytes(png_structp png, png_bytep out, png_size_t count) {
  png_source *source = png_get_io_ptr(png);
  if (count > source->size - source->offset) {
    source->ended = 1;
    source->offset = source->size;
    png_error(png, "the data end early");
  }
  memcpy(out, source->data + source->offset, count);
  source->offset += count;
}

// Reads to the end of the header and asks for the transforms. Runs under the caller's setjmp.
static assay_status begin(
    png_structp png, png_infop header, png_source *source, const assay_limits *limits, assay_image_info *info) {
  // The pixel limit below is ours; libpng's own side limit only must not be in its way.
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_chunk_malloc_max(png, (png_alloc_size_t)limits->max_chunk_bytes);
  png_set_chunk_cache_max(png, 1000);
  png_set_benign_errors(png, 1);
  png_set_read_fn(png, source, read_bytes);
  // Text, profiles and EXIF are read elsewhere, within their own bounds.
  static const png_byte skipped[] = "iCCP\0tEXt\0zTXt\0iTXt\0eXIf\0sPLT\0hIST";
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, skipped, 7);
  png_read_info(png, header);

  info->width = png_get_image_width(png, header);
  info->height = png_get_image_height(png, header);
  int depth = png_get_bit_depth(png, header);
  int color = png_get_color_type(png, header);
  info->source_bits = (uint32_t)depth;
  info->source_model = (uint32_t)color;
  info->frames = 1;
  if (assay_over_limit(info->width, info->height, limits)) return ASSAY_TOO_LARGE;

  if (color == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (color == PNG_COLOR_TYPE_GRAY && depth < 8) png_set_expand_gray_1_2_4_to_8(png);
  if (png_get_valid(png, header, PNG_INFO_tRNS)) png_set_tRNS_to_alpha(png);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  if (depth == 16) png_set_swap(png);
#endif
  png_set_interlace_handling(png);
  png_read_update_info(png, header);
  info->channels = png_get_channels(png, header);
  info->bits = png_get_bit_depth(png, header);
  return ASSAY_OK;
}

assay_status assay_png_info(
    const uint8_t *data, size_t size, const assay_limits *limits, assay_image_info *info) {
  memset(info, 0, sizeof *info);
  png_source source = {data, size, 0, 0, 0, info->message};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, on_error, on_warning);
  if (!png) return ASSAY_NO_MEMORY;
  png_infop header = png_create_info_struct(png);
  if (!header) {
    png_destroy_read_struct(&png, NULL, NULL);
    return ASSAY_NO_MEMORY;
  }
  if (setjmp(png_jmpbuf(png))) {
    info->consumed = source.offset;
    png_destroy_read_struct(&png, &header, NULL);
    return ASSAY_BAD;
  }
  assay_status status = begin(png, header, &source, limits, info);
  png_destroy_read_struct(&png, &header, NULL);
  return status;
}

assay_status assay_png_decode(
    const uint8_t *data, size_t size, const assay_limits *limits, void *pixels, size_t capacity,
    assay_image_info *info) {
  memset(info, 0, sizeof *info);
  png_source source = {data, size, 0, 0, 0, info->message};
  // Changed after setjmp and read in the error branch.
  volatile int rows_begun = 0;
  volatile png_uint_32 rows_done = 0;
  volatile size_t row_bytes = 0;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, on_error, on_warning);
  png_infop header = png ? png_create_info_struct(png) : NULL;
  if (!header) {
    png_destroy_read_struct(&png, NULL, NULL);
    memset(pixels, 0, capacity);
    return ASSAY_NO_MEMORY;
  }
  if (setjmp(png_jmpbuf(png))) {
    info->consumed = source.offset;
    info->warnings = source.warnings;
    png_destroy_read_struct(&png, &header, NULL);
    size_t done = (size_t)rows_done * row_bytes;
    if (done < capacity) memset((uint8_t *)pixels + done, 0, capacity - done);
    return rows_begun ? ASSAY_TRUNCATED : ASSAY_BAD;
  }
  assay_status status = begin(png, header, &source, limits, info);
  if (status != ASSAY_OK || assay_image_bytes(info) != capacity
      || png_get_rowbytes(png, header) * (size_t)info->height != capacity) {
    png_destroy_read_struct(&png, &header, NULL);
    memset(pixels, 0, capacity);
    return status != ASSAY_OK ? status : ASSAY_BAD;
  }
  row_bytes = png_get_rowbytes(png, header);
  png_byte interlace = png_get_interlace_type(png, header);
  rows_begun = 1;
  if (interlace == PNG_INTERLACE_NONE) {
    for (png_uint_32 y = 0; y < info->height; y++) {
      png_read_row(png, (png_bytep)pixels + (size_t)y * row_bytes, NULL);
      rows_done = y + 1;
    }
  } else {
    // Each pass fills its own pixels of every row; what a cut file leaves out must be defined.
    memset(pixels, 0, capacity);
    rows_done = info->height;
    for (int pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; pass++)
      for (png_uint_32 y = 0; y < info->height; y++)
        png_read_row(png, (png_bytep)pixels + (size_t)y * row_bytes, NULL);
  }
  // The chunks after the last row are not needed for the pixels, but a missing IEND is damage.
  png_read_end(png, NULL);
  info->consumed = source.offset;
  info->warnings = source.warnings;
  png_destroy_read_struct(&png, &header, NULL);
  return ASSAY_OK;
}

typedef struct {
  assay_buffer *out;
  size_t capacity;
} png_sink;

static void write_bytes(png_structp png, png_bytep bytes, png_size_t count) {
  png_sink *sink = png_get_io_ptr(png);
  size_t needed = sink->out->size + count;
  if (needed > sink->capacity) {
    size_t capacity = needed + needed / 2;
    uint8_t *grown = realloc(sink->out->data, capacity);
    if (!grown) png_error(png, "out of memory");
    sink->out->data = grown;
    sink->capacity = capacity;
  }
  memcpy(sink->out->data + sink->out->size, bytes, count);
  sink->out->size = needed;
}

static void flush_nothing(png_structp png) { (void)png; }

assay_status assay_png_encode(
    const void *pixels, uint32_t width, uint32_t height, uint32_t channels, uint32_t bits, int level,
    assay_buffer *out) {
  memset(out, 0, sizeof *out);
  static const int types[] = {
      PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
  png_source errors = {NULL, 0, 0, 0, 0, out->message};
  png_sink sink = {out, 0};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &errors, on_error, on_warning);
  png_infop header = png ? png_create_info_struct(png) : NULL;
  if (!header) {
    png_destroy_write_struct(&png, NULL);
    return ASSAY_NO_MEMORY;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &header);
    assay_buffer_free(out);
    return ASSAY_BAD;
  }
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_write_fn(png, &sink, write_bytes, flush_nothing);
  png_set_compression_level(png, level);
  png_set_IHDR(
      png, header, width, height, (int)bits, types[channels - 1], PNG_INTERLACE_NONE,
      PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, header);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  if (bits == 16) png_set_swap(png);
#endif
  size_t row_bytes = (size_t)width * channels * (bits / 8);
  for (uint32_t y = 0; y < height; y++)
    png_write_row(png, (png_const_bytep)pixels + (size_t)y * row_bytes);
  png_write_end(png, header);
  png_destroy_write_struct(&png, &header);
  return ASSAY_OK;
}
