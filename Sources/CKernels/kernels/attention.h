// Attention of one head with quantised products, twelve queries at a time.
//
// Keys become weights of int8 with a scale for each key, values ones with a scale for each channel. Weights of attention
// span too many magnitudes for eight bits: each of their rows has one of remainders.

/// A product as `isa_integer_product` computes it.
typedef void (*IntegerProduct)(
    const CKIntegerWeights *, const CKQuantisedRows *, ptrdiff_t, size_t, size_t, size_t, size_t,
    const CKIntegerEpilogue *, float *, ptrdiff_t, void *);

#define ATTENTION_QUERIES 12

/// Where things lie in the workspace, in bytes from its beginning; all sizes from the head's.
typedef struct AttentionPlan {
  size_t padded;        // keys, whole panels of 16
  size_t keyGroups;     // groups of four keys
  size_t queryStride, weightStride;
  size_t keyWeights, keyScale, keySum, valueWeights, valueScale, valueSum;
  size_t queryValues, queryScale, queryZero, weightValues, weightScale, weightZero;
  size_t scores, product, bytes;
} AttentionPlan;

INLINE AttentionPlan attention_plan(size_t queries, size_t keys, size_t width, size_t fine) {
  AttentionPlan p;
  size_t end = 0;
#define PLACE(field, size) p.field = end, end += ((size) + 63) / 64 * 64
  p.padded = (keys + 15) / 16 * 16;
  p.keyGroups = (keys + 3) / 4;
  p.queryStride = width;
  p.weightStride = p.padded;
  PLACE(keyWeights, p.padded * width);
  PLACE(keyScale, 4 * p.padded);
  PLACE(keySum, 4 * p.padded);
  PLACE(valueWeights, 4 * p.keyGroups * width);
  PLACE(valueScale, 4 * width);
  PLACE(valueSum, 4 * width);
  PLACE(queryValues, (queries + fine) * p.queryStride);
  PLACE(queryScale, 4 * (queries + fine));
  PLACE(queryZero, 4 * (queries + fine));
  PLACE(weightValues, 2 * ATTENTION_QUERIES * p.weightStride);
  PLACE(weightScale, 2 * ATTENTION_QUERIES * 4);
  PLACE(weightZero, 2 * ATTENTION_QUERIES * 4);
  PLACE(scores, ATTENTION_QUERIES * 4 * p.padded);
  const size_t wider = 4 * p.keyGroups > width ? 4 * p.keyGroups : width;
  PLACE(product, 2 * ATTENTION_QUERIES * wider * sizeof(int16_t));
#undef PLACE
  p.bytes = end;
  return p;
}

static size_t isa_attention_workspace(size_t queries, size_t keys, size_t width, size_t fine) {
  return attention_plan(queries, keys, width, fine).bytes;
}

/// Keys [keys][width] as weights whose outputs are the keys.
INLINE void pack_keys(
    const float *k, ptrdiff_t stride, size_t keys, size_t width, size_t padded, int8_t *weights, float *scale,
    int32_t *sum) {
  for (size_t key = 0; key < padded; key++) {
    int8_t *to = weights + key / 16 * width * 16 + key % 16 * 4;
    scale[key] = 0;
    sum[key] = 0;
    if (key >= keys) {
      for (size_t d = 0; d < width; d += 4) memset(to + d * 16, 0, 4);
      continue;
    }
    const float *row = k + (ptrdiff_t)key * stride;
    vf most = {0};
    for (size_t d = 0; d < width; d += VL) most = greater((vf)((vi)load(row + d) & 0x7fffffff), most);
    float reach = 1e-30f;
    for (int j = 0; j < VL; j++) reach = most[j] > reach ? most[j] : reach;
    if (!(reach < 1e30f)) reach = 1e30f;
    const float inverse = 127.0f / reach;
    scale[key] = reach / 127.0f;
    vi total = {0};
    int32_t q[VL];
    for (size_t d = 0; d < width; d += VL) {
      vf v = round_small(lesser(splat(127), greater(load(row + d) * inverse, splat(-127))));
      vi n = __builtin_convertvector(v, vi);
      total += n;
      memcpy(q, &n, sizeof q);
      for (int j = 0; j < VL; j += 4) {
        const uint32_t four = (uint32_t)(q[j] & 255) | (uint32_t)(q[j + 1] & 255) << 8 |
                              (uint32_t)(q[j + 2] & 255) << 16 | (uint32_t)(q[j + 3] & 255) << 24;
        memcpy(to + (d + (size_t)j) * 16, &four, 4);
      }
    }
    for (int j = 0; j < VL; j++) sum[key] += total[j];
  }
}

