// Layer normalisation, and activations quantised row by row.

/// Four running sums: enough to hide the latency of an addition.
INLINE float row_sum(const float *x, size_t columns) {
  vf s[4] = {0};
  size_t c = 0;
  for (; c + 4 * VL <= columns; c += 4 * VL) UNROLL for (int j = 0; j < 4; j++) s[j] += load(x + c + j * VL);
  for (; c < columns; c += VL) s[0] += load_up_to(x + c, columns - c);
  return lane_sum((s[0] + s[1]) + (s[2] + s[3]));
}

INLINE float row_deviation(const float *x, size_t columns, float mean) {
  vf s[4] = {0};
  size_t c = 0;
  for (; c + 4 * VL <= columns; c += 4 * VL)
    UNROLL for (int j = 0; j < 4; j++) {
      vf d = load(x + c + j * VL) - mean;
      s[j] += d * d;
    }
  for (; c + VL <= columns; c += VL) {
    vf d = load(x + c) - mean;
    s[0] += d * d;
  }
  float sum = lane_sum((s[0] + s[1]) + (s[2] + s[3]));
  for (; c < columns; c++) sum += (x[c] - mean) * (x[c] - mean);
  return sum;
}

INLINE void normalise_row(
    const float *x, size_t columns, const float *gain, const float *bias, float epsilon, float *y) {
  const float mean = row_sum(x, columns) / (float)columns;
  const float variance = row_deviation(x, columns, mean) / (float)columns;
  const float factor = 1.0f / __builtin_sqrtf(variance + epsilon);
  size_t c = 0;
  for (; c + VL <= columns; c += VL) store(y + c, (load(x + c) - mean) * factor * load(gain + c) + load(bias + c));
  for (; c < columns; c++) y[c] = (x[c] - mean) * factor * gain[c] + bias[c];
}

static void isa_layer_norm(
    const float *x, size_t rows, size_t columns, const float *gain, const float *bias, float epsilon, float *y) {
  for (size_t r = 0; r < rows; r++) normalise_row(x + r * columns, columns, gain, bias, epsilon, y + r * columns);
}

/// The low bytes of n integers, 0...255 already.
INLINE void store_bytes(uint8_t *p, vi v, size_t n) {
#if defined(AVX512)
  __m128i bytes = _mm512_cvtepi32_epi8((__m512i)v);
  if (n >= VL)
    _mm_storeu_si128((__m128i *)p, bytes);
  else
    _mm_mask_storeu_epi8(p, (__mmask16)((1u << n) - 1), bytes);
#else
  typedef uint8_t vb __attribute__((vector_size(VL), aligned(1)));
  vb bytes = __builtin_convertvector(v, vb);
  if (n >= VL)
    *(vb *)p = bytes;
  else
    for (size_t i = 0; i < n; i++) p[i] = bytes[i];
#endif
}

/// Least and greatest of a row and 0.
INLINE void row_range(const float *t, size_t count, float *least, float *greatest) {
  vf low[2] = {0}, high[2] = {0};
  size_t i = 0;
  for (; i + 2 * VL <= count; i += 2 * VL)
    UNROLL for (int j = 0; j < 2; j++) {
      vf v = load(t + i + j * VL);
      low[j] = lesser(v, low[j]);
      high[j] = greater(v, high[j]);
    }
  for (; i < count; i += VL) {
    vf v = load_up_to(t + i, count - i);
    low[0] = lesser(v, low[0]);
    high[0] = greater(v, high[0]);
  }
  low[0] = lesser(low[0], low[1]);
  high[0] = greater(high[0], high[1]);
  *least = *greatest = 0;
  UNROLL for (int j = 0; j < VL; j++) {
    if (low[0][j] < *least) *least = low[0][j];
    if (high[0][j] > *greatest) *greatest = high[0][j];
  }
}

/// One row of slots, q = floor(t / scale + rounding) + zero. The range gets 254 of the 255 steps, so that rounding and
/// the whole-numbered zero point stay inside.
INLINE void quantise_slots(
    const float *t, size_t count, size_t stride, const float *rounding, uint8_t *q, float *scale, int32_t *zero) {
  float least, greatest;
  row_range(t, count, &least, &greatest);
  float step = (greatest - least) * (1.0f / 254.0f);
  if (!(step > 1e-30f)) step = 1e-30f;
  const float inverse = 1.0f / step;
  float offset = __builtin_ceilf(-least * inverse);
  if (!(offset <= 255)) offset = 255;  // infinite values: the row is lost, not the memory
  *scale = step;
  *zero = (int32_t)offset;
  const vf top = splat(255);
  for (size_t i = 0; i < count; i += VL) {
    size_t n = count - i;
    vf r = rounding ? load_up_to(rounding + i, n) : splat(0.5f);
    vf v = load_up_to(t + i, n) * inverse + (r + offset);
    v = lesser(top, greater(v, splat(0)));  // NaN becomes 0
    store_bytes(q + i, __builtin_convertvector(v, vi), n);
  }
  for (size_t i = count; i < stride; i++) q[i] = 0;
}

/// What a quantised row leaves of the slots, in place.
INLINE void subtract_quantised(float *t, size_t count, const uint8_t *q, float scale, int32_t zero) {
  for (size_t i = 0; i < count; i++) t[i] -= scale * (float)((int32_t)q[i] - zero);
}

/// Token `token`, whose slots `t` holds up to the columns, to its row and, if it is a fine one, the remainder to its.
INLINE void quantise_token(
    float *t, size_t token, size_t fine, const CKSlots *slots, const CKQuantisedRows *rows) {
  const size_t columns = (size_t)slots->columns, count = columns + (size_t)slots->extra;
  const size_t stride = (size_t)slots->stride, row = fine + token;
  for (ptrdiff_t i = 0; i < slots->extra; i++) t[columns + i] = t[slots->source[i]];
  uint8_t *q = rows->values + row * stride;
  quantise_slots(t, count, stride, slots->rounding, q, rows->scale + row, rows->zero + row);
  if (token >= fine) return;
  subtract_quantised(t, count, q, rows->scale[row], rows->zero[row]);
  quantise_slots(t, count, stride, NULL, rows->values + token * stride, rows->scale + token, rows->zero + token);
}

static void isa_layer_norm_quantise(
    const float *x, size_t tokens, size_t fine, const float *gain, const float *bias, float epsilon,
    const CKSlots *slots, const CKQuantisedRows *rows, float *workspace) {
  const size_t columns = (size_t)slots->columns;
  for (size_t t = 0; t < tokens; t++) {
    normalise_row(x + t * columns, columns, gain, bias, epsilon, workspace);
    quantise_token(workspace, t, fine, slots, rows);
  }
}

static void isa_quantise_rows(
    const float *x, ptrdiff_t xStride, size_t tokens, size_t fine, const CKSlots *slots, const CKQuantisedRows *rows,
    float *workspace) {
  const size_t columns = (size_t)slots->columns;
  for (size_t t = 0; t < tokens; t++) {
    const float *row = x + (ptrdiff_t)t * xStride;
    size_t c = 0;
    for (; c + VL <= columns; c += VL) store(workspace + c, load(row + c) * load(slots->share + c));
    for (; c < columns; c++) workspace[c] = row[c] * slots->share[c];
    quantise_token(workspace, t, fine, slots, rows);
  }
}
