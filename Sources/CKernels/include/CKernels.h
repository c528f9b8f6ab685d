// Vector kernels of the neural engine: plain C, no allocation, no threads, no global state but the choice of
// instruction set.
//
// Layouts. Activations are NHWC, weights of a convolution [kH, kW, inC, outC], those of a depthwise convolution
// [kH, kW, C]; everything is contiguous float. `ck_conv_weights_from_oihw` converts from the layout of weight files.
//
// Work. Large operations are cut into slices (or rows, or images) by their shape alone. The caller runs the slices on
// as many threads as it likes, in any order, each call with its own workspace. A slice writes only what is its own, so
// results have the same bits for every number of threads. Elementwise kernels take a count: cut where you like.
//
// Memory. Workspaces come from the caller, sized by `..._workspace` in floats; 64-byte alignment helps, none is needed.
// Inputs and outputs must not overlap unless a comment says "in place".
//
// Instruction sets. The same sources are compiled for AVX-512 (with VNNI and without), AVX2 with FMA, plain x86-64 and NEON; the best that the
// processor has is chosen at the first call. Packed weights, workspace sizes and slice counts belong to the
// instruction set under which they were asked for.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CK_CLOSED_ENUM __attribute__((enum_extensibility(closed)))

// MARK: - Instruction sets

typedef enum CK_CLOSED_ENUM CKInstructionSet : int32_t {
  CKInstructionSetBaseline = 0,  // x86-64 with SSE2, or whatever another processor always has
  CKInstructionSetAvx2 = 1,      // AVX2 and FMA
  CKInstructionSetAvx512 = 2,    // AVX-512 F, VL, DQ, BW
  CKInstructionSetNeon = 3,
  CKInstructionSetAvx512Vnni = 4,  // AVX-512 with VNNI: other integer products, the rest the same
  CKInstructionSetAmx = 5,         // the same with integer products by AMX
  CKInstructionSetAmxEmulated = 6, // for tests: baseline, with the integer products of AMX in plain loops
} CKInstructionSet;

/// The instruction set in use: `ASSAY_ISA` (amx, avx512vnni, avx512, avx2, neon, base) where the processor has it, else the best.
CKInstructionSet ck_instruction_set(void);
/// "amx", "avx512vnni", "avx512", "avx2", "neon" or "base".
const char *ck_instruction_set_name(CKInstructionSet set);
/// Whether this build and this processor have it.
bool ck_instruction_set_available(CKInstructionSet set);
/// For tests: changes the set that the calling thread uses; false, and no change, where it is not available.
bool ck_use_instruction_set(CKInstructionSet set);

// MARK: - Activations

typedef enum CK_CLOSED_ENUM CKActivation : int32_t {
  CKActivationNone = 0,
  CKActivationRelu = 1,
  CKActivationRelu6 = 2,
  CKActivationLeakyRelu = 3,  // x < 0 ? slope * x : x, slope in 0..<1
  CKActivationSigmoid = 4,
  CKActivationTanh = 5,
  CKActivationSilu = 6,  // x * sigmoid(x)
  CKActivationGelu = 7,  // the tanh form: PyTorch's gelu(approximate="tanh")
  CKActivationQuickGelu = 8,  // x * sigmoid(1.702 x)
  CKActivationGeluErf = 9,    // x * Φ(x): PyTorch's gelu()
} CKActivation;

/// y = activation(x). In place allowed.
void ck_activation_forward(CKActivation activation, float slope, const float *x, float *y, size_t count);
/// dx = dy * activation'. `saved` is y for ReLU, ReLU6, leaky ReLU, sigmoid and tanh; x for SiLU and the GELUs. dx may be dy.
/// At a kink the derivative is that of the flat side, as in PyTorch.
void ck_activation_backward(
    CKActivation activation, float slope, const float *saved, const float *dy, float *dx, size_t count);

// MARK: - Convolution

typedef enum CK_CLOSED_ENUM CKPass : int32_t {
  CKPassForward = 0,
  CKPassBackwardData = 1,
  CKPassBackwardWeights = 2,
} CKPass;

typedef enum CK_CLOSED_ENUM CKAlgorithm : int32_t {
  CKAlgorithmAutomatic = 0,
  CKAlgorithmDirect = 1,
  CKAlgorithmWinograd = 2,  // 3x3 stride 1 only, else direct
} CKAlgorithm;

