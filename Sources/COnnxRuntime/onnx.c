#include "COnnxRuntime.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A call gives NULL where it succeeds, else a status that is to be released.
typedef void *status;

// The place of each function in the table.
enum {
  GET_ERROR_MESSAGE = 2,
  CREATE_ENV = 3,
  CREATE_SESSION_FROM_ARRAY = 8,
  RUN = 9,
  CREATE_SESSION_OPTIONS = 10,
  SET_INTRA_OP_NUM_THREADS = 24,
  SET_INTER_OP_NUM_THREADS = 25,
  SESSION_GET_INPUT_COUNT = 30,
  SESSION_GET_OUTPUT_COUNT = 31,
  SESSION_GET_INPUT_TYPE_INFO = 33,
  SESSION_GET_OUTPUT_TYPE_INFO = 34,
  SESSION_GET_INPUT_NAME = 36,
  SESSION_GET_OUTPUT_NAME = 37,
  CREATE_TENSOR_WITH_DATA = 49,
  GET_TENSOR_MUTABLE_DATA = 51,
  CAST_TYPE_INFO_TO_TENSOR_INFO = 55,
  GET_TENSOR_ELEMENT_TYPE = 60,
  GET_DIMENSIONS_COUNT = 61,
  GET_DIMENSIONS = 62,
  GET_TENSOR_SHAPE_ELEMENT_COUNT = 64,
  GET_TENSOR_TYPE_AND_SHAPE = 65,
  CREATE_CPU_MEMORY_INFO = 69,
  ALLOCATOR_FREE = 76,
  GET_ALLOCATOR_WITH_DEFAULT_OPTIONS = 78,
  RELEASE_STATUS = 93,
  RELEASE_MEMORY_INFO = 94,
  RELEASE_SESSION = 95,
  RELEASE_VALUE = 96,
  RELEASE_TYPE_INFO = 98,
  RELEASE_TENSOR_TYPE_AND_SHAPE = 99,
  RELEASE_SESSION_OPTIONS = 100,
};

// The version of the interface that is asked for: any library since 1.13 has it.
enum { API_VERSION = 13 };

struct api_base {
  void *const *(*get_api)(uint32_t version);
  const char *(*get_version)(void);
};

static void *const *table = NULL;
static const char *version = NULL;
static void *environment = NULL;
static char load_message[512];
static pthread_mutex_t load_lock = PTHREAD_MUTEX_INITIALIZER;

// A function of the table as a call with its type.
#define CALL(place, ...) ((status(*)(ARGUMENTS_##place))table[place])(__VA_ARGS__)
#define RELEASE(place, thing) ((void (*)(void *))table[place])(thing)
#define ARGUMENTS_CREATE_ENV int, const char *, void **
#define ARGUMENTS_CREATE_SESSION_FROM_ARRAY void *, const void *, size_t, const void *, void **
#define ARGUMENTS_RUN \
  void *, const void *, const char *const *, const void *const *, size_t, const char *const *, size_t, void **
#define ARGUMENTS_CREATE_SESSION_OPTIONS void **
#define ARGUMENTS_SET_INTRA_OP_NUM_THREADS void *, int
#define ARGUMENTS_SET_INTER_OP_NUM_THREADS void *, int
#define ARGUMENTS_SESSION_GET_INPUT_COUNT const void *, size_t *
#define ARGUMENTS_SESSION_GET_OUTPUT_COUNT const void *, size_t *
#define ARGUMENTS_SESSION_GET_INPUT_TYPE_INFO const void *, size_t, void **
#define ARGUMENTS_SESSION_GET_OUTPUT_TYPE_INFO const void *, size_t, void **
#define ARGUMENTS_SESSION_GET_INPUT_NAME const void *, size_t, void *, char **
#define ARGUMENTS_SESSION_GET_OUTPUT_NAME const void *, size_t, void *, char **
#define ARGUMENTS_CREATE_TENSOR_WITH_DATA const void *, void *, size_t, const int64_t *, size_t, int, void **
#define ARGUMENTS_GET_TENSOR_MUTABLE_DATA void *, void **
#define ARGUMENTS_CAST_TYPE_INFO_TO_TENSOR_INFO const void *, const void **
#define ARGUMENTS_GET_TENSOR_ELEMENT_TYPE const void *, int *
#define ARGUMENTS_GET_DIMENSIONS_COUNT const void *, size_t *
#define ARGUMENTS_GET_DIMENSIONS const void *, int64_t *, size_t
#define ARGUMENTS_GET_TENSOR_SHAPE_ELEMENT_COUNT const void *, size_t *
#define ARGUMENTS_GET_TENSOR_TYPE_AND_SHAPE const void *, void **
#define ARGUMENTS_CREATE_CPU_MEMORY_INFO int, int, void **
#define ARGUMENTS_ALLOCATOR_FREE void *, void *
#define ARGUMENTS_GET_ALLOCATOR_WITH_DEFAULT_OPTIONS void **

