// Statistics and affine maps per channel of [rows, channels]. Channels are taken in blocks of up to four vectors,
// whose sums stay in registers while the rows go by.

INLINE vf load_channels(const float *p, size_t n, bool whole) { return whole ? load(p) : load_part(p, n); }
INLINE void store_channels(float *p, vf v, size_t n, bool whole) {
  if (whole)
    store(p, v);
  else
    store_part(p, v, n);
}

/// The bodies below are functions of constants, inlined once for each kind of block.
#define CHANNEL_BLOCKS(function, ...)                                                                                  \
  for (size_t c = 0; c < channels;) {                                                                                  \
    size_t left = channels - c;                                                                                        \
    if (left >= 4 * VL) {                                                                                              \
      function(4, VL, true, c, __VA_ARGS__);                                                                           \
      c += 4 * VL;                                                                                                     \
    } else if (left >= VL) {                                                                                           \
      function(1, VL, true, c, __VA_ARGS__);                                                                           \
      c += VL;                                                                                                         \
    } else {                                                                                                           \
      function(1, left, false, c, __VA_ARGS__);                                                                        \
      c += VL;                                                                                                         \
    }                                                                                                                  \
  }

INLINE void sums_block(
    const int vectors, size_t n, const bool whole, size_t c, const float *x, size_t rows, size_t channels,
    float *sums) {
  vf s[4] = {0};
  for (size_t r = 0; r < rows; r++)
    UNROLL for (int j = 0; j < vectors; j++) s[j] += load_channels(x + r * channels + c + j * VL, n, whole);
  UNROLL for (int j = 0; j < vectors; j++) store_channels(sums + c + j * VL, s[j], n, whole);
}

static void isa_channel_sums(const float *x, size_t rows, size_t channels, float *sums) {
  CHANNEL_BLOCKS(sums_block, x, rows, channels, sums)
}

INLINE void moments_block(
    const int vectors, size_t n, const bool whole, size_t c, const float *x, size_t rows, size_t channels, float *mean,
    float *m2) {
  vf s[4] = {0}, q[4] = {0};
  for (size_t r = 0; r < rows; r++)
    UNROLL for (int j = 0; j < vectors; j++) s[j] += load_channels(x + r * channels + c + j * VL, n, whole);
  UNROLL for (int j = 0; j < vectors; j++) s[j] *= 1.0f / (float)rows;
  for (size_t r = 0; r < rows; r++)
    UNROLL for (int j = 0; j < vectors; j++) {
      vf d = load_channels(x + r * channels + c + j * VL, n, whole) - s[j];
      q[j] += d * d;
    }
  UNROLL for (int j = 0; j < vectors; j++) {
    store_channels(mean + c + j * VL, s[j], n, whole);
    store_channels(m2 + c + j * VL, q[j], n, whole);
  }
}

static void isa_moments(const float *x, size_t rows, size_t channels, float *mean, float *m2) {
  CHANNEL_BLOCKS(moments_block, x, rows, channels, mean, m2)
}

// Affine maps run along the rows, channels innermost, so that memory is read in order.

static void isa_channel_affine(const float *x, size_t rows, size_t channels, const CKEpilogue *epilogue, float *y) {
  const CKEpilogue e = *epilogue;
#define AFFINE(constant)                                                                                               \
  for (size_t r = 0; r < rows; r++) {                                                                                  \
    const size_t base = r * channels;                                                                                  \
    size_t c = 0;                                                                                                      \
    for (; c + VL <= channels; c += VL) {                                                                              \
      vf v = load(x + base + c);                                                                                       \
      if (e.scale) v *= load(e.scale + c);                                                                             \
      if (e.shift) v += load(e.shift + c);                                                                             \
      if (e.residual) v += load(e.residual + base + c);                                                                \
      store(y + base + c, activate(constant, e.slope, v));                                                             \
    }                                                                                                                  \
    if (c < channels) {                                                                                                \
      const size_t n = channels - c;                                                                                   \
      vf v = load_part(x + base + c, n);                                                                               \
      if (e.scale) v *= load_part(e.scale + c, n);                                                                     \
      if (e.shift) v += load_part(e.shift + c, n);                                                                     \
      if (e.residual) v += load_part(e.residual + base + c, n);                                                        \
      store_part(y + base + c, activate(constant, e.slope, v), n);                                                     \
    }                                                                                                                  \
  }
  FOR_EACH_ACTIVATION(e.activation, AFFINE)
#undef AFFINE
}