/// A two-dimensional convolution, one group, no dilation, both axes with the same stride.
///
/// outHeight is whatever the caller wants of rows (usually (inHeight + 2 * padTop - kernelHeight) / stride + 1); what
/// lies outside the input counts as zero, so padding at the bottom and right follows from outHeight and outWidth.
/// A transposed convolution [N, h, w, a] -> [N, H, W, b] is the backward-data pass of the convolution with
/// in = (H, W, b), out = (h, w, a); its backward-data pass is that convolution's forward pass; its weight gradient is
/// that convolution's, with x := the gradient of the output and dy := the input. PyTorch's ConvTranspose2d weight
/// [inC, outC, kH, kW] is then this convolution's [outC, inC, kH, kW].
typedef struct CKConvolution {
  ptrdiff_t batch;
  ptrdiff_t inHeight, inWidth, inChannels;
  ptrdiff_t outHeight, outWidth, outChannels;
  ptrdiff_t kernelHeight, kernelWidth;
  ptrdiff_t stride;
  ptrdiff_t padTop, padLeft;
  CKAlgorithm algorithm;
} CKConvolution;

/// What a forward pass (or a transposed one) does to its result before it is stored:
/// y = activation(y * scale[c] + shift[c] + residual). A null pointer leaves out its term; a bias is `shift`.
typedef struct CKEpilogue {
  const float *scale;     // [outC] or null
  const float *shift;     // [outC] or null
  const float *residual;  // like y, or null
  CKActivation activation;
  float slope;
} CKEpilogue;

/// The algorithm that a pass would use: direct or Winograd.
CKAlgorithm ck_conv_algorithm(const CKConvolution *shape, CKPass pass);

/// [outC, inC, kH, kW] (PyTorch) -> [kH, kW, inC, outC], and back.
void ck_conv_weights_from_oihw(
    ptrdiff_t outC, ptrdiff_t inC, ptrdiff_t kH, ptrdiff_t kW, const float *oihw, float *hwio);
void ck_conv_weights_to_oihw(
    ptrdiff_t outC, ptrdiff_t inC, ptrdiff_t kH, ptrdiff_t kW, const float *hwio, float *oihw);

/// Floats that packed weights take, for the forward and the backward-data pass.
size_t ck_conv_packed_count(const CKConvolution *shape, CKPass pass);
/// The number of independent parts of packing.
size_t ck_conv_pack_slices(const CKConvolution *shape, CKPass pass);
/// Packs [kH, kW, inC, outC] weights for a pass; `slice` in 0..<ck_conv_pack_slices.
void ck_conv_pack(const CKConvolution *shape, CKPass pass, const float *weights, float *packed, size_t slice);

/// The number of slices of a pass, 1 or more: at least some 50 µs of work each, where there is so much.
size_t ck_conv_slices(const CKConvolution *shape, CKPass pass);
/// Floats of workspace that each concurrent call of a pass needs; may be 0.
size_t ck_conv_workspace(const CKConvolution *shape, CKPass pass);

/// y = epilogue(x * w). `epilogue` may be null. Writes the slice's part of y.
void ck_conv_forward(
    const CKConvolution *shape, const float *x, const float *packed, float *y, const CKEpilogue *epilogue,
    float *workspace, size_t slice);
/// dx = dy * wᵀ; every element of dx is written. `epilogue` (over inChannels) serves transposed convolutions; or null.
void ck_conv_backward_data(
    const CKConvolution *shape, const float *dy, const float *packed, float *dx, const CKEpilogue *epilogue,
    float *workspace, size_t slice);

/// Floats of one slice's partial weight gradient.
size_t ck_conv_partial_count(const CKConvolution *shape);
/// Writes one slice's part of the weight gradient to `partials + slice * ck_conv_partial_count(shape)`.
void ck_conv_backward_weights(
    const CKConvolution *shape, const float *x, const float *dy, float *partials, float *workspace, size_t slice);
/// The number of independent parts of the reduction below.
size_t ck_conv_reduce_slices(const CKConvolution *shape);
/// dw [kH, kW, inC, outC] = the sum of all slices' partials in their order, plus dw itself where `accumulate`.
void ck_conv_reduce_weights(
    const CKConvolution *shape, const float *partials, float *dw, bool accumulate, size_t reduceSlice);

// MARK: - Depthwise convolution (inChannels == outChannels, weights [kH, kW, C], no packing)

