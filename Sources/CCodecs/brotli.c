#include "support.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

// libbrotlidec's one call, loaded on first use: it is wanted for compressed manifests alone.
typedef int (*brotli_decompress)(size_t encoded_size, const uint8_t *encoded, size_t *decoded_size, uint8_t *decoded);
static brotli_decompress decompress;

static void load_brotli(void) {
#ifdef __APPLE__
  const char *names[] = {
      "libbrotlidec.1.dylib", "/opt/homebrew/lib/libbrotlidec.1.dylib", "/usr/local/lib/libbrotlidec.1.dylib"};
#else
  const char *names[] = {"libbrotlidec.so.1"};
#endif
  void *library = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names && !library; i++)
    library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  if (library) decompress = (brotli_decompress)dlsym(library, "BrotliDecoderDecompress");
}

assay_status assay_unbrotli(const uint8_t *data, size_t size, size_t limit, assay_buffer *out) {
  memset(out, 0, sizeof *out);
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load_brotli);
  if (!decompress) return ASSAY_UNSUPPORTED;
  // The call fails where the output does not fit, and does not say how much it would be.
  for (size_t capacity = size * 4 + 4096;; capacity *= 4) {
    if (capacity > limit) capacity = limit;
    uint8_t *grown = realloc(out->data, capacity);
    if (!grown) return ASSAY_NO_MEMORY;
    out->data = grown;
    size_t decoded = capacity;
    if (decompress(size, data, &decoded, out->data) == 1) {
      out->size = decoded;
      return ASSAY_OK;
    }
    if (capacity == limit) return ASSAY_BAD;
  }
}
