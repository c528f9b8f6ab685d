// What moves numbers without computing much, and small arithmetic over channels: one build serves every processor.

#include <math.h>
#include <string.h>

#include "include/CKernels.h"

void ck_conv_weights_from_oihw(
    ptrdiff_t outC, ptrdiff_t inC, ptrdiff_t kH, ptrdiff_t kW, const float *oihw, float *hwio) {
  for (ptrdiff_t o = 0; o < outC; o++)
    for (ptrdiff_t i = 0; i < inC; i++)
      for (ptrdiff_t k = 0; k < kH * kW; k++) hwio[(k * inC + i) * outC + o] = *oihw++;
}

void ck_conv_weights_to_oihw(
    ptrdiff_t outC, ptrdiff_t inC, ptrdiff_t kH, ptrdiff_t kW, const float *hwio, float *oihw) {
  for (ptrdiff_t o = 0; o < outC; o++)
    for (ptrdiff_t i = 0; i < inC; i++)
      for (ptrdiff_t k = 0; k < kH * kW; k++) *oihw++ = hwio[(k * inC + i) * outC + o];
}

void ck_im2col(const CKConvolution *s, const float *x, float *columns, size_t firstRow, size_t lastRow) {
  const ptrdiff_t C = s->inChannels;
  for (ptrdiff_t row = (ptrdiff_t)firstRow; row < (ptrdiff_t)lastRow; row++) {
    const float *image = x + row / s->outHeight * s->inHeight * s->inWidth * C;
    const ptrdiff_t y0 = row % s->outHeight * s->stride - s->padTop;
    for (ptrdiff_t ox = 0; ox < s->outWidth; ox++)
      for (ptrdiff_t ky = 0; ky < s->kernelHeight; ky++)
        for (ptrdiff_t kx = 0; kx < s->kernelWidth; kx++, columns += C) {
          const ptrdiff_t iy = y0 + ky, ix = ox * s->stride + kx - s->padLeft;
          if (iy >= 0 && iy < s->inHeight && ix >= 0 && ix < s->inWidth)
            memcpy(columns, image + (iy * s->inWidth + ix) * C, (size_t)C * sizeof(float));
          else
            memset(columns, 0, (size_t)C * sizeof(float));
        }
  }
}

void ck_col2im(const CKConvolution *s, const float *columns, float *dx, size_t image) {
  const ptrdiff_t C = s->inChannels;
  dx += (ptrdiff_t)image * s->inHeight * s->inWidth * C;
  for (ptrdiff_t oy = 0; oy < s->outHeight; oy++)
    for (ptrdiff_t ox = 0; ox < s->outWidth; ox++)
      for (ptrdiff_t ky = 0; ky < s->kernelHeight; ky++)
        for (ptrdiff_t kx = 0; kx < s->kernelWidth; kx++, columns += C) {
          const ptrdiff_t iy = oy * s->stride + ky - s->padTop, ix = ox * s->stride + kx - s->padLeft;
          if (iy < 0 || iy >= s->inHeight || ix < 0 || ix >= s->inWidth) continue;
          float *to = dx + (iy * s->inWidth + ix) * C;
          for (ptrdiff_t c = 0; c < C; c++) to[c] += columns[c];
        }
}

// MARK: - Normalisation: the arithmetic over channels alone

size_t ck_moment_rows(size_t channels) { return channels >= 16384 ? 1 : 16384 / (channels ? channels : 1); }

void ck_moments_merge(
    const float *means, const float *m2s, size_t rows, size_t blockRows, size_t channels, size_t groups, float *mean,
    float *variance) {
  const size_t per = channels / groups;
  for (size_t first = 0; first < channels; first += per) {
    double count = 0, average = 0, squares = 0;  // Chan et al. 1979, the merging of two samples' moments
    for (size_t start = 0, block = 0; start < rows; start += blockRows, block++) {
      const double n = (double)(rows - start < blockRows ? rows - start : blockRows);
      for (size_t c = first; c < first + per; c++) {
        const double delta = (double)means[block * channels + c] - average, total = count + n;
        average += delta * n / total;
        squares += (double)m2s[block * channels + c] + delta * delta * count * n / total;
        count = total;
      }
    }
    for (size_t c = first; c < first + per; c++) {
      mean[c] = (float)average;
      variance[c] = (float)(squares / count);
    }
  }
}

void ck_norm_coefficients(
    const float *mean, const float *variance, const float *gamma, const float *beta, float epsilon, size_t channels,
    float *scale, float *shift, float *inverseDeviation) {
  for (size_t c = 0; c < channels; c++) {
    const float inverse = 1.0f / sqrtf(variance[c] + epsilon);
    const float s = (gamma ? gamma[c] : 1.0f) * inverse;
    scale[c] = s;
    shift[c] = (beta ? beta[c] : 0.0f) - mean[c] * s;
    if (inverseDeviation) inverseDeviation[c] = inverse;
  }
}

void ck_running_moments(
    const float *mean, const float *variance, size_t rows, size_t channels, float momentum, float *runningMean,
    float *runningVariance) {
  const float unbias = rows > 1 ? (float)rows / (float)(rows - 1) : 1.0f;
  for (size_t c = 0; c < channels; c++) {
    runningMean[c] += momentum * (mean[c] - runningMean[c]);
    runningVariance[c] += momentum * (variance[c] * unbias - runningVariance[c]);
  }
}