size_t ck_depthwise_slices(const CKConvolution *shape, CKPass pass);
size_t ck_depthwise_workspace(const CKConvolution *shape, CKPass pass);
void ck_depthwise_forward(
    const CKConvolution *shape, const float *x, const float *weights, float *y, const CKEpilogue *epilogue,
    float *workspace, size_t slice);
void ck_depthwise_backward_data(
    const CKConvolution *shape, const float *dy, const float *weights, float *dx, float *workspace, size_t slice);
/// Partials are [slices][kH, kW, C].
void ck_depthwise_backward_weights(
    const CKConvolution *shape, const float *x, const float *dy, float *partials, float *workspace, size_t slice);
/// dw = the sum of the slices' partials in their order, plus dw where `accumulate`.
void ck_depthwise_reduce_weights(const CKConvolution *shape, const float *partials, float *dw, bool accumulate);

// MARK: - im2col, for a reference back end over a BLAS

/// columns [rows of output pixels firstRow..<lastRow (of batch * outHeight)] x [outWidth] x [kH * kW * inC]:
/// y = columns x weights[kH * kW * inC, outC].
void ck_im2col(const CKConvolution *shape, const float *x, float *columns, size_t firstRow, size_t lastRow);
/// Adds the columns of one whole image (outHeight * outWidth rows) to dx of that image, which the caller zeroed.
void ck_col2im(const CKConvolution *shape, const float *columns, float *dx, size_t image);

// MARK: - Normalisation
//
// One "sample" is a run of `rows` pixels that share statistics: all N * H * W pixels in batch norm, the H * W of one
// image in instance and group norm. A sample is cut into blocks of rows (see ck_moment_rows); each block's moments
// are merged in order. `groups` == channels for batch and instance norm; fewer for group norm.

/// Rows of a block that fits the cache: cut samples by it, for moments and for the backward sums.
size_t ck_moment_rows(size_t channels);
/// The mean and the sum of squared deviations of each channel over `rows` rows of x [rows, channels].
void ck_moments(const float *x, size_t rows, size_t channels, float *mean, float *m2);
/// Merges the moments of blocks [blocks, channels], each of `blockRows` rows but the last, `rows` in all.
/// variance is the biased one: m2 / rows. With groups < channels, each channel gets its group's mean and variance.
void ck_moments_merge(
    const float *means, const float *m2s, size_t rows, size_t blockRows, size_t channels, size_t groups, float *mean,
    float *variance);
/// scale = gamma / sqrt(variance + epsilon), shift = beta - mean * scale. Null gamma is 1, null beta 0.
/// `inverseDeviation` (may be null) receives 1 / sqrt(variance + epsilon).
void ck_norm_coefficients(
    const float *mean, const float *variance, const float *gamma, const float *beta, float epsilon, size_t channels,
    float *scale, float *shift, float *inverseDeviation);
/// running += momentum * (mean - running), and the unbiased variance likewise.
void ck_running_moments(
    const float *mean, const float *variance, size_t rows, size_t channels, float momentum, float *runningMean,
    float *runningVariance);

/// y = activation(x * scale[c] + shift[c] + residual). Null scale is 1, null shift 0, null residual 0. In place allowed.
/// Batch norm in both modes, bias, residual sums: all are this.
void ck_channel_affine(
    const float *x, size_t rows, size_t channels, const CKEpilogue *epilogue, float *y);

/// The two sums of a normalisation's backward pass over a block of rows:
/// sumDz[c] = Σ dz, sumDzX[c] = Σ dz * (x - mean) * inverseDeviation, where dz = dy * activation'(z).
///
/// With `y` null, z is recomputed as x * scale + shift (no residual); else the derivative is taken from y, the output.
/// Activations: none, ReLU, ReLU6, leaky ReLU. `dz`, where not null, receives dz (the gradient of the residual);
/// it may be dy.
void ck_norm_backward_sums(
    const float *x, const float *dy, const float *y, size_t rows, size_t channels, const float *mean,
    const float *inverseDeviation, const float *scale, const float *shift, CKActivation activation, float slope,
    float *dz, float *sumDz, float *sumDzX);
/// From the sums of a whole sample (add the blocks' sums in order first), the coefficients of
/// dx = a[c] * dz + b[c] * x + c[c]. `rows` of the sample; groups as above; null gamma is 1.
void ck_norm_backward_coefficients(
    const float *sumDz, const float *sumDzX, const float *mean, const float *inverseDeviation, const float *gamma,
    size_t rows, size_t channels, size_t groups, float *a, float *b, float *c);
