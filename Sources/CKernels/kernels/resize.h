// Enlarging by two and bilinear resizing.

static void isa_nearest2x_forward(
    const float *x, size_t height, size_t width, size_t channels, float *y, size_t firstImage, size_t lastImage) {
  const size_t bytes = channels * sizeof(float), row = 2 * width * channels;
  for (size_t r = firstImage * height; r < lastImage * height; r++) {
    float *to = y + 2 * r * row;
    for (size_t q = 0; q < width; q++) {
      const float *from = x + (r * width + q) * channels;
      memcpy(to + 2 * q * channels, from, bytes);
      memcpy(to + (2 * q + 1) * channels, from, bytes);
    }
    memcpy(to + row, to, row * sizeof(float));
  }
}

static void isa_nearest2x_backward(
    const float *dy, size_t height, size_t width, size_t channels, float *dx, size_t firstImage, size_t lastImage) {
  const size_t row = 2 * width * channels;
  for (size_t r = firstImage * height; r < lastImage * height; r++)
    for (size_t q = 0; q < width; q++) {
      const float *from = dy + 2 * r * row + 2 * q * channels;
      float *to = dx + (r * width + q) * channels;
      for (size_t c = 0; c < channels; c++)
        to[c] = (from[c] + from[c + channels]) + (from[c + row] + from[c + row + channels]);
    }
}

/// The two source samples of one target, half-pixel centres, and the second one's weight.
typedef struct Blend {
  size_t low, high;
  float weight;
} Blend;

INLINE Blend blend_at(size_t target, size_t in, size_t out) {
  float at = ((float)target + 0.5f) * ((float)in / (float)out) - 0.5f;
  if (at < 0) at = 0;
  size_t low = (size_t)at;
  if (low > in - 1) low = in - 1;
  size_t high = low + 1 < in ? low + 1 : low;
  return (Blend){low, high, at - (float)low};
}

static void isa_bilinear_forward(
    const float *x, size_t inHeight, size_t inWidth, size_t channels, float *y, size_t outHeight, size_t outWidth,
    size_t firstImage, size_t lastImage) {
  for (size_t n = firstImage; n < lastImage; n++)
    for (size_t oy = 0; oy < outHeight; oy++) {
      const Blend v = blend_at(oy, inHeight, outHeight);
      const float *top = x + (n * inHeight + v.low) * inWidth * channels;
      const float *bottom = x + (n * inHeight + v.high) * inWidth * channels;
      for (size_t ox = 0; ox < outWidth; ox++) {
        const Blend h = blend_at(ox, inWidth, outWidth);
        const size_t l = h.low * channels, r = h.high * channels;
        float *to = y + ((n * outHeight + oy) * outWidth + ox) * channels;
        for (size_t c = 0; c < channels; c++) {
          float a = top[l + c] * (1 - h.weight) + top[r + c] * h.weight;
          float b = bottom[l + c] * (1 - h.weight) + bottom[r + c] * h.weight;
          to[c] = a * (1 - v.weight) + b * v.weight;
        }
      }
    }
}

static void isa_bilinear_backward(
    const float *dy, size_t inHeight, size_t inWidth, size_t channels, float *dx, size_t outHeight, size_t outWidth,
    size_t firstImage, size_t lastImage) {
  memset(dx + firstImage * inHeight * inWidth * channels, 0,
         (lastImage - firstImage) * inHeight * inWidth * channels * sizeof(float));
  for (size_t n = firstImage; n < lastImage; n++)
    for (size_t oy = 0; oy < outHeight; oy++) {
      const Blend v = blend_at(oy, inHeight, outHeight);
      float *top = dx + (n * inHeight + v.low) * inWidth * channels;
      float *bottom = dx + (n * inHeight + v.high) * inWidth * channels;
      for (size_t ox = 0; ox < outWidth; ox++) {
        const Blend h = blend_at(ox, inWidth, outWidth);
        const size_t l = h.low * channels, r = h.high * channels;
        const float *from = dy + ((n * outHeight + oy) * outWidth + ox) * channels;
        for (size_t c = 0; c < channels; c++) {
          const float a = from[c] * (1 - v.weight), b = from[c] * v.weight;
          top[l + c] += a * (1 - h.weight);
          top[r + c] += a * h.weight;
          bottom[l + c] += b * (1 - h.weight);
          bottom[r + c] += b * h.weight;
        }
      }
    }
}
