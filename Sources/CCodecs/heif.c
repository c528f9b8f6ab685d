#include "support.h"

#include <dlfcn.h>
#include <libheif/heif.h>
#include <pthread.h>
#include <stdio.h>

// libheif is loaded when the first AVIF or HEIC file comes: with the codecs that it brings along it takes half
// of the program's start, and most folders hold no such file.
#define HEIF_FUNCTIONS(X) \
  X(context_alloc) \
  X(context_free) \
  X(context_get_number_of_top_level_images) \
  X(context_get_primary_image_handle) \
  X(context_read_from_memory_without_copy) \
  X(context_set_max_decoding_threads) \
  X(context_set_maximum_image_size_limit) \
  X(decode_image) \
  X(image_get_bits_per_pixel_range) \
  X(image_get_height) \
  X(image_get_plane_readonly) \
  X(image_get_width) \
  X(image_handle_get_height) \
  X(image_handle_get_luma_bits_per_pixel) \
  X(image_handle_get_width) \
  X(image_handle_has_alpha_channel) \
  X(image_handle_release) \
  X(image_release) \
  X(get_version)

static struct {
#define DECLARE(name) __typeof__(heif_##name) *name;
  HEIF_FUNCTIONS(DECLARE)
#undef DECLARE
} loaded_heif;

static int heif_is_loaded = 0;

static void load_heif(void) {
#if defined(__APPLE__)
  const char *names[] = {"libheif.1.dylib", "/opt/homebrew/lib/libheif.1.dylib", "/usr/local/lib/libheif.1.dylib"};
#else
  const char *names[] = {"libheif.so.1"};
#endif
  void *library = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names && !library; i++)
    library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
#define FIND(name) \
  if (!(loaded_heif.name = (__typeof__(loaded_heif.name))dlsym(library, "heif_" #name))) return;
  HEIF_FUNCTIONS(FIND)
#undef FIND
  heif_is_loaded = 1;
}

// The library's functions; NULL where it is not installed.
static const __typeof__(loaded_heif) *heif_functions(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load_heif);
  return heif_is_loaded ? &loaded_heif : NULL;
}

void assay_heif_version(char *out, size_t size) {
  const __typeof__(loaded_heif) *heif = heif_functions();
  snprintf(out, size, "%s", heif ? heif->get_version() : "not installed");
}

// The primary picture's handle; the caller releases both.
static assay_status open_primary(
    const uint8_t *data, size_t size, const assay_limits *limits, struct heif_context **context,
    struct heif_image_handle **handle, assay_image_info *info) {
  *handle = NULL;
  *context = NULL;
  const __typeof__(loaded_heif) *heif = heif_functions();
  if (!heif) {
    assay_say(info->message, "libheif, which reads this format, is not installed");
    return ASSAY_UNSUPPORTED;
  }
  *context = heif->context_alloc();
  if (!*context) return ASSAY_NO_MEMORY;
  struct heif_error error = heif->context_read_from_memory_without_copy(*context, data, size, NULL);
  if (error.code == heif_error_Ok) error = heif->context_get_primary_image_handle(*context, handle);
  if (error.code != heif_error_Ok) {
    assay_say(info->message, error.message ? error.message : "the file holds no picture");
    return error.code == heif_error_Unsupported_filetype || error.code == heif_error_Unsupported_feature
               ? ASSAY_UNSUPPORTED
               : ASSAY_BAD;
  }
  int width = heif->image_handle_get_width(*handle), height = heif->image_handle_get_height(*handle);
  int bits = heif->image_handle_get_luma_bits_per_pixel(*handle);
  if (width <= 0 || height <= 0 || bits <= 0 || bits > 16) {
    assay_say(info->message, "the header describes no picture");
    return ASSAY_BAD;
  }
  info->width = (uint32_t)width;
  info->height = (uint32_t)height;
  info->channels = heif->image_handle_has_alpha_channel(*handle) ? 4 : 3;
  info->bits = bits > 8 ? 16 : 8;
  info->source_bits = (uint32_t)bits;
  int frames = heif->context_get_number_of_top_level_images(*context);
  info->frames = frames > 0 ? (uint32_t)frames : 1;
  if (assay_over_limit(info->width, info->height, limits)) return ASSAY_TOO_LARGE;
  // The coded stream may declare another size than the file does; no side may be longer than the file says.
  heif->context_set_maximum_image_size_limit(*context, (width > height ? width : height) + 64);
  return ASSAY_OK;
}

static void close_primary(struct heif_context *context, struct heif_image_handle *handle) {
  const __typeof__(loaded_heif) *heif = heif_functions();
  if (handle) heif->image_handle_release(handle);
  if (context) heif->context_free(context);
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
  const __typeof__(loaded_heif) *heif = heif_functions();
  if (status == ASSAY_OK && assay_image_bytes(info) != capacity) status = ASSAY_BAD;
  if (status == ASSAY_OK) {
    heif->context_set_max_decoding_threads(context, 0);
    enum heif_chroma chroma =
        info->bits == 8
            ? (info->channels == 4 ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB)
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
            : (info->channels == 4 ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBB_LE);
#else
            : (info->channels == 4 ? heif_chroma_interleaved_RRGGBBAA_BE : heif_chroma_interleaved_RRGGBB_BE);
#endif
    struct heif_error error = heif->decode_image(handle, &image, heif_colorspace_RGB, chroma, NULL);
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
    const uint8_t *plane = heif->image_get_plane_readonly(image, heif_channel_interleaved, &stride);
    size_t row_bytes = (size_t)info->width * info->channels * (info->bits / 8);
    if (!plane || stride < 0 || (size_t)stride < row_bytes
        || heif->image_get_width(image, heif_channel_interleaved) < (int)info->width
        || heif->image_get_height(image, heif_channel_interleaved) < (int)info->height) {
      assay_say(info->message, "the picture is smaller than the file says");
      status = ASSAY_BAD;
    } else {
      for (uint32_t y = 0; y < info->height; y++)
        memcpy((uint8_t *)pixels + y * row_bytes, plane + (size_t)y * (size_t)stride, row_bytes);
    }
    if (status == ASSAY_OK && info->bits == 16) {
      int depth = heif->image_get_bits_per_pixel_range(image, heif_channel_interleaved);
      if (depth < 9 || depth > 16) depth = (int)info->source_bits;
      uint16_t *values = pixels;
      // Repeating the high bits below maps the full range onto 0...65535.
      for (size_t i = 0; i < capacity / 2 && depth < 16; i++)
        values[i] = (uint16_t)(values[i] << (16 - depth) | values[i] >> (2 * depth - 16));
    }
  }
  info->consumed = size;
  if (image) heif->image_release(image);
  close_primary(context, handle);
  return status;
}
