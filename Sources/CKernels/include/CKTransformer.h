// Kernels of vision transformers: layer normalisation, activations quantised per token, products with weights of int8,
// attention of one head at a time.
//
// Rows. A matrix of activations is [rows][columns] in uint8, each row with its own scale and zero point, so that
// value = scale * (q - zero). The first `fine` tokens (a class token, registers) are kept finer: what the rounding of
// such a token leaves is quantised again and stored as one more row. Those rows of remainders come first, so a matrix
// of t tokens has fine + t rows; products add a remainder's result to its token's.
//
// Slots. A column of large values would coarsen its whole row. It may therefore occupy several slots, each holding a
// part of the value, against copies of its weights: with D slots of a column, the row's scale has to span only the
// D-th part of it. Slots come after the columns themselves.
//
// Weights are [outputs / 16][groups][16][4]: four consecutive inputs of sixteen outputs together, inputs padded with
// zeros to whole groups. The layout is the same for every instruction set, so a mapped file serves as it is.
#pragma once

#include "CKernels.h"

/// How rows of activations are quantised.
typedef struct CKSlots {
  ptrdiff_t columns;      // of the activations
  ptrdiff_t extra;        // further slots
  ptrdiff_t stride;       // bytes of a quantised row: columns + extra, rounded up to a multiple of 4 or more
  const int32_t *source;  // [extra]: the column of each further slot
  const float *rounding;  // [columns + extra]: slot j of D adds (j + 0.5) / D before rounding down; 0.5 for one slot
  const float *share;     // [columns]: 1 / D
} CKSlots;

/// Quantised rows, written by the kernels below.
typedef struct CKQuantisedRows {
  uint8_t *values;  // [fine + tokens][stride]
  float *scale;     // [fine + tokens]
  int32_t *zero;    // [fine + tokens], 0...255
} CKQuantisedRows;

/// Weights of a dense layer.
typedef struct CKIntegerWeights {
  ptrdiff_t outputs;      // a multiple of 16
  ptrdiff_t groups;       // of four inputs
  ptrdiff_t panelStep;    // bytes from a panel of 16 outputs to the next; groups * 64 where nothing lies between
  const int8_t *values;   // [outputs / 16][groups][16][4]
  const float *scale;     // [outputs]
  const int32_t *sum;     // [outputs]: the sum of an output's weights
} CKIntegerWeights;

/// y = activation(product + bias) * gain + residual; a null pointer leaves out its term.
typedef struct CKIntegerEpilogue {
  const float *bias;      // [outputs]
  const float *gain;      // [outputs]: a layer scale
  const float *residual;  // tokens `yStride` apart, like y; may be y
  CKActivation activation;
} CKIntegerEpilogue;

/// (x - mean) / sqrt(variance + epsilon) * gain + bias of each row. In place allowed.
void ck_layer_norm(
    const float *x, size_t rows, size_t columns, const float *gain, const float *bias, float epsilon, float *y);
/// The same, quantised; gain and bias are already multiplied by the columns' shares.
/// `workspace`: columns + extra floats.
void ck_layer_norm_quantise(
    const float *x, size_t tokens, size_t fine, const float *gain, const float *bias, float epsilon,
    const CKSlots *slots, const CKQuantisedRows *rows, float *workspace);
/// Quantises tokens that lie `xStride` floats apart. `workspace`: columns + extra floats.
void ck_quantise_rows(
    const float *x, ptrdiff_t xStride, size_t tokens, size_t fine, const CKSlots *slots, const CKQuantisedRows *rows,
    float *workspace);

/// The sum of each output's weights, which lie as in CKIntegerWeights.
void ck_integer_sums(
    const int8_t *values, ptrdiff_t panelStep, ptrdiff_t groups, ptrdiff_t outputs, int32_t *sums);
/// Bytes of workspace for a product of `rows` rows, remainders included.
size_t ck_integer_product_workspace(const CKIntegerWeights *weights, size_t rows);
/// Writes outputs firstOutput..<lastOutput (multiples of 16) of each token to y, whose first column is firstOutput and
/// whose tokens are yStride floats apart. `rows` are `rowStride` bytes apart. Sums are exact in int32 up to 66,000
/// inputs, so every instruction set gives the same ones.
void ck_integer_product(
    const CKIntegerWeights *weights, const CKQuantisedRows *rows, ptrdiff_t rowStride, size_t tokens, size_t fine,
    size_t firstOutput, size_t lastOutput, const CKIntegerEpilogue *epilogue, float *y, ptrdiff_t yStride,
    void *workspace);

/// A convolution of an image of bytes, value = step * (q - zero), [height][width][channels], with windows of three rows.
///
/// Window w of a row sees `columns` columns from w * pixels - left on, and gives `pixels` neighbouring results of
/// `outputs` channels: with few channels several results share a product. Result (y, x) lies at
/// (y * step + offsetY, x * step + offsetX) of an image `step` times as wide. What lies outside x counts as zero.
typedef struct CKByteConvolution {
  ptrdiff_t height, width, channels;  // channels: a multiple of 4
  ptrdiff_t columns, left;
  ptrdiff_t pixels;                   // 1, or more where step is 1
  ptrdiff_t outputs;
  ptrdiff_t step, offsetY, offsetX;
  uint8_t zero;
  /// [pixels * outputs rounded up to 16], inputs in the order [columns][3][channels]; `scale` holds the input's step
  /// too, `sum` is not read.
  const CKIntegerWeights *weights;
  const float *bias;                  // [weights->outputs], less what the zero point adds: bias - zero * sum * scale
  CKActivation activation;            // none, ReLU or leaky ReLU
  float slope;
  const float *residual;              // added after the activation, like y, or null; may be y
  float *y;                           // the results, or null
  uint8_t *q;                         // the results as bytes, floor(value * inverse + offset) within 0...255, or null
  float inverse, offset;
} CKByteConvolution;

/// Whether the instruction set in use has products of bytes that outrun floats: VNNI and AMX.
bool ck_byte_convolution_pays(void);
/// Bytes of workspace for a slice.
size_t ck_byte_convolution_workspace(const CKByteConvolution *convolution);
/// Rows firstRow..<lastRow of the results. Every instruction set gives the same sums.
void ck_byte_convolution(
    const CKByteConvolution *convolution, const uint8_t *x, ptrdiff_t firstRow, ptrdiff_t lastRow, uint8_t *workspace);

/// Bytes of workspace for the attention of one head; the first `fine` queries are kept finer.
size_t ck_attention_workspace(size_t queries, size_t keys, size_t width, size_t fine);
/// y = softmax(scale * q kᵀ) v of one head: q [queries][width], k and v [keys][width], each with rows `stride` floats
/// apart; y has rows yStride apart. Width is a multiple of 16, 512 at most. Both products are of quantised numbers; the
/// weights of twelve queries exist at a time.
void ck_attention(
    const float *q, const float *k, const float *v, ptrdiff_t stride, size_t queries, size_t keys, size_t width,
    size_t fine, float scale, float *y, ptrdiff_t yStride, void *workspace);

/// A checksum of bytes that finds every fault within four of them; no protection against intent. Words are read in the
/// processor's order.
uint64_t ck_checksum(const uint8_t *bytes, size_t count);