/// dx = a * dz + b * x + c over a block of rows; dz from dy as in ck_norm_backward_sums (pass activation none and dy :=
/// dz where that was stored). dx may be dy.
void ck_norm_backward_apply(
    const float *x, const float *dy, const float *y, size_t rows, size_t channels, const float *scale,
    const float *shift, CKActivation activation, float slope, const float *a, const float *b, const float *c,
    float *dx);

/// sums[c] = Σ over rows of x[rows, channels]: bias gradients, means of channels.
void ck_channel_sums(const float *x, size_t rows, size_t channels, float *sums);

// MARK: - Pooling (geometry in CKConvolution, inChannels == outChannels)

/// Rows firstRow..<lastRow of batch * outHeight. `indices` [like y], or null, receives for each output the tap
/// (ky * kernelWidth + kx) of its first maximum.
void ck_max_pool_forward(
    const CKConvolution *shape, const float *x, float *y, uint8_t *indices, size_t firstRow, size_t lastRow);
/// dx of images firstImage..<lastImage, from the taps stored by the forward pass; all of dx is written.
void ck_max_pool_backward(
    const CKConvolution *shape, const float *dy, const uint8_t *indices, float *dx, size_t firstImage,
    size_t lastImage);
/// Each output is the sum of the taps inside the input, divided by kH * kW where `countPadding`, else by their number.
void ck_average_pool_forward(
    const CKConvolution *shape, bool countPadding, const float *x, float *y, size_t firstRow, size_t lastRow);
void ck_average_pool_backward(
    const CKConvolution *shape, bool countPadding, const float *dy, float *dx, size_t firstImage, size_t lastImage);
/// y[c] of one image x [pixels, channels]; and dx = dy[c] / pixels.
void ck_global_average_forward(const float *x, size_t pixels, size_t channels, float *y);
void ck_global_average_backward(const float *dy, size_t pixels, size_t channels, float *dx);

// MARK: - Resizing and rearranging (geometry by arguments; one call does images firstImage..<lastImage)

/// [N, H, W, C] -> [N, 2H, 2W, C].
void ck_nearest2x_forward(
    const float *x, size_t height, size_t width, size_t channels, float *y, size_t firstImage, size_t lastImage);
void ck_nearest2x_backward(
    const float *dy, size_t height, size_t width, size_t channels, float *dx, size_t firstImage, size_t lastImage);
/// Half-pixel centres (PyTorch's align_corners=False), no antialiasing.
void ck_bilinear_forward(
    const float *x, size_t inHeight, size_t inWidth, size_t channels, float *y, size_t outHeight, size_t outWidth,
    size_t firstImage, size_t lastImage);
void ck_bilinear_backward(
    const float *dy, size_t inHeight, size_t inWidth, size_t channels, float *dx, size_t outHeight, size_t outWidth,
    size_t firstImage, size_t lastImage);
/// [N, H, W, C * r * r] -> [N, H * r, W * r, C], channels ordered as PyTorch's PixelShuffle; height and width of x.
/// `channels` is C, those of the result.
void ck_pixel_shuffle_forward(
    const float *x, size_t height, size_t width, size_t channels, size_t factor, float *y, size_t firstImage,
    size_t lastImage);
void ck_pixel_shuffle_backward(
    const float *dy, size_t height, size_t width, size_t channels, size_t factor, float *dx, size_t firstImage,
    size_t lastImage);
/// [N, H, W, C] -> [N, H + top + bottom, W + left + right, C]; each pad is less than the side it mirrors.
void ck_reflection_pad_forward(
    const float *x, size_t height, size_t width, size_t channels, size_t top, size_t bottom, size_t left, size_t right,
    float *y, size_t firstImage, size_t lastImage);
void ck_reflection_pad_backward(
    const float *dy, size_t height, size_t width, size_t channels, size_t top, size_t bottom, size_t left,
    size_t right, float *dx, size_t firstImage, size_t lastImage);

// MARK: - Softmax over the last axis of [rows, columns]