/// Values [keys][width] as weights whose outputs are the channels.
INLINE void pack_values(
    const float *v, ptrdiff_t stride, size_t keys, size_t width, size_t groups, int8_t *weights, float *scale,
    int32_t *sum) {
  for (size_t d = 0; d < width; d += VL) {
    vf most = splat(1e-30f);
    for (size_t key = 0; key < keys; key++)
      most = greater((vf)((vi)load(v + (ptrdiff_t)key * stride + (ptrdiff_t)d) & 0x7fffffff), most);
    most = lesser(splat(1e30f), most);
    const vf inverse = 127.0f / most;
    store(scale + d, most * (1.0f / 127.0f));
    vi total = {0};
    for (size_t group = 0; group < groups; group++) {
      vi four = {0};
      for (size_t i = 0; i < 4; i++) {
        const size_t key = 4 * group + i;
        if (key >= keys) break;
        vf x = load(v + (ptrdiff_t)key * stride + (ptrdiff_t)d) * inverse;
        vi n = __builtin_convertvector(round_small(lesser(splat(127), greater(x, splat(-127)))), vi);
        total += n;
        four |= (n & 255) << (int32_t)(8 * i);
      }
      int32_t parts[VL];
      memcpy(parts, &four, sizeof parts);
      // Vectors of outputs never straddle a panel of 16.
      memcpy(weights + (d / 16 * groups + group) * 64 + d % 16 * 4, parts, sizeof parts);
    }
    memcpy(sum + d, &total, sizeof total);
  }
}

/// Softmax of scale * row in sixteen bits: value = scale * (255 * high + low) / 255², where the greatest is 255 * 255.
/// Bytes from `keys` to `padded` become 0. Returns the factor of 255 * high + low.
INLINE float soften_row(const float *row, size_t keys, size_t padded, float scale, uint8_t *high, uint8_t *low) {
  float peak = row[0];
  vf most = splat(peak);
  size_t c = 0;
  for (; c + VL <= keys; c += VL) most = greater(load(row + c), most);
  UNROLL for (int j = 0; j < VL; j++) peak = most[j] > peak ? most[j] : peak;
  for (; c < keys; c++) peak = row[c] > peak ? row[c] : peak;
  vf sums = {0};
  for (c = 0; c < keys; c += VL) {
    const size_t n = keys - c;
    vf e = brief_exponential((load_up_to(row + c, n) - peak) * scale);
    if (n < VL) {
      float some[VL] = {0};
      store_part(some, e, n);
      e = load(some);
    }
    sums += e;
    const vf whole = e * 255.0f;
    const vi first = __builtin_convertvector(whole, vi);  // rounds down
    const vi second = __builtin_convertvector((whole - __builtin_convertvector(first, vf)) * 255.0f + 0.5f, vi);
    store_bytes(high + c, first, n);
    store_bytes(low + c, second, n);
  }
  for (c = keys; c < padded; c++) high[c] = low[c] = 0;
  return 1.0f / (lane_sum(sums) * (255.0f * 255.0f));
}

