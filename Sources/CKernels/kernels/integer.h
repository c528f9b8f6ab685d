// Products of quantised activations and weights of int8, in tiles of rows x outputs whose int32 sums stay in registers.
//
// Activations are widened to int16 once, weights in the loop; the processor's multiply-add of int16 pairs is then exact.
// (The shorter multiply-add of bytes saturates.) See vnni.h and amx.h for processors that multiply bytes exactly.

typedef int16_t v16 __attribute__((vector_size(VL * 4), aligned(2)));
typedef int8_t v8 __attribute__((vector_size(VL * 2), aligned(1)));

/// Each pair's sum of products.
INLINE vi multiply_pairs(v16 a, v16 b) {
#if defined(AVX512)
  return (vi)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif defined(AVX2)
  return (vi)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
  return (vi)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
  vi sums;
  for (int i = 0; i < VL; i++) sums[i] = (int32_t)a[2 * i] * b[2 * i] + (int32_t)a[2 * i + 1] * b[2 * i + 1];
  return sums;
#endif
}

/// Four int16 of one token, over and over.
INLINE v16 splat_group(const int16_t *p) {
  typedef int64_t vl __attribute__((vector_size(VL * 4)));
  int64_t four;
  memcpy(&four, p, 8);
  return (v16)(four - (vl){0});
}

#if defined(AVX512)
#define INTEGER_ROWS 12
#else
#define INTEGER_ROWS 6
#endif
/// A vector of widened weights holds a group of VL / 2 outputs, two partial sums each; a tile has two such vectors.
#define INTEGER_OUTPUTS VL

#define INTEGER_STEP(MR)                                                                                               \
  {                                                                                                                    \
    v16 w0 = __builtin_convertvector(*(const v8 *)w, v16);                                                             \
    v16 w1 = __builtin_convertvector(*(const v8 *)(w + 2 * VL), v16);                                                  \
    UNROLL for (int i = 0; i < MR; i++) {                                                                              \
      v16 four = splat_group(x + i * step);                                                                            \
      c[i][0] += multiply_pairs(four, w0);                                                                             \
      c[i][1] += multiply_pairs(four, w1);                                                                             \
    }                                                                                                                  \
    w += 64, x += 4;                                                                                                   \
  }

/// sums [MR][VL] of the rows at x, `step` apart, and the VL outputs at w, whose groups are 64 bytes apart. Two groups at
/// a time share the arithmetic on addresses.
#define INTEGER_TILE(MR)                                                                                               \
  static void integer_tile_##MR(                                                                                       \
      const int16_t *x, ptrdiff_t step, const int8_t *w, ptrdiff_t groups, int32_t *sums) {                            \
    vi c[MR][2];                                                                                                       \
    UNROLL for (int i = 0; i < MR; i++) UNROLL for (int j = 0; j < 2; j++) c[i][j] = (vi){0};                          \
    for (ptrdiff_t g = groups / 2; g > 0; g--) {                                                                       \
      INTEGER_STEP(MR)                                                                                                 \
      INTEGER_STEP(MR)                                                                                                 \
    }                                                                                                                  \
    if (groups % 2) INTEGER_STEP(MR)                                                                                   \
    UNROLL for (int i = 0; i < MR; i++)                                                                                \
      UNROLL for (int j = 0; j < 2; j++)                                                                               \
        UNROLL for (int o = 0; o < VL / 2; o++)                                                                        \
          sums[i * VL + j * (VL / 2) + o] = c[i][j][2 * o] + c[i][j][2 * o + 1];                                       \
  }
INTEGER_TILE(1)
INTEGER_TILE(2)
INTEGER_TILE(3)
INTEGER_TILE(4)
INTEGER_TILE(6)
#if defined(AVX512)
INTEGER_TILE(12)
#endif

/// As many rows as a tile of at most `rows` has.
INLINE size_t integer_tile(
    size_t rows, const int16_t *x, ptrdiff_t step, const int8_t *w, ptrdiff_t groups, int32_t *sums) {
#if defined(AVX512)
  if (rows >= 12) return integer_tile_12(x, step, w, groups, sums), 12;
#endif
  if (rows >= 6) return integer_tile_6(x, step, w, groups, sums), 6;
  if (rows >= 4) return integer_tile_4(x, step, w, groups, sums), 4;
  if (rows == 3) return integer_tile_3(x, step, w, groups, sums), 3;
  if (rows == 2) return integer_tile_2(x, step, w, groups, sums), 2;
  return integer_tile_1(x, step, w, groups, sums), 1;
}

// The epilogue, shared with vnni.h and amx.h.

/// Rows of remainders that one product may have.
#define FINE_LIMIT 16

/// Turns the sums of some rows x `outputs` (whole vectors) into results. Those of the first `fine` rows are kept in
/// `remainders` [fine][outputs]; those of tokens go to y, where column 0 is output `first` of the weights.
typedef struct IntegerFinish {
  const CKIntegerWeights *weights;
  const CKQuantisedRows *rows;
  const CKIntegerEpilogue *epilogue;
  size_t fine;
  float *y;
  ptrdiff_t yStride;
} IntegerFinish;

