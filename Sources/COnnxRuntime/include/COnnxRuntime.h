#pragma once
#include <stddef.h>
#include <stdint.h>

// Networks in ONNX, run by onnxruntime, which is loaded when the first one is opened and linked by nobody. Its C interface is
// a table of functions whose places never change (the first 102 are those of version 1); the ones that are used are
// declared in onnx.c, after the documentation at https://onnxruntime.ai/docs/api/c (the library is under the MIT licence).

typedef struct assay_onnx assay_onnx;

#define ASSAY_ONNX_RANK 8
#define ASSAY_ONNX_FLOAT 1

typedef struct {
  char name[256];
  int type;  // of elements, as ONNX numbers them; 0 for what is no tensor
  int rank;
  int64_t sides[ASSAY_ONNX_RANK];  // -1 where any length fits
} assay_onnx_value;

// Loads the library of that path, or of the loader's choice where it is NULL. The first call decides.
// Returns its version; NULL where it cannot be loaded, and `message` says why.
const char *assay_onnx_library(const char *path, char message[512]);

// Opens a model that lies in memory. NULL where the library refuses it, and `message` says why.
assay_onnx *assay_onnx_open(const void *model, size_t size, int threads, char message[512]);
void assay_onnx_close(assay_onnx *session);

size_t assay_onnx_count(const assay_onnx *session, int is_output);
// 0 where there is none of that number, or it cannot be described.
int assay_onnx_describe(const assay_onnx *session, int is_output, size_t index, assay_onnx_value *value);

// Runs the network on one input and takes one output of floats.
// Returns 0 where it fails, and `message` says why. `*count` is the output's length, of which at most `capacity` are written.
int assay_onnx_run(
    const assay_onnx *session, const char *input, const float *data, const int64_t *sides, int rank, const char *output,
    float *result, size_t capacity, size_t *count, char message[512]);
