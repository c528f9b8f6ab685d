// What the shims share.
#pragma once

#include "CCodecs.h"

#include <stdio.h>
#include <string.h>

// PNG. 1-, 2- and 4-bit grey is scaled to 8, palettes become RGB, tRNS becomes alpha; no gamma.
assay_status assay_png_info(const uint8_t *data, size_t size, const assay_limits *limits, assay_image_info *info);
assay_status assay_png_decode(
    const uint8_t *data, size_t size, const assay_limits *limits, void *pixels, size_t capacity,
    assay_image_info *info);

// JPEG, with the accurate integer DCT. CMYK and YCCK become RGB, taken as inverted, as Adobe writes them
// and every browser reads them.
assay_status assay_jpeg_info(const uint8_t *data, size_t size, const assay_limits *limits, assay_image_info *info);
assay_status assay_jpeg_decode(
    const uint8_t *data, size_t size, const assay_limits *limits, uint8_t *pixels, size_t capacity,
    assay_image_info *info);

// WebP: lossy, lossless, alpha; of an animation the first frame, laid on a transparent canvas.
assay_status assay_webp_info(const uint8_t *data, size_t size, const assay_limits *limits, assay_image_info *info);
assay_status assay_webp_decode(
    const uint8_t *data, size_t size, const assay_limits *limits, uint8_t *pixels, size_t capacity,
    assay_image_info *info);

// GIF: the first picture on its screen; transparent and uncovered pixels have alpha 0.
// TIFF: the first directory; CMYK becomes RGB, orientation stays the caller's.
// HEIF: AVIF and HEIC; the primary picture with its own crop and rotation applied, depth over 8 scaled to 16.
assay_status assay_gif_info(const uint8_t *data, size_t size, const assay_limits *limits, assay_image_info *info);
assay_status assay_gif_decode(
    const uint8_t *data, size_t size, const assay_limits *limits, uint8_t *pixels, size_t capacity,
    assay_image_info *info);
assay_status assay_tiff_info(const uint8_t *data, size_t size, const assay_limits *limits, assay_image_info *info);
assay_status assay_tiff_decode(
    const uint8_t *data, size_t size, const assay_limits *limits, void *pixels, size_t capacity,
    assay_image_info *info);
assay_status assay_heif_info(const uint8_t *data, size_t size, const assay_limits *limits, assay_image_info *info);
assay_status assay_heif_decode(
    const uint8_t *data, size_t size, const assay_limits *limits, void *pixels, size_t capacity,
    assay_image_info *info);

// JPEG XL: the first frame on its canvas, turned as it says; depth over 8 scaled to 16.
assay_status assay_jxl_info(const uint8_t *data, size_t size, const assay_limits *limits, assay_image_info *info);
assay_status assay_jxl_decode(
    const uint8_t *data, size_t size, const assay_limits *limits, void *pixels, size_t capacity,
    assay_image_info *info);

static inline void assay_say(char message[ASSAY_MESSAGE_SIZE], const char *text) {
  snprintf(message, ASSAY_MESSAGE_SIZE, "%.190s", text);
}

// 0 when the product does not fit in size_t.
static inline size_t assay_image_bytes(const assay_image_info *info) {
  size_t bytes = 0;
  if (__builtin_mul_overflow((size_t)info->width, (size_t)info->height, &bytes)) return 0;
  if (__builtin_mul_overflow(bytes, (size_t)info->channels * (info->bits / 8), &bytes)) return 0;
  return bytes;
}

static inline int assay_over_limit(uint64_t width, uint64_t height, const assay_limits *limits) {
  uint64_t pixels = 0;
  return __builtin_mul_overflow(width, height, &pixels) || pixels > limits->max_pixels;
}

// Loads libheif to ask it.
void assay_heif_version(char *out, size_t size);
// Loads libjxl to ask it.
void assay_jxl_version(char *out, size_t size);
