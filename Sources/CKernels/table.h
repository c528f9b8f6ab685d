// Every kernel that is compiled once per instruction set: result, name, parameters, arguments.
// From this list come the function table of each set and the public functions that call through it.
#pragma once

#include "include/CKernels.h"

#define CK_SHAPE const CKConvolution *shape
#define CK_KERNELS(K)                                                                                                  \
  K(void, activation_forward, (CKActivation activation, float slope, const float *x, float *y, size_t count),         \
    (activation, slope, x, y, count))                                                                                  \
  K(void, activation_backward,                                                                                         \
    (CKActivation activation, float slope, const float *saved, const float *dy, float *dx, size_t count),             \
    (activation, slope, saved, dy, dx, count))                                                                         \
  K(CKAlgorithm, conv_algorithm, (CK_SHAPE, CKPass pass), (shape, pass))                                               \
  K(size_t, conv_packed_count, (CK_SHAPE, CKPass pass), (shape, pass))                                                 \
  K(size_t, conv_pack_slices, (CK_SHAPE, CKPass pass), (shape, pass))                                                  \
  K(void, conv_pack, (CK_SHAPE, CKPass pass, const float *weights, float *packed, size_t slice),                       \
    (shape, pass, weights, packed, slice))                                                                             \
  K(size_t, conv_slices, (CK_SHAPE, CKPass pass), (shape, pass))                                                       \
  K(size_t, conv_workspace, (CK_SHAPE, CKPass pass), (shape, pass))                                                    \
  K(void, conv_forward,                                                                                                \
    (CK_SHAPE, const float *x, const float *packed, float *y, const CKEpilogue *epilogue, float *workspace,            \
     size_t slice),                                                                                                    \
    (shape, x, packed, y, epilogue, workspace, slice))                                                                 \
  K(void, conv_backward_data,                                                                                          \
    (CK_SHAPE, const float *dy, const float *packed, float *dx, const CKEpilogue *epilogue, float *workspace,          \
     size_t slice),                                                                                                    \
    (shape, dy, packed, dx, epilogue, workspace, slice))                                                               \
  K(size_t, conv_partial_count, (CK_SHAPE), (shape))                                                                   \
  K(void, conv_backward_weights,                                                                                       \
    (CK_SHAPE, const float *x, const float *dy, float *partials, float *workspace, size_t slice),                      \
    (shape, x, dy, partials, workspace, slice))                                                                        \
  K(size_t, conv_reduce_slices, (CK_SHAPE), (shape))                                                                   \
  K(void, conv_reduce_weights,                                                                                         \
    (CK_SHAPE, const float *partials, float *dw, bool accumulate, size_t reduceSlice),                                 \
    (shape, partials, dw, accumulate, reduceSlice))                                                                    \
  K(size_t, depthwise_slices, (CK_SHAPE, CKPass pass), (shape, pass))                                                  \
  K(size_t, depthwise_workspace, (CK_SHAPE, CKPass pass), (shape, pass))                                               \
  K(void, depthwise_forward,                                                                                           \
    (CK_SHAPE, const float *x, const float *weights, float *y, const CKEpilogue *epilogue, float *workspace,           \
     size_t slice),                                                                                                    \
    (shape, x, weights, y, epilogue, workspace, slice))                                                                \
  K(void, depthwise_backward_data,                                                                                     \
    (CK_SHAPE, const float *dy, const float *weights, float *dx, float *workspace, size_t slice),                      \
    (shape, dy, weights, dx, workspace, slice))                                                                        \
  K(void, depthwise_backward_weights,                                                                                  \
    (CK_SHAPE, const float *x, const float *dy, float *partials, float *workspace, size_t slice),                      \
    (shape, x, dy, partials, workspace, slice))                                                                        \
  K(void, depthwise_reduce_weights, (CK_SHAPE, const float *partials, float *dw, bool accumulate),                     \
    (shape, partials, dw, accumulate))                                                                                 \
  K(void, moments, (const float *x, size_t rows, size_t channels, float *mean, float *m2),                             \
    (x, rows, channels, mean, m2))                                                                                     \
  K(void, channel_affine,                                                                                              \
    (const float *x, size_t rows, size_t channels, const CKEpilogue *epilogue, float *y),                              \
    (x, rows, channels, epilogue, y))                                                                                  \
  K(void, norm_backward_sums,                                                                                          \
    (const float *x, const float *dy, const float *y, size_t rows, size_t channels, const float *mean,                 \
     const float *inverseDeviation, const float *scale, const float *shift, CKActivation activation, float slope,      \
     float *dz, float *sumDz, float *sumDzX),                                                                          \
    (x, dy, y, rows, channels, mean, inverseDeviation, scale, shift, activation, slope, dz, sumDz, sumDzX))            \
  K(void, norm_backward_apply,                                                                                         \
    (const float *x, const float *dy, const float *y, size_t rows, size_t channels, const float *scale,                \
     const float *shift, CKActivation activation, float slope, const float *a, const float *b, const float *c,         \
     float *dx),                                                                                                       \
    (x, dy, y, rows, channels, scale, shift, activation, slope, a, b, c, dx))                                          \
  K(void, channel_sums, (const float *x, size_t rows, size_t channels, float *sums), (x, rows, channels, sums))        \
  K(void, max_pool_forward,                                                                                            \
    (CK_SHAPE, const float *x, float *y, uint8_t *indices, size_t firstRow, size_t lastRow),                           \
    (shape, x, y, indices, firstRow, lastRow))                                                                         \
  K(void, max_pool_backward,                                                                                           \
    (CK_SHAPE, const float *dy, const uint8_t *indices, float *dx, size_t firstImage, size_t lastImage),               \
    (shape, dy, indices, dx, firstImage, lastImage))                                                                   \
  K(void, average_pool_forward,                                                                                        \
    (CK_SHAPE, bool countPadding, const float *x, float *y, size_t firstRow, size_t lastRow),                          \
    (shape, countPadding, x, y, firstRow, lastRow))                                                                    \
  K(void, average_pool_backward,                                                                                       \
    (CK_SHAPE, bool countPadding, const float *dy, float *dx, size_t firstImage, size_t lastImage),                    \
    (shape, countPadding, dy, dx, firstImage, lastImage))                                                              \
  K(void, global_average_forward, (const float *x, size_t pixels, size_t channels, float *y),                          \
    (x, pixels, channels, y))                                                                                          \
  K(void, global_average_backward, (const float *dy, size_t pixels, size_t channels, float *dx),                       \
    (dy, pixels, channels, dx))                                                                                        \
  K(void, nearest2x_forward,                                                                                           \
    (const float *x, size_t height, size_t width, size_t channels, float *y, size_t firstImage, size_t lastImage),     \
    (x, height, width, channels, y, firstImage, lastImage))                                                            \
  K(void, nearest2x_backward,                                                                                          \
    (const float *dy, size_t height, size_t width, size_t channels, float *dx, size_t firstImage, size_t lastImage),   \
    (dy, height, width, channels, dx, firstImage, lastImage))                                                          \
  K(void, bilinear_forward,                                                                                            \
    (const float *x, size_t inHeight, size_t inWidth, size_t channels, float *y, size_t outHeight, size_t outWidth,    \
     size_t firstImage, size_t lastImage),                                                                             \
    (x, inHeight, inWidth, channels, y, outHeight, outWidth, firstImage, lastImage))                                   \
  K(void, bilinear_backward,                                                                                           \
    (const float *dy, size_t inHeight, size_t inWidth, size_t channels, float *dx, size_t outHeight, size_t outWidth,  \
     size_t firstImage, size_t lastImage),                                                                             \
    (dy, inHeight, inWidth, channels, dx, outHeight, outWidth, firstImage, lastImage))                                 \
  K(void, softmax_forward, (const float *x, size_t rows, size_t columns, float *y), (x, rows, columns, y))             \
  K(void, softmax_backward, (const float *y, const float *dy, size_t rows, size_t columns, float *dx),                 \
    (y, dy, rows, columns, dx))                                                                                        \
  K(void, log_softmax_forward, (const float *x, size_t rows, size_t columns, float *y), (x, rows, columns, y))         \
  K(void, log_softmax_backward, (const float *y, const float *dy, size_t rows, size_t columns, float *dx),             \
    (y, dy, rows, columns, dx))                                                                                        \
  K(void, fill, (float value, float *y, size_t count), (value, y, count))                                              \
  K(void, add, (const float *a, const float *b, float *z, size_t count), (a, b, z, count))                             \
  K(void, subtract, (const float *a, const float *b, float *z, size_t count), (a, b, z, count))                        \
  K(void, multiply, (const float *a, const float *b, float *z, size_t count), (a, b, z, count))                        \
  K(void, divide, (const float *a, const float *b, float *z, size_t count), (a, b, z, count))                          \
  K(void, multiply_add, (const float *a, const float *b, float *z, size_t count), (a, b, z, count))                    \
  K(void, scale, (float scale, float offset, const float *x, float *y, size_t count), (scale, offset, x, y, count))    \
  K(void, axpy, (float a, const float *x, float *y, size_t count), (a, x, y, count))                                   \
  K(void, axpby, (float a, const float *x, float b, float *y, size_t count), (a, x, b, y, count))                      \
  K(void, clamp, (float low, float high, const float *x, float *y, size_t count), (low, high, x, y, count))            \
  K(void, absolute, (const float *x, float *y, size_t count), (x, y, count))                                           \
  K(void, sign, (const float *x, float *y, size_t count), (x, y, count))                                               \
  K(void, square_root, (const float *x, float *y, size_t count), (x, y, count))                                        \
  K(void, exp, (const float *x, float *y, size_t count), (x, y, count))                                                \
  K(void, log, (const float *x, float *y, size_t count), (x, y, count))                                                \
  K(void, softplus, (const float *x, float *y, size_t count), (x, y, count))                                           \
  K(double, sum, (const float *x, size_t count), (x, count))                                                           \
  K(double, dot, (const float *a, const float *b, size_t count), (a, b, count))                                        \
  K(double, sum_squares, (const float *x, size_t count), (x, count))                                                   \
  K(double, sum_absolute, (const float *x, size_t count), (x, count))                                                  \
  K(double, squared_distance, (const float *a, const float *b, size_t count), (a, b, count))                           \
  K(double, absolute_distance, (const float *a, const float *b, size_t count), (a, b, count))                          \
  K(float, max_absolute, (const float *x, size_t count), (x, count))                                                   \
  K(bool, all_finite, (const float *x, size_t count), (x, count))                                                      \
  K(void, sgd_step,                                                                                                    \
    (float *weights, const float *gradient, float *momentumBuffer, size_t count, float rate, float momentum,           \
     float weightDecay, bool nesterov, float gradientScale),                                                           \
    (weights, gradient, momentumBuffer, count, rate, momentum, weightDecay, nesterov, gradientScale))                  \
  K(void, adam_step,                                                                                                   \
    (float *weights, const float *gradient, float *m, float *v, size_t count, const CKAdam *parameters),               \
    (weights, gradient, m, v, count, parameters))                                                                      \
  K(void, average_step, (float *average, const float *weights, size_t count, float decay),                             \
    (average, weights, count, decay))                                                                                  \
  K(void, normalise_u8,                                                                                                \
    (const uint8_t *x, size_t pixels, size_t channels, const float *scale, const float *shift, float *y),              \
    (x, pixels, channels, scale, shift, y))                                                                            \
  K(void, quantise_u8, (const float *x, size_t count, float scale, float offset, uint8_t *y),                          \
    (x, count, scale, offset, y))                                                                                      \
  K(void, layer_norm,                                                                                                  \
    (const float *x, size_t rows, size_t columns, const float *gain, const float *bias, float epsilon, float *y),      \
    (x, rows, columns, gain, bias, epsilon, y))                                                                        \
  K(void, layer_norm_quantise,                                                                                         \
    (const float *x, size_t tokens, size_t fine, const float *gain, const float *bias, float epsilon,                  \
     const CKSlots *slots, const CKQuantisedRows *rows, float *workspace),                                             \
    (x, tokens, fine, gain, bias, epsilon, slots, rows, workspace))                                                    \
  K(void, quantise_rows,                                                                                               \
    (const float *x, ptrdiff_t xStride, size_t tokens, size_t fine, const CKSlots *slots,                              \
     const CKQuantisedRows *rows, float *workspace),                                                                   \
    (x, xStride, tokens, fine, slots, rows, workspace))                                                                \
  K(uint64_t, checksum, (const uint8_t *bytes, size_t count), (bytes, count))                                          \
  K(void, integer_sums,                                                                                                \
    (const int8_t *values, ptrdiff_t panelStep, ptrdiff_t groups, ptrdiff_t outputs, int32_t *sums),                   \
    (values, panelStep, groups, outputs, sums))                                                                        \
  K(size_t, integer_product_workspace, (const CKIntegerWeights *weights, size_t rows), (weights, rows))                \
  K(void, integer_product,                                                                                             \
    (const CKIntegerWeights *weights, const CKQuantisedRows *rows, ptrdiff_t rowStride, size_t tokens, size_t fine,    \
     size_t firstOutput, size_t lastOutput, const CKIntegerEpilogue *epilogue, float *y, ptrdiff_t yStride,            \
     void *workspace),                                                                                                 \
    (weights, rows, rowStride, tokens, fine, firstOutput, lastOutput, epilogue, y, yStride, workspace))                \
  K(size_t, byte_convolution_workspace, (const CKByteConvolution *convolution), (convolution))                          \
  K(void, byte_convolution,                                                                                            \
    (const CKByteConvolution *convolution, const uint8_t *x, ptrdiff_t firstRow, ptrdiff_t lastRow,                    \
     uint8_t *workspace),                                                                                              \
    (convolution, x, firstRow, lastRow, workspace))                                                                    \
  K(size_t, attention_workspace, (size_t queries, size_t keys, size_t width, size_t fine),                             \
    (queries, keys, width, fine))                                                                                      \
  K(void, attention,                                                                                                   \
    (const float *q, const float *k, const float *v, ptrdiff_t stride, size_t queries, size_t keys, size_t width,      \
     size_t fine, float scale, float *y, ptrdiff_t yStride, void *workspace),                                          \
    (q, k, v, stride, queries, keys, width, fine, scale, y, yStride, workspace))

/// One compiled instruction set.
typedef struct CKTable {
#define CK_FIELD(result, name, parameters, arguments) result(*name) parameters;
  CK_KERNELS(CK_FIELD)
#undef CK_FIELD
} CKTable;

/// A table of the instruction set that the including file is compiled for, with some kernels exchanged.
#define CK_TABLE(table, ...)                                                                                           \
  _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Winitializer-overrides\"")                     \
      const CKTable table = {CK_KERNELS(CK_ENTRY) __VA_ARGS__};                                                        \
  _Pragma("clang diagnostic pop")
#define CK_ENTRY(result, name, parameters, arguments) .name = isa_##name,

extern const CKTable ckTableBaseline;
extern const CKTable ckTableAmxEmulated;
#if defined(__x86_64__)
extern const CKTable ckTableAvx2;
extern const CKTable ckTableAvx512;
extern const CKTable ckTableAvx512Vnni;
extern const CKTable ckTableAmx;
#elif defined(__aarch64__)
extern const CKTable ckTableNeon;
#endif
