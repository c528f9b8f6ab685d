// Vectors of VL floats, and what the language lacks for them.

typedef float vf __attribute__((vector_size(VL * 4), aligned(4)));
typedef int32_t vi __attribute__((vector_size(VL * 4), aligned(4)));

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

INLINE vf load(const float *p) { return *(const vf *)p; }
INLINE void store(float *p, vf v) { *(vf *)p = v; }
INLINE vf splat(float s) { return s - (vf){0}; }
INLINE vi splat_int(int32_t s) { return s - (vi){0}; }
INLINE vf choose(vi mask, vf yes, vf no) { return (vf)((mask & (vi)yes) | (~mask & (vi)no)); }
/// `a > b ? a : b`, one instruction: b where either is NaN.
INLINE vf greater(vf a, vf b) { return choose(a > b, a, b); }
INLINE vf lesser(vf a, vf b) { return choose(a < b, a, b); }

/// The first n floats (0 < n < VL) at p, zeros after them; nothing beyond is read.
INLINE vf load_part(const float *p, size_t n) {
#if defined(AVX512)
  return (vf)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
#elif defined(AVX2)
  static const int32_t mask[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  return (vf)_mm256_maskload_ps(p, _mm256_loadu_si256((const __m256i *)(mask + 8 - n)));
#else
  vf v = {0};
  for (size_t i = 0; i < VL - 1; i++)
    if (i < n) v[i] = p[i];
  return v;
#endif
}

INLINE void store_part(float *p, vf v, size_t n) {
#if defined(AVX512)
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v);
#elif defined(AVX2)
  static const int32_t mask[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  _mm256_maskstore_ps(p, _mm256_loadu_si256((const __m256i *)(mask + 8 - n)), (__m256)v);
#else
  for (size_t i = 0; i < VL - 1; i++)
    if (i < n) p[i] = v[i];
#endif
}

INLINE vf load_up_to(const float *p, size_t n) { return n >= VL ? load(p) : load_part(p, n); }
INLINE void store_up_to(float *p, vf v, size_t n) {
  if (n >= VL)
    store(p, v);
  else
    store_part(p, v, n);
}

/// The sum of the lanes, halves first: the same order for every VL from the last 4 on.
INLINE float lane_sum(vf v) {
  float s[VL];
  memcpy(s, &v, sizeof s);
  UNROLL for (int width = VL / 2; width > 0; width /= 2)
    UNROLL for (int i = 0; i < width; i++) s[i] += s[i + width];
  return s[0];
}

INLINE vf square_root(vf v) {
#if defined(AVX512)
  return (vf)_mm512_sqrt_ps((__m512)v);
#elif defined(AVX2)
  return (vf)_mm256_sqrt_ps((__m256)v);
#else
  vf r;
  for (int i = 0; i < VL; i++) r[i] = __builtin_sqrtf(v[i]);
  return r;
#endif
}

/// The nearest integers, halves to even, for |v| < 2^22.
INLINE vf round_small(vf v) {
  const vf magic = splat(12582912.0f);  // 1.5 * 2^23: the sum's last bit is worth 1
  return (v + magic) - magic;
}

/// 2^n for the integers in n, -126...127.
INLINE vf power_of_two(vi n) { return (vf)((n + 127) << 23); }

/// eˣ within 2 ulp; see ck_exp.
INLINE vf exponential(vf x) {
  const vf low = splat(-87.33654f), high = splat(88.72283f);
  vf t = lesser(high, greater(low, x));  // NaN stays
  vf n = round_small(t * 1.44269504f);
  vf r = t - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  // eʳ on |r| <= ln 2 / 2 by Taylor's series, its last terms economised.
  vf p = splat(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  vi k = __builtin_convertvector(choose(t == t, n, splat(0)), vi);
  vi half = k >> 1;  // 2^128 does not fit: scale twice
  vf result = p * power_of_two(half) * power_of_two(k - half);
  result = choose(x < low, splat(0), result);
  return choose(x > high, splat(INFINITY), result);
}

/// 1 / (1 + e⁻ˣ).
INLINE vf sigmoid(vf x) { return 1.0f / (1.0f + exponential(-x)); }

/// eˣ within 2e-6 of itself for x in -87...88, and of the nearer end beyond: half the work of `exponential`.
INLINE vf brief_exponential(vf x) {
  x = lesser(splat(88), greater(x, splat(-87)));
  vf t = x * 1.44269504f;
  vf n = round_small(t);
  vf f = t - n;  // 2^f on -0.5...0.5
  vf p = splat(1.3333558e-3f);
  p = p * f + 9.6181291e-3f;
  p = p * f + 5.5504109e-2f;
  p = p * f + 2.4022651e-1f;
  p = p * f + 6.9314718e-1f;
  p = p * f + 1.0f;
  return (vf)((vi)p + (__builtin_convertvector(n, vi) << 23));
}

/// 1 / (1 + e⁻ˣ) by that.
INLINE vf brief_sigmoid(vf x) { return 1.0f / (1.0f + brief_exponential(-x)); }

/// tanh x: an odd polynomial near 0, 1 - 2 / (e²ˣ + 1) elsewhere.
INLINE vf hyperbolic_tangent(vf x) {
  vf square = x * x;
  vf p = splat(-5.70498872745e-3f);
  p = p * square + 2.06390887954e-2f;
  p = p * square - 5.37397155531e-2f;
  p = p * square + 1.33314422036e-1f;
  p = p * square - 3.33332819422e-1f;
  p = p * square * x + x;
  vf magnitude = (vf)((vi)x & 0x7fffffff);
  vf far = 1.0f - 2.0f / (exponential(magnitude + magnitude) + 1.0f);
  far = (vf)((vi)far | ((vi)x & (vi)splat(-0.0f)));
  return choose(magnitude < 0.625f, p, far);
}

/// erf x within 2e-7: 1 - a polynomial of 1 / (1 + p|x|) times e^-x² (Abramowitz and Stegun 7.1.26, by its own bound
/// 1.5e-7).
INLINE vf error_function(vf x) {
  vf magnitude = (vf)((vi)x & 0x7fffffff);
  vf t = 1.0f / (1.0f + 0.3275911f * magnitude);
  vf p = splat(1.061405429f);
  p = p * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  vf y = 1.0f - p * t * exponential(-x * x);
  return (vf)((vi)y | ((vi)x & (vi)splat(-0.0f)));
}

/// Natural logarithm; see ck_log.
INLINE vf logarithm(vf x) {
  vi bits = (vi)x;
  vi e = (bits >> 23) - 126;
  vf m = (vf)((bits & 0x007fffff) | 0x3f000000);  // 0.5 ..< 1
  vi small = m < 0.70710678f;
  e = e + small;  // a true lane is -1
  m = choose(small, m + m, m) - 1.0f;
  vf z = m * m;
  vf p = splat(7.0376836292e-2f);
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  vf n = __builtin_convertvector(e, vf);
  vf r = p * m * z - n * 2.12194440e-4f - 0.5f * z + m + n * 0.693359375f;
  r = choose(x < 1.17549435e-38f, splat(-INFINITY), r);  // subnormals count as 0
  r = choose(x < 0, splat(NAN), r);
  r = choose(x == INFINITY, splat(INFINITY), r);
  return choose(x == x, r, x);
}