/// What the backward kernels share: where dz comes from.
typedef struct NormBackward {
  const float *x, *dy, *y;  // y or null
  const float *scale, *shift;
  float slope;
} NormBackward;

INLINE vf norm_dz(
    CKActivation activation, const NormBackward *s, size_t at, size_t c, vf x, size_t n, const bool whole) {
  vf dy = load_channels(s->dy + at, n, whole);
  if (activation == CKActivationNone) return dy;
  vf z;
  if (s->y)
    z = load_channels(s->y + at, n, whole);
  else
    z = x * load_channels(s->scale + c, n, whole) + load_channels(s->shift + c, n, whole);
  return piecewise_gradient(activation, s->slope, z, dy);
}

INLINE void norm_sums_block(
    const int vectors, size_t n, const bool whole, size_t c, CKActivation activation, const NormBackward *s,
    size_t rows, size_t channels, const float *mean, const float *inverseDeviation, float *dz, float *sumDz,
    float *sumDzX) {
  vf sum[4] = {0}, sumX[4] = {0}, m[4] = {0};
  UNROLL for (int j = 0; j < vectors; j++) m[j] = load_channels(mean + c + j * VL, n, whole);
  for (size_t r = 0; r < rows; r++)
    UNROLL for (int j = 0; j < vectors; j++) {
      size_t at = r * channels + c + j * VL;
      vf x = load_channels(s->x + at, n, whole);
      vf d = norm_dz(activation, s, at, c + j * VL, x, n, whole);
      if (dz) store_channels(dz + at, d, n, whole);
      sum[j] += d;
      sumX[j] += d * (x - m[j]);
    }
  UNROLL for (int j = 0; j < vectors; j++) {
    store_channels(sumDz + c + j * VL, sum[j], n, whole);
    vf inverse = load_channels(inverseDeviation + c + j * VL, n, whole);
    store_channels(sumDzX + c + j * VL, sumX[j] * inverse, n, whole);
  }
}

static void isa_norm_backward_sums(
    const float *x, const float *dy, const float *y, size_t rows, size_t channels, const float *mean,
    const float *inverseDeviation, const float *scale, const float *shift, CKActivation activation, float slope,
    float *dz, float *sumDz, float *sumDzX) {
  const NormBackward s = {x, dy, y, scale, shift, slope};
#define SUMS(constant)                                                                                                 \
  CHANNEL_BLOCKS(norm_sums_block, constant, &s, rows, channels, mean, inverseDeviation, dz, sumDz, sumDzX)
  FOR_EACH_PIECEWISE(activation, SUMS)
#undef SUMS
}

static void isa_norm_backward_apply(
    const float *x, const float *dy, const float *y, size_t rows, size_t channels, const float *scale,
    const float *shift, CKActivation activation, float slope, const float *a, const float *b, const float *c,
    float *dx) {
  const NormBackward s = {x, dy, y, scale, shift, slope};
#define APPLY(constant)                                                                                                \
  for (size_t r = 0; r < rows; r++) {                                                                                  \
    size_t k = 0, base = r * channels;                                                                                 \
    for (; k + VL <= channels; k += VL) {                                                                              \
      vf v = load(x + base + k);                                                                                       \
      vf dz = norm_dz(constant, &s, base + k, k, v, VL, true);                                                         \
      store(dx + base + k, dz * load(a + k) + (v * load(b + k) + load(c + k)));                                        \
    }                                                                                                                  \
    if (k < channels) {                                                                                                \
      size_t n = channels - k;                                                                                         \
      vf v = load_part(x + base + k, n);                                                                               \
      vf dz = norm_dz(constant, &s, base + k, k, v, n, false);                                                         \
      store_part(dx + base + k, dz * load_part(a + k, n) + (v * load_part(b + k, n) + load_part(c + k, n)), n);        \
    }                                                                                                                  \
  }
  FOR_EACH_PIECEWISE(activation, APPLY)
#undef APPLY
}