void ck_softmax_forward(const float *x, size_t rows, size_t columns, float *y);
/// dx = y * (dy - Σ dy * y).
void ck_softmax_backward(const float *y, const float *dy, size_t rows, size_t columns, float *dx);
void ck_log_softmax_forward(const float *x, size_t rows, size_t columns, float *y);
/// dx = dy - exp(y) * Σ dy.
void ck_log_softmax_backward(const float *y, const float *dy, size_t rows, size_t columns, float *dx);

// MARK: - Elementwise; z, y may be one of the inputs

void ck_fill(float value, float *y, size_t count);
void ck_add(const float *a, const float *b, float *z, size_t count);
void ck_subtract(const float *a, const float *b, float *z, size_t count);
void ck_multiply(const float *a, const float *b, float *z, size_t count);
void ck_divide(const float *a, const float *b, float *z, size_t count);
/// z += a * b.
void ck_multiply_add(const float *a, const float *b, float *z, size_t count);
/// y = scale * x + offset.
void ck_scale(float scale, float offset, const float *x, float *y, size_t count);
/// y += a * x.
void ck_axpy(float a, const float *x, float *y, size_t count);
/// y = a * x + b * y.
void ck_axpby(float a, const float *x, float b, float *y, size_t count);
/// y = min(max(x, low), high).
void ck_clamp(float low, float high, const float *x, float *y, size_t count);
void ck_absolute(const float *x, float *y, size_t count);
/// -1, 0, 1.
void ck_sign(const float *x, float *y, size_t count);
void ck_square_root(const float *x, float *y, size_t count);
/// Within 2 ulp; 0 below -87.33 (no subnormals), infinity above 88.72, NaN for NaN.
void ck_exp(const float *x, float *y, size_t count);
/// Natural logarithm within 2 ulp for normal numbers; -infinity at 0, NaN below.
void ck_log(const float *x, float *y, size_t count);
/// log(1 + exp(x)) without overflow: the loss of logits.
void ck_softplus(const float *x, float *y, size_t count);

/// Sums in a fixed order: 16 running sums per 4096 elements in float, those blocks in double. Cut at multiples of 4096
/// where several threads share one sum.
double ck_sum(const float *x, size_t count);
double ck_dot(const float *a, const float *b, size_t count);
double ck_sum_squares(const float *x, size_t count);
double ck_sum_absolute(const float *x, size_t count);
double ck_squared_distance(const float *a, const float *b, size_t count);
double ck_absolute_distance(const float *a, const float *b, size_t count);
/// The greatest magnitude; NaN where there is one.
float ck_max_absolute(const float *x, size_t count);
bool ck_all_finite(const float *x, size_t count);

// MARK: - Optimisers; each gradient is first multiplied by gradientScale (clipping, mean of micro-batches)

/// g += weightDecay * w; m = momentum * m + g; w -= rate * (nesterov ? g + momentum * m : m). PyTorch's SGD, except that
/// m starts from zero (the same numbers with dampening 0).
void ck_sgd_step(
    float *weights, const float *gradient, float *momentumBuffer, size_t count, float rate, float momentum,
    float weightDecay, bool nesterov, float gradientScale);

typedef struct CKAdam {
  float rate, beta1, beta2, epsilon, weightDecay;  // decay is decoupled: AdamW; 0 gives Adam
  float correction1, correction2;                  // 1 - beta1^t, 1 - beta2^t
  float gradientScale;
} CKAdam;
/// PyTorch's AdamW.
void ck_adam_step(
    float *weights, const float *gradient, float *m, float *v, size_t count, const CKAdam *parameters);
/// average = decay * average + (1 - decay) * weights.
void ck_average_step(float *average, const float *weights, size_t count, float decay);

// MARK: - Conversion

/// y = x * scale[c] + shift[c], x [pixels, channels], channels 1...4.
void ck_normalise_u8(
    const uint8_t *x, size_t pixels, size_t channels, const float *scale, const float *shift, float *y);
/// y = clamp(round-half-even(x * scale + offset), 0, 255); NaN gives 0.
void ck_quantise_u8(const float *x, size_t count, float scale, float offset, uint8_t *y);
/// IEEE binary16, round to nearest even; subnormals, infinities and NaN kept.
void ck_half_to_float(const uint16_t *x, float *y, size_t count);
void ck_float_to_half(const float *x, uint16_t *y, size_t count);
void ck_bfloat16_to_float(const uint16_t *x, float *y, size_t count);
void ck_float_to_bfloat16(const float *x, uint16_t *y, size_t count);

#include "CKTransformer.h"

#ifdef __cplusplus
}
#endif