// Takes a status over: 1 for success; else its words, and 0.
static int succeeded(status code, char message[512]) {
  if (!code) return 1;
  if (message) {
    const char *words = ((const char *(*)(const void *))table[GET_ERROR_MESSAGE])(code);
    snprintf(message, 512, "%s", words ? words : "the library does not say why");
  }
  RELEASE(RELEASE_STATUS, code);
  return 0;
}

static void load(const char *path) {
#ifdef __APPLE__
  static const char *names[] = {
      "libonnxruntime.dylib", "/opt/homebrew/lib/libonnxruntime.dylib", "/usr/local/lib/libonnxruntime.dylib"};
#else
  static const char *names[] = {"libonnxruntime.so.1", "libonnxruntime.so"};
#endif
  void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
  for (size_t i = 0; !path && i < sizeof names / sizeof *names && !library; i++)
    library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *words = dlerror();
    snprintf(load_message, sizeof load_message, "onnxruntime cannot be loaded: %s", words ? words : "it is not installed");
    return;
  }
  const struct api_base *(*get_base)(void) = (const struct api_base *(*)(void))dlsym(library, "OrtGetApiBase");
  const struct api_base *base = get_base ? get_base() : NULL;
  void *const *found = base ? base->get_api(API_VERSION) : NULL;
  if (!found) {
    snprintf(load_message, sizeof load_message, "the library is no onnxruntime since 1.13");
    return;
  }
  table = found;
  // Level 4: what ends the program is all that it may say on its own.
  if (!succeeded(CALL(CREATE_ENV, 4, "assay", &environment), load_message)) {
    table = NULL;
    return;
  }
  version = base->get_version();
}

const char *assay_onnx_library(const char *path, char message[512]) {
  pthread_mutex_lock(&load_lock);
  if (!version && !load_message[0]) load(path);
  snprintf(message, 512, "%s", load_message);
  pthread_mutex_unlock(&load_lock);
  return version;
}

struct assay_onnx {
  void *session;
};

assay_onnx *assay_onnx_open(const void *model, size_t size, int threads, char message[512]) {
  if (!assay_onnx_library(NULL, message)) return NULL;
  assay_onnx *session = calloc(1, sizeof *session);
  void *options = NULL;
  int done = session && succeeded(CALL(CREATE_SESSION_OPTIONS, &options), message) &&
             succeeded(CALL(SET_INTRA_OP_NUM_THREADS, options, threads), message) &&
             succeeded(CALL(SET_INTER_OP_NUM_THREADS, options, 1), message) &&
             succeeded(CALL(CREATE_SESSION_FROM_ARRAY, environment, model, size, options, &session->session), message);
  if (options) RELEASE(RELEASE_SESSION_OPTIONS, options);
  if (done) return session;
  free(session);
  return NULL;
}

void assay_onnx_close(assay_onnx *session) {
  if (!session) return;
  RELEASE(RELEASE_SESSION, session->session);
  free(session);
}

size_t assay_onnx_count(const assay_onnx *session, int is_output) {
  size_t count = 0;
  status code = is_output ? CALL(SESSION_GET_OUTPUT_COUNT, session->session, &count)
                          : CALL(SESSION_GET_INPUT_COUNT, session->session, &count);
  return succeeded(code, NULL) ? count : 0;
}

