#include "support.h"

#include <libheif/heif.h>

// The primary picture's handle; the caller releases both.
static assay_status open_primary(
    const uint8_t *data, size_t size, const assay_limits *limits, struct heif_context **context,
    struct heif_image_handle **handle, assay_image_info *info) {
  *handle = NULL;
  *context = heif_context_alloc();
  if (!*context) return ASSAY_NO_MEMORY;
  struct heif_error error = heif_context_read_from_memory_without_copy(*context, data, size, NULL);
  if (error.code == heif_error_Ok) error = heif_context_get_primary_image_handle(*context, handle);
  if (error.code != heif_error_Ok) {
    assay_say(info->message, error.message ? error.message : "the file holds no picture");
    return error.code == heif_error_Unsupported_filetype || error.code == heif_error_Unsupported_feature
               ? ASSAY_UNSUPPORTED
               : ASSAY_BAD;
  }
  int width = heif_image_handle_get_width(*handle), height = heif_image_handle_get_height(*handle);
  int bits = heif_image_handle_get_luma_bits_per_pixel(*handle);
  if (width <= 0 || height <= 0 || bits <= 0 || bits > 16) {
    assay_say(info->message, "the header describes no picture");
    return ASSAY_BAD;
  }
  info->width = (uint32_t)width;
  info->height = (uint32_t)height;
  info->channels = heif_image_handle_has_alpha_channel(*handle) ? 4 : 3;
  info->bits = bits > 8 ? 16 : 8;
  info->source_bits = (uint32_t)bits;
  int frames = heif_context_get_number_of_top_level_images(*context);
  info->frames = frames > 0 ? (uint32_t)frames : 1;
  if (assay_over_limit(info->width, info->height, limits)) return ASSAY_TOO_LARGE;
  // The coded stream may declare another size than the file does; no side may be longer than the file says.
  heif_context_set_maximum_image_size_limit(*context, (width > height ? width : height) + 64);
  return ASSAY_OK;
}

static void close_primary(struct heif_context *context, struct heif_image_handle *handle) {
  if (handle) heif_image_handle_release(handle);
  if (context) heif_context_free(context);
}

assay_status assay_heif_info(
    const uint8_t *data, size_t size, const assay_limits *limits, assay_image_info *info) {
  memset(info, 0, sizeof *info);
  struct heif_context *context = NULL;
  struct heif_image_handle *handle = NULL;
  assay_status status = open_primary(data, size, limits, &context, &handle, info);
  close_primary(context, handle);
  return status;
}

assay_status assay_heif_decode(
    const uint8_t *data, size_t size, const assay_limits *limits, void *pixels, size_t capacity,
    assay_image_info *info) {
  memset(info, 0, sizeof *info);
  memset(pixels, 0, capacity);
  struct heif_context *context = NULL;
  struct heif_image_handle *handle = NULL;
  struct heif_image *image = NULL;
  assay_status status = open_primary(data, size, limits, &context, &handle, info);
  if (status == ASSAY_OK && assay_image_bytes(info) != capacity) status = ASSAY_BAD;
  if (status == ASSAY_OK) {
    heif_context_set_max_decoding_threads(context, 0);
    enum heif_chroma chroma =
        info->bits == 8
            ? (info->channels == 4 ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB)
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
            : (info->channels == 4 ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBB_LE);
#else
            : (info->channels == 4 ? heif_chroma_interleaved_RRGGBBAA_BE : heif_chroma_interleaved_RRGGBB_BE);
#endif
    struct heif_error error = heif_decode_image(handle, &image, heif_colorspace_RGB, chroma, NULL);
    if (error.code != heif_error_Ok) {
      assay_say(info->message, error.message ? error.message : "the picture's data are damaged");
      status = error.code == heif_error_Unsupported_feature || error.code == heif_error_Unsupported_filetype
                   ? ASSAY_UNSUPPORTED
               : error.code == heif_error_Memory_allocation_error ? ASSAY_NO_MEMORY
                                                                   : ASSAY_BAD;
    }
  }
  if (status == ASSAY_OK) {
    int stride = 0;
    const uint8_t *plane = heif_image_get_plane_readonly(image, heif_channel_interleaved, &stride);
    size_t row_bytes = (size_t)info->width * info->channels * (info->bits / 8);
    if (!plane || stride < 0 || (size_t)stride < row_bytes
        || heif_image_get_width(image, heif_channel_interleaved) < (int)info->width
        || heif_image_get_height(image, heif_channel_interleaved) < (int)info->height) {
      assay_say(info->message, "the picture is smaller than the file says");
      status = ASSAY_BAD;
    } else {
      for (uint32_t y = 0; y < info->height; y++)
        memcpy((uint8_t *)pixels + y * row_bytes, plane + (size_t)y * (size_t)stride, row_bytes);
    }
    if (status == ASSAY_OK && info->bits == 16) {
      int depth = heif_image_get_bits_per_pixel_range(image, heif_channel_interleaved);
      if (depth < 9 || depth > 16) depth = (int)info->source_bits;
      uint16_t *values = pixels;
      // Repeating the high bits below maps the full range onto 0...65535.
      for (size_t i = 0; i < capacity / 2 && depth < 16; i++)
        values[i] = (uint16_t)(values[i] << (16 - depth) | values[i] >> (2 * depth - 16));
    }
  }
  info->consumed = size;
  if (image) heif_image_release(image);
  close_primary(context, handle);
  return status;
}