INLINE void finish_integers(
    const CKActivation activation, const IntegerFinish *f, const int32_t *sums, size_t firstRow, size_t rows,
    size_t output, ptrdiff_t column, size_t outputs, float *remainders) {
  const CKIntegerEpilogue *e = f->epilogue;
  for (size_t j = 0; j < outputs; j += VL) {
    const size_t o = output + j;
    const vi whole = *(const vi *)(f->weights->sum + o);
    const vf step = load(f->weights->scale + o), bias = e->bias ? load(e->bias + o) : splat(0);
    for (size_t i = 0; i < rows; i++) {
      const size_t row = firstRow + i;
      vi s = *(const vi *)(sums + i * outputs + j) - splat_int(f->rows->zero[row]) * whole;
      vf v = __builtin_convertvector(s, vf) * (splat(f->rows->scale[row]) * step);
      if (row < f->fine) {
        store(remainders + row * outputs + j, v);
        continue;
      }
      const size_t token = row - f->fine;
      if (token < f->fine) v += load(remainders + token * outputs + j);
      v = activate(activation, 0, v + bias);
      if (e->gain) v *= load(e->gain + o);
      const ptrdiff_t place = (ptrdiff_t)token * f->yStride + column + (ptrdiff_t)j;
      if (e->residual) v += load(e->residual + place);
      store(f->y + place, v);
    }
  }
}

/// The sums of some rows, at most 32, by one panel of 16 outputs or by two, `panel` bytes apart: [rows][16 or 32]. Returns
/// how many rows that were.
typedef size_t IntegerPanelTile(
    size_t rows, const uint8_t *x, ptrdiff_t step, const int8_t *w, ptrdiff_t panel, ptrdiff_t groups, int32_t *sums);

/// A product for instructions that take bytes as they are, see vnni.h and amx.h.
INLINE void integer_product_by_panels(
    IntegerPanelTile *one, IntegerPanelTile *two, const CKIntegerWeights *weights, const CKQuantisedRows *quantised,
    ptrdiff_t rowStride, size_t tokens, size_t fine, size_t firstOutput, size_t lastOutput,
    const CKIntegerEpilogue *epilogue, float *y, ptrdiff_t yStride) {
  const ptrdiff_t groups = weights->groups, panel = weights->panelStep;
  const size_t rows = fine + tokens;
  const IntegerFinish finish = {weights, quantised, epilogue, fine, y, yStride};
  int32_t sums[32 * 32] __attribute__((aligned(64)));
  float remainders[FINE_LIMIT * 32];
  for (size_t o = firstOutput; o < lastOutput;) {
    const int8_t *w = weights->values + (ptrdiff_t)(o / 16) * panel;
    const size_t outputs = lastOutput - o >= 32 ? 32 : 16;
    IntegerPanelTile *tile = outputs == 32 ? two : one;
    for (size_t r = 0; r < rows;) {
      const uint8_t *x = quantised->values + (ptrdiff_t)r * rowStride;
      size_t n = tile(rows - r, x, rowStride, w, panel, groups, sums);
#define FINISH(activation)                                                                                             \
  finish_integers(activation, &finish, sums, r, n, o, (ptrdiff_t)(o - firstOutput), outputs, remainders);
      FOR_EACH_ACTIVATION(epilogue->activation, FINISH)
#undef FINISH
      r += n;
    }
    o += outputs;
  }
}

static void isa_integer_sums(
    const int8_t *values, ptrdiff_t panelStep, ptrdiff_t groups, ptrdiff_t outputs, int32_t *sums) {
  typedef int8_t quarter __attribute__((vector_size(VL * 4), aligned(1)));
  for (ptrdiff_t o = 0; o < outputs; o += VL) {
    const int8_t *w = values + o / 16 * panelStep + o % 16 * 4;
    vi total = {0};
    for (ptrdiff_t g = 0; g < groups; g++) {
      // Each lane holds an output's four weights: shift each up to the sign, and down again.
      vi four = (vi)*(const quarter *)(w + 64 * g);
      total += (four >> 24) + ((four << 8) >> 24) + ((four << 16) >> 24) + ((four << 24) >> 24);
    }
    *(vi *)(sums + o) = total;
  }
}

static size_t isa_integer_product_workspace(const CKIntegerWeights *weights, size_t rows) {
  return rows * (size_t)weights->groups * 4 * sizeof(int16_t);
}

static void isa_integer_product(
    const CKIntegerWeights *weights, const CKQuantisedRows *quantised, ptrdiff_t rowStride, size_t tokens, size_t fine,
    size_t firstOutput, size_t lastOutput, const CKIntegerEpilogue *epilogue, float *y, ptrdiff_t yStride,
    void *workspace) {
  const ptrdiff_t groups = weights->groups, step = 4 * groups;
  const size_t rows = fine + tokens;
  int16_t *wide = workspace;
  for (size_t r = 0; r < rows; r++)
    for (ptrdiff_t k = 0; k < step; k++) wide[(ptrdiff_t)r * step + k] = quantised->values[(ptrdiff_t)r * rowStride + k];
  const IntegerFinish finish = {weights, quantised, epilogue, fine, y, yStride};
  int32_t sums[INTEGER_ROWS * INTEGER_OUTPUTS];
  float remainders[FINE_LIMIT * INTEGER_OUTPUTS];
  for (size_t o = firstOutput; o < lastOutput; o += INTEGER_OUTPUTS) {
    const int8_t *w = weights->values + (ptrdiff_t)(o / 16) * weights->panelStep + (o % 16) * 4;
    for (size_t r = 0; r < rows;) {
      size_t n = integer_tile(rows - r, wide + (ptrdiff_t)r * step, step, w, groups, sums);
#define FINISH(activation)                                                                                             \
  finish_integers(                                                                                                     \
      activation, &finish, sums, r, n, o, (ptrdiff_t)(o - firstOutput), INTEGER_OUTPUTS, remainders);
      FOR_EACH_ACTIVATION(epilogue->activation, FINISH)
#undef FINISH
      r += n;
    }
  }
}