void ck_norm_backward_coefficients(
    const float *sumDz, const float *sumDzX, const float *mean, const float *inverseDeviation, const float *gamma,
    size_t rows, size_t channels, size_t groups, float *a, float *b, float *c) {
  const size_t per = channels / groups;
  const double count = (double)rows * (double)per;
  for (size_t first = 0; first < channels; first += per) {
    double sum = 0, sumX = 0;
    for (size_t k = first; k < first + per; k++) {
      const double g = gamma ? (double)gamma[k] : 1.0;
      sum += g * (double)sumDz[k];
      sumX += g * (double)sumDzX[k];
    }
    // dx = inverse * (gamma * dz - sum / count - (x - mean) * inverse * sumX / count)
    for (size_t k = first; k < first + per; k++) {
      const double g = gamma ? (double)gamma[k] : 1.0, inverse = (double)inverseDeviation[k];
      a[k] = (float)(g * inverse);
      b[k] = (float)(-inverse * inverse * sumX / count);
      c[k] = (float)(inverse * (-sum / count + (double)mean[k] * inverse * sumX / count));
    }
  }
}

// MARK: - Rearranging

void ck_pixel_shuffle_forward(
    const float *x, size_t height, size_t width, size_t channels, size_t factor, float *y, size_t firstImage,
    size_t lastImage) {
  const size_t area = factor * factor, wide = width * factor;
  for (size_t r = firstImage * height; r < lastImage * height; r++)
    for (size_t q = 0; q < width; q++)
      for (size_t i = 0; i < factor; i++)
        for (size_t j = 0; j < factor; j++)
          for (size_t c = 0; c < channels; c++)
            y[((r * factor + i) * wide + q * factor + j) * channels + c] =
                x[(r * width + q) * channels * area + c * area + i * factor + j];
}

void ck_pixel_shuffle_backward(
    const float *dy, size_t height, size_t width, size_t channels, size_t factor, float *dx, size_t firstImage,
    size_t lastImage) {
  const size_t area = factor * factor, wide = width * factor;
  for (size_t r = firstImage * height; r < lastImage * height; r++)
    for (size_t q = 0; q < width; q++)
      for (size_t i = 0; i < factor; i++)
        for (size_t j = 0; j < factor; j++)
          for (size_t c = 0; c < channels; c++)
            dx[(r * width + q) * channels * area + c * area + i * factor + j] =
                dy[((r * factor + i) * wide + q * factor + j) * channels + c];
}

/// The sample that position `at` of a padded side shows.
static size_t mirrored(size_t at, size_t pad, size_t side) {
  if (at < pad) return pad - at;
  at -= pad;
  return at < side ? at : 2 * (side - 1) - at;
}

void ck_reflection_pad_forward(
    const float *x, size_t height, size_t width, size_t channels, size_t top, size_t bottom, size_t left, size_t right,
    float *y, size_t firstImage, size_t lastImage) {
  const size_t tall = height + top + bottom, wide = width + left + right;
  for (size_t n = firstImage; n < lastImage; n++)
    for (size_t r = 0; r < tall; r++) {
      const float *from = x + (n * height + mirrored(r, top, height)) * width * channels;
      float *to = y + (n * tall + r) * wide * channels;
      for (size_t q = 0; q < wide; q++) {
        if (q == left) {
          memcpy(to + q * channels, from, width * channels * sizeof(float));
          q += width - 1;
        } else {
          memcpy(to + q * channels, from + mirrored(q, left, width) * channels, channels * sizeof(float));
        }
      }
    }
}

void ck_reflection_pad_backward(
    const float *dy, size_t height, size_t width, size_t channels, size_t top, size_t bottom, size_t left,
    size_t right, float *dx, size_t firstImage, size_t lastImage) {
  const size_t tall = height + top + bottom, wide = width + left + right;
  memset(dx + firstImage * height * width * channels, 0,
         (lastImage - firstImage) * height * width * channels * sizeof(float));
  for (size_t n = firstImage; n < lastImage; n++)
    for (size_t r = 0; r < tall; r++)
      for (size_t q = 0; q < wide; q++) {
        float *to = dx + ((n * height + mirrored(r, top, height)) * width + mirrored(q, left, width)) * channels;
        const float *from = dy + ((n * tall + r) * wide + q) * channels;
        for (size_t c = 0; c < channels; c++) to[c] += from[c];
      }
}

// MARK: - Half precision

static float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

static uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return bits;
}

void ck_half_to_float(const uint16_t *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const uint32_t sign = (uint32_t)(x[i] & 0x8000) << 16, magnitude = x[i] & 0x7fff;
    uint32_t bits;
    if (magnitude >= 0x7c00)
      bits = 0x7f800000 | (magnitude & 0x3ff) << 13;
    else if (magnitude >= 0x400)
      bits = (magnitude << 13) + (112u << 23);
    else
      bits = bits_of((float)magnitude * 0x1p-24f);
    y[i] = float_of(sign | bits);
  }
}

void ck_float_to_half(const float *x, uint16_t *y, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const uint32_t bits = bits_of(x[i]), sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
    uint32_t half;
    if (magnitude > 0x7f800000) {
      half = 0x7e00 | (magnitude >> 13 & 0x3ff);
    } else if (magnitude >= 0x477ff000) {
      half = 0x7c00;  // 65520 and above round to infinity
    } else if (magnitude >= 0x38800000) {
      half = (magnitude - (112u << 23) + 0xfff + (magnitude >> 13 & 1)) >> 13;
    } else {
      // Adding 0.5 leaves the subnormal in the low bits, rounded half to even.
      half = bits_of(float_of(magnitude) + 0.5f) - bits_of(0.5f);
    }
    y[i] = (uint16_t)(sign | half);
  }
}

void ck_bfloat16_to_float(const uint16_t *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = float_of((uint32_t)x[i] << 16);
}

void ck_float_to_bfloat16(const float *x, uint16_t *y, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const uint32_t bits = bits_of(x[i]);
    if ((bits & 0x7fffffff) > 0x7f800000)
      y[i] = (uint16_t)(bits >> 16 | 0x40);
    else
      y[i] = (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
  }
}