int assay_onnx_describe(const assay_onnx *session, int is_output, size_t index, assay_onnx_value *value) {
  memset(value, 0, sizeof *value);
  if (index >= assay_onnx_count(session, is_output)) return 0;
  void *allocator = NULL;
  char *name = NULL;
  if (!succeeded(CALL(GET_ALLOCATOR_WITH_DEFAULT_OPTIONS, &allocator), NULL)) return 0;
  status code = is_output ? CALL(SESSION_GET_OUTPUT_NAME, session->session, index, allocator, &name)
                          : CALL(SESSION_GET_INPUT_NAME, session->session, index, allocator, &name);
  if (!succeeded(code, NULL)) return 0;
  int fits = strlen(name) < sizeof value->name;
  snprintf(value->name, sizeof value->name, "%s", name);
  succeeded(CALL(ALLOCATOR_FREE, allocator, name), NULL);
  if (!fits) return 0;
  void *type = NULL;
  code = is_output ? CALL(SESSION_GET_OUTPUT_TYPE_INFO, session->session, index, &type)
                   : CALL(SESSION_GET_INPUT_TYPE_INFO, session->session, index, &type);
  if (!succeeded(code, NULL)) return 0;
  const void *tensor = NULL;
  size_t rank = 0;
  int done = succeeded(CALL(CAST_TYPE_INFO_TO_TENSOR_INFO, type, &tensor), NULL);
  if (done && tensor) {
    done = succeeded(CALL(GET_TENSOR_ELEMENT_TYPE, tensor, &value->type), NULL) &&
           succeeded(CALL(GET_DIMENSIONS_COUNT, tensor, &rank), NULL) && rank <= ASSAY_ONNX_RANK &&
           succeeded(CALL(GET_DIMENSIONS, tensor, value->sides, rank), NULL);
    value->rank = (int)rank;
  }
  RELEASE(RELEASE_TYPE_INFO, type);
  return done;
}

int assay_onnx_run(
    const assay_onnx *session, const char *input, const float *data, const int64_t *sides, int rank, const char *output,
    float *result, size_t capacity, size_t *count, char message[512]) {
  *count = 0;
  size_t length = 1;
  for (int i = 0; i < rank; i++) length *= (size_t)sides[i];
  void *memory = NULL, *tensor = NULL, *answer = NULL, *shape = NULL;
  const float *values = NULL;
  int type = 0;
  // Arena allocator, default memory; the library reads the data and does not write to them.
  int done = succeeded(CALL(CREATE_CPU_MEMORY_INFO, 1, 0, &memory), message) &&
             succeeded(
                 CALL(CREATE_TENSOR_WITH_DATA, memory, (void *)data, length * sizeof *data, sides, (size_t)rank,
                      ASSAY_ONNX_FLOAT, &tensor),
                 message);
  if (done) {
    const void *inputs[1] = {tensor};
    done = succeeded(CALL(RUN, session->session, NULL, &input, inputs, 1, &output, 1, &answer), message) &&
           succeeded(CALL(GET_TENSOR_TYPE_AND_SHAPE, answer, &shape), message) &&
           succeeded(CALL(GET_TENSOR_ELEMENT_TYPE, shape, &type), message) &&
           succeeded(CALL(GET_TENSOR_SHAPE_ELEMENT_COUNT, shape, count), message);
    if (done && type != ASSAY_ONNX_FLOAT) {
      snprintf(message, 512, "the output holds no floats");
      done = 0;
    }
    done = done && succeeded(CALL(GET_TENSOR_MUTABLE_DATA, answer, (void **)&values), message);
    if (done) memcpy(result, values, (*count < capacity ? *count : capacity) * sizeof *result);
  }
  if (shape) RELEASE(RELEASE_TENSOR_TYPE_AND_SHAPE, shape);
  if (answer) RELEASE(RELEASE_VALUE, answer);
  if (tensor) RELEASE(RELEASE_VALUE, tensor);
  if (memory) RELEASE(RELEASE_MEMORY_INFO, memory);
  return done;
}
