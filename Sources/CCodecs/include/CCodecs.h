// Image codecs behind a plain C interface.
//
// One function is one whole decode or encode: `setjmp` and every call into libpng or libjpeg happen inside
// it, nothing calls back into Swift, and no pointer outlives it. Decoders write into memory that the caller
// sized from the matching `_info` function; they initialise all of it, whatever they return.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define ASSAY_MESSAGE_SIZE 200

typedef enum {
  ASSAY_OK = 0,
  ASSAY_TRUNCATED,    // pixels are there, but the data ended early or were damaged
  ASSAY_BAD,          // not decodable; `message` says why
  ASSAY_TOO_LARGE,    // over a limit of the caller
  ASSAY_NO_MEMORY,
  ASSAY_UNSUPPORTED,  // well formed, but of a kind that the library cannot decode
} assay_status;

typedef struct {
  uint64_t max_pixels;
  uint32_t max_scans;        // of a progressive JPEG
  uint64_t max_chunk_bytes;  // of one ancillary PNG chunk
} assay_limits;

// What a decode will write: width * height * channels samples of `bits` each, no row padding.
typedef struct {
  uint32_t width, height;
  uint32_t channels;      // 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA
  uint32_t bits;          // 8, or 16 in host byte order
  uint32_t source_bits;   // bits per sample in the file
  uint32_t source_model;  // the library's own colour type
  uint32_t frames;        // pictures in the file, as far as the header tells; at least 1
  uint64_t consumed;      // bytes of the input that were read when the decode ended
  uint32_t warnings;      // complaints of the library
  char message[ASSAY_MESSAGE_SIZE];
} assay_image_info;

// Bytes that an encoder made; release with assay_buffer_free.
typedef struct {
  uint8_t *data;
  size_t size;
  char message[ASSAY_MESSAGE_SIZE];
} assay_buffer;

void assay_buffer_free(assay_buffer *buffer);

typedef enum { ASSAY_PNG, ASSAY_JPEG, ASSAY_WEBP, ASSAY_GIF, ASSAY_TIFF, ASSAY_HEIF, ASSAY_JXL, ASSAY_NO_CODEC } assay_format;

// Reads the header only, and says what a decode will write. ASSAY_TOO_LARGE when it is over `max_pixels`.
assay_status assay_info(
    assay_format format, const uint8_t *data, size_t size, const assay_limits *limits, assay_image_info *info);
// Fills `pixels`; `capacity` is exactly the size that follows from assay_info.
assay_status assay_decode(
    assay_format format, const uint8_t *data, size_t size, const assay_limits *limits, void *pixels,
    size_t capacity, assay_image_info *info);

// `level` is zlib's, 0...9.
assay_status assay_png_encode(
    const void *pixels, uint32_t width, uint32_t height, uint32_t channels, uint32_t bits, int level,
    assay_buffer *out);

// Gets whole rows of a picture, one after the other; what it is given is the caller's until it returns.
typedef void (*assay_rows_seen)(void *context, const uint8_t *samples, size_t count);

// Reads a JPEG once, row by row, without holding it: `reduced` gets the means of factor by factor pixels (what is left over
// at the right and at the bottom is left out), `kept` the first rows as they are, `seen` all of them. CMYK is not taken.
assay_status assay_jpeg_reduce(
    const uint8_t *data, size_t size, const assay_limits *limits, uint32_t factor, uint8_t *reduced,
    size_t reduced_size, uint32_t kept_rows, uint8_t *kept, size_t kept_size, assay_rows_seen seen, void *context,
    assay_image_info *info);

typedef struct {
  int quality;               // 1...100
  int horizontal, vertical;  // luma sampling factors, 1 or 2
  int progressive;
  int optimize;
} assay_jpeg_options;

// `channels` is 1 or 3.
assay_status assay_jpeg_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, assay_jpeg_options options,
    assay_buffer *out);

typedef struct {
  uint32_t blocks_wide, blocks_high;  // without the padding of the last MCU
  uint32_t horizontal, vertical;      // sampling factors
  uint32_t component_id;
  uint16_t quant[64];  // natural (row by row) order
  int16_t *values;     // blocks_high * blocks_wide * 64, natural order; owned by the struct below
} assay_jpeg_component;

typedef struct {
  uint32_t width, height;
  uint32_t component_count;
  assay_jpeg_component components[4];
  uint32_t warnings;
  char message[ASSAY_MESSAGE_SIZE];
} assay_jpeg_coefficients;

assay_status assay_jpeg_read_coefficients(
    const uint8_t *data, size_t size, const assay_limits *limits, assay_jpeg_coefficients *out);
void assay_jpeg_coefficients_free(assay_jpeg_coefficients *coefficients);

// `channels` is 3 or 4. Lossless keeps the colour under transparent pixels too.
assay_status assay_webp_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, int lossless, float quality,
    assay_buffer *out);

// Asks glibc to keep freed picture memory: a fresh page costs more than the decode of what it will hold.
void assay_keep_freed_memory(void);


// Inflates a zlib stream, or the gzip one. ASSAY_TOO_LARGE when it holds more than `limit` bytes, with the
// first `keep` of them in `out`; ASSAY_TRUNCATED or ASSAY_BAD with what came before the fault.
assay_status assay_inflate(const uint8_t *data, size_t size, size_t limit, size_t keep, assay_buffer *out);

// Decompresses a whole Brotli stream into at most `limit` bytes. ASSAY_UNSUPPORTED without libbrotlidec; ASSAY_BAD
// when it is damaged or holds more.
assay_status assay_unbrotli(const uint8_t *data, size_t size, size_t limit, assay_buffer *out);

typedef enum {
  ASSAY_CODEC_PNG,
  ASSAY_CODEC_ZLIB,
  ASSAY_CODEC_JPEG,
  ASSAY_CODEC_WEBP,
  ASSAY_CODEC_HEIF,
  ASSAY_CODEC_TIFF,
  ASSAY_CODEC_GIF,
  ASSAY_CODEC_JXL,
} assay_codec;

// The version of a codec's library as text; those that cannot be asked give that of their headers.
void assay_codec_version(assay_codec codec, char *out, size_t size);
