// Pooling. Channels are innermost, so every loop over them is a vector loop.

static void isa_max_pool_forward(
    CK_SHAPE, const float *x, float *y, uint8_t *indices, size_t firstRow, size_t lastRow) {
  const ptrdiff_t channels = shape->inChannels, H = shape->inHeight, W = shape->inWidth;
  for (ptrdiff_t row = (ptrdiff_t)firstRow; row < (ptrdiff_t)lastRow; row++) {
    const ptrdiff_t n = row / shape->outHeight, oy = row % shape->outHeight;
    for (ptrdiff_t ox = 0; ox < shape->outWidth; ox++) {
      float *to = y + (row * shape->outWidth + ox) * channels;
      uint8_t *at = indices ? indices + (row * shape->outWidth + ox) * channels : NULL;
      for (ptrdiff_t c = 0; c < channels; c++) to[c] = -INFINITY;
      if (at) memset(at, 0, (size_t)channels);
      bool first = true;
      for (ptrdiff_t ky = 0; ky < shape->kernelHeight; ky++)
        for (ptrdiff_t kx = 0; kx < shape->kernelWidth; kx++) {
          const ptrdiff_t iy = oy * shape->stride + ky - shape->padTop, ix = ox * shape->stride + kx - shape->padLeft;
          if (iy < 0 || iy >= H || ix < 0 || ix >= W) continue;
          const float *from = x + ((n * H + iy) * W + ix) * channels;
          const uint8_t tap = (uint8_t)(ky * shape->kernelWidth + kx);
          if (first) {
            memcpy(to, from, (size_t)channels * sizeof(float));
            if (at) memset(at, tap, (size_t)channels);
            first = false;
          } else if (at) {
            for (ptrdiff_t c = 0; c < channels; c++) {
              bool more = !(from[c] <= to[c]) && to[c] == to[c];  // the first NaN wins, as the first maximum does
              to[c] = more ? from[c] : to[c];
              at[c] = more ? tap : at[c];
            }
          } else {
            for (ptrdiff_t c = 0; c < channels; c++) to[c] = !(from[c] <= to[c]) && to[c] == to[c] ? from[c] : to[c];
          }
        }
    }
  }
}

static void isa_max_pool_backward(
    CK_SHAPE, const float *dy, const uint8_t *indices, float *dx, size_t firstImage, size_t lastImage) {
  const ptrdiff_t channels = shape->inChannels, H = shape->inHeight, W = shape->inWidth;
  memset(dx + (ptrdiff_t)firstImage * H * W * channels, 0,
         (lastImage - firstImage) * (size_t)(H * W * channels) * sizeof(float));
  for (ptrdiff_t n = (ptrdiff_t)firstImage; n < (ptrdiff_t)lastImage; n++)
    for (ptrdiff_t oy = 0; oy < shape->outHeight; oy++)
      for (ptrdiff_t ox = 0; ox < shape->outWidth; ox++) {
        const ptrdiff_t at = ((n * shape->outHeight + oy) * shape->outWidth + ox) * channels;
        for (ptrdiff_t c = 0; c < channels; c++) {
          const ptrdiff_t iy = oy * shape->stride + indices[at + c] / shape->kernelWidth - shape->padTop;
          const ptrdiff_t ix = ox * shape->stride + indices[at + c] % shape->kernelWidth - shape->padLeft;
          if (iy >= 0 && iy < H && ix >= 0 && ix < W) dx[((n * H + iy) * W + ix) * channels + c] += dy[at + c];
        }
      }
}

/// The factor of one output of average pooling.
INLINE float average_factor(CK_SHAPE, bool countPadding, ptrdiff_t oy, ptrdiff_t ox) {
  ptrdiff_t count = shape->kernelHeight * shape->kernelWidth;
  if (!countPadding) {
    const ptrdiff_t y = oy * shape->stride - shape->padTop, x = ox * shape->stride - shape->padLeft;
    count = (least(shape->inHeight, y + shape->kernelHeight) - most(0, y)) *
            (least(shape->inWidth, x + shape->kernelWidth) - most(0, x));
  }
  return 1.0f / (float)most(1, count);
}

static void isa_average_pool_forward(
    CK_SHAPE, bool countPadding, const float *x, float *y, size_t firstRow, size_t lastRow) {
  const ptrdiff_t channels = shape->inChannels, H = shape->inHeight, W = shape->inWidth;
  for (ptrdiff_t row = (ptrdiff_t)firstRow; row < (ptrdiff_t)lastRow; row++) {
    const ptrdiff_t n = row / shape->outHeight, oy = row % shape->outHeight;
    for (ptrdiff_t ox = 0; ox < shape->outWidth; ox++) {
      float *to = y + (row * shape->outWidth + ox) * channels;
      memset(to, 0, (size_t)channels * sizeof(float));
      for (ptrdiff_t ky = 0; ky < shape->kernelHeight; ky++)
        for (ptrdiff_t kx = 0; kx < shape->kernelWidth; kx++) {
          const ptrdiff_t iy = oy * shape->stride + ky - shape->padTop, ix = ox * shape->stride + kx - shape->padLeft;
          if (iy < 0 || iy >= H || ix < 0 || ix >= W) continue;
          const float *from = x + ((n * H + iy) * W + ix) * channels;
          for (ptrdiff_t c = 0; c < channels; c++) to[c] += from[c];
        }
      const float factor = average_factor(shape, countPadding, oy, ox);
      for (ptrdiff_t c = 0; c < channels; c++) to[c] *= factor;
    }
  }
}

static void isa_average_pool_backward(
    CK_SHAPE, bool countPadding, const float *dy, float *dx, size_t firstImage, size_t lastImage) {
  const ptrdiff_t channels = shape->inChannels, H = shape->inHeight, W = shape->inWidth;
  memset(dx + (ptrdiff_t)firstImage * H * W * channels, 0,
         (lastImage - firstImage) * (size_t)(H * W * channels) * sizeof(float));
  for (ptrdiff_t n = (ptrdiff_t)firstImage; n < (ptrdiff_t)lastImage; n++)
    for (ptrdiff_t oy = 0; oy < shape->outHeight; oy++)
      for (ptrdiff_t ox = 0; ox < shape->outWidth; ox++) {
        const float *from = dy + ((n * shape->outHeight + oy) * shape->outWidth + ox) * channels;
        const float factor = average_factor(shape, countPadding, oy, ox);
        for (ptrdiff_t ky = 0; ky < shape->kernelHeight; ky++)
          for (ptrdiff_t kx = 0; kx < shape->kernelWidth; kx++) {
            const ptrdiff_t iy = oy * shape->stride + ky - shape->padTop;
            const ptrdiff_t ix = ox * shape->stride + kx - shape->padLeft;
            if (iy < 0 || iy >= H || ix < 0 || ix >= W) continue;
            float *to = dx + ((n * H + iy) * W + ix) * channels;
            for (ptrdiff_t c = 0; c < channels; c++) to[c] += factor * from[c];
          }
      }
}

static void isa_global_average_forward(const float *x, size_t pixels, size_t channels, float *y) {
  isa_channel_sums(x, pixels, channels, y);
  for (size_t c = 0; c < channels; c++) y[c] *= 1.0f / (float)pixels;
}

static void isa_global_average_backward(const float *dy, size_t pixels, size_t channels, float *dx) {
  const float factor = 1.0f / (float)pixels;
  for (size_t p = 0; p < pixels; p++)
    for (size_t c = 0; c < channels; c++) dx[p * channels + c] = dy[c] * factor;
}