INLINE void attend(
    const IntegerProduct multiply, const float *q, const float *k, const float *v, ptrdiff_t stride, size_t queries,
    size_t keys, size_t width, size_t fine, float scale, float *y, ptrdiff_t yStride, void *workspace) {
  const AttentionPlan plan = attention_plan(queries, keys, width, fine);
  uint8_t *base = workspace;
#define AT(type, field) ((type *)(void *)(base + plan.field))
  int8_t *keyWeights = AT(int8_t, keyWeights), *valueWeights = AT(int8_t, valueWeights);
  pack_keys(k, stride, keys, width, plan.padded, keyWeights, AT(float, keyScale), AT(int32_t, keySum));
  pack_values(v, stride, keys, width, plan.keyGroups, valueWeights, AT(float, valueScale), AT(int32_t, valueSum));
  const CKIntegerWeights keyed = {
      (ptrdiff_t)plan.padded, (ptrdiff_t)width / 4, (ptrdiff_t)width * 16, keyWeights, AT(float, keyScale), AT(int32_t, keySum)};
  const CKIntegerWeights valued = {
      (ptrdiff_t)width, (ptrdiff_t)plan.keyGroups, (ptrdiff_t)plan.keyGroups * 64, valueWeights, AT(float, valueScale), AT(int32_t, valueSum)};
  const CKQuantisedRows asked = {AT(uint8_t, queryValues), AT(float, queryScale), AT(int32_t, queryZero)};
  const CKQuantisedRows weighed = {AT(uint8_t, weightValues), AT(float, weightScale), AT(int32_t, weightZero)};
  const CKIntegerEpilogue plain = {NULL, NULL, NULL, CKActivationNone};
  float *scores = AT(float, scores);
  void *product = AT(uint8_t, product);
#undef AT
  for (size_t first = 0; first < queries;) {
    // The fine queries by themselves, their remainders before them; then the others.
    const size_t finer = first < fine ? fine - first : 0;
    const size_t most = finer ? (finer < ATTENTION_QUERIES ? finer : ATTENTION_QUERIES) : ATTENTION_QUERIES;
    const size_t rows = queries - first < most ? queries - first : most, remainders = finer ? rows : 0;
    for (size_t r = 0; r < rows; r++) {
      float row[512];
      memcpy(row, q + (ptrdiff_t)(first + r) * stride, width * sizeof(float));
      const size_t at = remainders + r;
      uint8_t *bytes = asked.values + at * plan.queryStride;
      quantise_slots(row, width, width, NULL, bytes, asked.scale + at, asked.zero + at);
      if (!remainders) continue;
      subtract_quantised(row, width, bytes, asked.scale[at], asked.zero[at]);
      quantise_slots(row, width, width, NULL, asked.values + r * plan.queryStride, asked.scale + r, asked.zero + r);
    }
    multiply(&keyed, &asked, (ptrdiff_t)plan.queryStride, rows, remainders, 0, plan.padded, &plain, scores,
             (ptrdiff_t)plan.padded, product);
    for (size_t r = 0; r < rows; r++) {
      const float factor = soften_row(
          scores + r * plan.padded, keys, plan.padded, scale, weighed.values + (rows + r) * plan.weightStride,
          weighed.values + r * plan.weightStride);
      weighed.scale[r] = factor;
      weighed.scale[rows + r] = 255.0f * factor;
      weighed.zero[r] = weighed.zero[rows + r] = 0;
    }
    multiply(&valued, &weighed, (ptrdiff_t)plan.weightStride, rows, rows, 0, width, &plain,
             y + (ptrdiff_t)first * yStride, yStride, product);
    first += rows;
  }
}

static void isa_attention(
    const float *q, const float *k, const float *v, ptrdiff_t stride, size_t queries, size_t keys, size_t width,
    size_t fine, float scale, float *y, ptrdiff_t yStride, void *workspace) {
  attend(isa_integer_product, q, k, v, stride, queries, keys, width, fine, scale, y, yStride, workspace);
}
