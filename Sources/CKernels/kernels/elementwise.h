// Kernels on flat arrays. Each lane is computed alike in body and tail, so arrays may be cut anywhere.

#define MAP1(name, parameters, expression)                                                                             \
  static void isa_##name parameters {                                                                                  \
    size_t i = 0;                                                                                                      \
    for (; i + VL <= count; i += VL) {                                                                                 \
      vf v = load(x + i);                                                                                              \
      store(y + i, expression);                                                                                        \
    }                                                                                                                  \
    if (i < count) {                                                                                                   \
      vf v = load_part(x + i, count - i);                                                                              \
      store_part(y + i, expression, count - i);                                                                        \
    }                                                                                                                  \
  }

MAP1(scale, (float scale, float offset, const float *x, float *y, size_t count), scale *v + offset)
MAP1(clamp, (float low, float high, const float *x, float *y, size_t count),
     lesser(splat(high), greater(splat(low), v)))
MAP1(absolute, (const float *x, float *y, size_t count), (vf)((vi)v & 0x7fffffff))
MAP1(sign, (const float *x, float *y, size_t count),
     choose(v > 0, splat(1), choose(v < 0, splat(-1), v)))
MAP1(square_root, (const float *x, float *y, size_t count), square_root(v))
MAP1(exp, (const float *x, float *y, size_t count), exponential(v))
MAP1(log, (const float *x, float *y, size_t count), logarithm(v))

/// max(x, 0) + log(1 + e^-|x|), the second by 2 artanh where the sum would lose it.
INLINE vf softplus(vf v) {
  vf e = exponential((vf)((vi)v | (vi)splat(-0.0f)));
  vf one = 1.0f + e;
  vf log1p = logarithm(one) + (e - (one - 1.0f)) / one;
  return greater(v, splat(0)) + choose(v == v, log1p, v);
}
MAP1(softplus, (const float *x, float *y, size_t count), softplus(v))

#define MAP2(name, expression)                                                                                         \
  static void isa_##name(const float *a, const float *b, float *z, size_t count) {                                     \
    for (size_t i = 0; i < count; i++) z[i] = expression;                                                              \
  }

MAP2(add, a[i] + b[i])
MAP2(subtract, a[i] - b[i])
MAP2(multiply, a[i] * b[i])
MAP2(divide, a[i] / b[i])
MAP2(multiply_add, z[i] + a[i] * b[i])

static void isa_fill(float value, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = value;
}

static void isa_axpy(float a, const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] += a * x[i];
}

static void isa_axpby(float a, const float *x, float b, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = a * x[i] + b * y[i];
}

// Sums: 16 running sums whatever VL is, folded into a double after every 4096 elements.
#define LANES (16 / VL)
#define REDUCE(name, parameters, second, term)                                                                         \
  static double isa_##name parameters {                                                                                \
    double total = 0;                                                                                                  \
    for (size_t start = 0; start < count; start += 4096) {                                                             \
      size_t end = count - start < 4096 ? count : start + 4096, i = start;                                             \
      float sums[16] = {0};                                                                                            \
      vf lanes[LANES] = {0};                                                                                           \
      for (; i + 16 <= end; i += 16) UNROLL for (int l = 0; l < LANES; l++) {                                          \
          vf p = load(x + i + l * VL), q = load(second + i + l * VL);                                                  \
          (void)q;                                                                                                     \
          lanes[l] += term;                                                                                            \
        }                                                                                                              \
      memcpy(sums, lanes, sizeof sums);                                                                                \
      for (int l = 0; i < end; i++, l++) {                                                                             \
        vf p = splat(x[i]), q = splat(second[i]);                                                                      \
        (void)q;                                                                                                       \
        vf t = splat(sums[l]);                                                                                         \
        t += term;                                                                                                     \
        sums[l] = t[0];                                                                                                \
      }                                                                                                                \
      for (int width = 8; width > 0; width /= 2)                                                                       \
        for (int l = 0; l < width; l++) sums[l] += sums[l + width];                                                    \
      total += (double)sums[0];                                                                                        \
    }                                                                                                                  \
    return total;                                                                                                      \
  }

REDUCE(sum, (const float *x, size_t count), x, p)
REDUCE(dot, (const float *x, const float *b, size_t count), b, p *q)
REDUCE(sum_squares, (const float *x, size_t count), x, p *p)
REDUCE(sum_absolute, (const float *x, size_t count), x, (vf)((vi)p & 0x7fffffff))
REDUCE(squared_distance, (const float *x, const float *b, size_t count), b, (p - q) * (p - q))
REDUCE(absolute_distance, (const float *x, const float *b, size_t count), b, (vf)((vi)(p - q) & 0x7fffffff))

/// The bits of |x| order as integers, NaN above infinity.
INLINE uint32_t max_magnitude_bits(const float *x, size_t count) {
  uint32_t most = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, x + i, 4);
    bits &= 0x7fffffff;
    most = bits > most ? bits : most;
  }
  return most;
}

static float isa_max_absolute(const float *x, size_t count) {
  uint32_t bits = max_magnitude_bits(x, count);
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

static bool isa_all_finite(const float *x, size_t count) { return max_magnitude_bits(x, count) < 0x7f800000; }

static void isa_normalise_u8(
    const uint8_t *x, size_t pixels, size_t channels, const float *scale, const float *shift, float *y) {
  if (channels == 3) {
    const float s0 = scale[0], s1 = scale[1], s2 = scale[2], t0 = shift[0], t1 = shift[1], t2 = shift[2];
    for (size_t i = 0; i < pixels; i++) {
      y[3 * i] = (float)x[3 * i] * s0 + t0;
      y[3 * i + 1] = (float)x[3 * i + 1] * s1 + t1;
      y[3 * i + 2] = (float)x[3 * i + 2] * s2 + t2;
    }
  } else {
    for (size_t i = 0; i < pixels; i++)
      for (size_t c = 0; c < channels; c++) y[i * channels + c] = (float)x[i * channels + c] * scale[c] + shift[c];
  }
}

static void isa_quantise_u8(const float *x, size_t count, float scale, float offset, uint8_t *y) {
  for (size_t i = 0; i < count; i++) {
    float v = x[i] * scale + offset;
    v = v > 0 ? v : 0;  // NaN gives 0
    v = v < 255 ? v : 255;
    float rounded = v + 8388608.0f;  // 2^23: the integer lies in the low bits, rounded half to even
    uint32_t bits;
    memcpy(&bits, &rounded, 4);
    y[i] = (uint8_t)bits;
  }
}
