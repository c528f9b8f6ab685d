// Decodes files with Assay's C alone, whole and damaged, so that valgrind and the sanitizers of C can look on; Swift's own
// runtime stops both.
//
//   codecs ROUNDS FILE…     each file as it is, cut short, and ROUNDS times with bytes changed (the same ones every time)
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CCodecs.h"

static uint64_t state = 1;

static uint32_t next(void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(state >> 33);
}

static const struct {
  const char *ending;
  assay_format format;
} kinds[] = {{"png", ASSAY_PNG},  {"jpg", ASSAY_JPEG}, {"webp", ASSAY_WEBP}, {"gif", ASSAY_GIF},
             {"tif", ASSAY_TIFF}, {"avif", ASSAY_HEIF}, {"heic", ASSAY_HEIF}, {"jxl", ASSAY_JXL}};

static unsigned decoded, refused;

static void decode(assay_format format, const uint8_t *given, size_t size) {
  // In a block of its own, so that a read behind the end is seen.
  uint8_t *data = malloc(size ? size : 1);
  memcpy(data, given, size);
  const assay_limits limits = {.max_pixels = 1 << 20, .max_scans = 50, .max_chunk_bytes = 1 << 20};
  assay_image_info info = {0};
  if (assay_info(format, data, size, &limits, &info) != 0) {
    refused++;
    free(data);
    return;
  }
  size_t capacity = (size_t)info.width * info.height * info.channels * (info.bits / 8);
  uint8_t *pixels = malloc(capacity ? capacity : 1);
  if (assay_decode(format, data, size, &limits, pixels, capacity, &info) == 0) {
    // Every sample was written, or memcheck says where one was not.
    volatile unsigned sum = 0;
    for (size_t index = 0; index < capacity; index++)
      if (pixels[index] & 1) sum++;
    decoded++;
  } else {
    refused++;
  }
  if (format == ASSAY_JPEG) {
    assay_jpeg_coefficients coefficients = {0};
    assay_jpeg_read_coefficients(data, size, &limits, &coefficients);
    assay_jpeg_coefficients_free(&coefficients);
  }
  assay_buffer out = {0};
  // What came before a fault is there too.
  assay_inflate(data, size, 1 << 16, 1 << 16, &out);
  assay_buffer_free(&out);
  out = (assay_buffer){0};
  assay_unbrotli(data, size, 1 << 16, &out);
  assay_buffer_free(&out);
  free(pixels);
  free(data);
}

int main(int count, char **arguments) {
  const int rounds = count > 1 ? atoi(arguments[1]) : 0;
  for (int argument = 2; argument < count; argument++) {
    const char *name = arguments[argument], *dot = strrchr(name, '.');
    assay_format format = ASSAY_NO_CODEC;
    for (size_t kind = 0; dot && kind < sizeof kinds / sizeof kinds[0]; kind++)
      if (!strcmp(dot + 1, kinds[kind].ending)) format = kinds[kind].format;
    FILE *file = fopen(name, "rb");
    if (format == ASSAY_NO_CODEC || !file) {
      if (file) fclose(file);
      continue;
    }
    static uint8_t content[1 << 18], changed[1 << 18];
    size_t size = fread(content, 1, sizeof content, file);
    fclose(file);
    fprintf(stderr, "%s\n", name);
    decode(format, content, size);
    for (int round = 0; round < rounds; round++) {
      memcpy(changed, content, size);
      for (uint32_t change = next() % 8 + 1; size && change; change--) changed[next() % size] = (uint8_t)next();
      decode(format, changed, next() % 4 ? size : next() % (size + 1));
    }
  }
  printf("%u decoded, %u refused\n", decoded, refused);
  return 0;
}
