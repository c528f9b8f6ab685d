// Register tiles, the inner loops of every dense convolution.
//
// A tile holds MR rows x NV vectors of sums in registers. Which shapes fit depends on the register file: 32 registers
// (AVX-512, NEON in pairs) or 16.

#if defined(AVX512)
#define ROWS_1 8
#define ROWS_2 8
#define ROWS_3 8
#else
#define ROWS_1 8
#define ROWS_2 6
#define ROWS_3 4
#endif
#define ROWS_OF(vectors) ((vectors) == 1 ? ROWS_1 : (vectors) == 2 ? ROWS_2 : ROWS_3)

/// Panels of output channels: two vectors wide; a single one where there is one, a last one of three where the number
/// is odd.
INLINE ptrdiff_t panel_vectors(ptrdiff_t vectors, ptrdiff_t from) {
  ptrdiff_t left = vectors - from;
  return left == 1 ? 1 : left == 3 ? 3 : 2;
}
INLINE ptrdiff_t vectors_of(ptrdiff_t channels) { return (channels + VL - 1) / VL; }

/// Where a tile goes: `channels` of them from `out` on, at each row's offset.
typedef struct Destination {
  float *out;
  ptrdiff_t channels;           // <= NV * VL
  const CKEpilogue *epilogue;   // or null; pointers already moved to the panel's first channel
} Destination;

INLINE CKEpilogue epilogue_from(const CKEpilogue *e, ptrdiff_t channel) {
  CKEpilogue moved = *e;
  if (e->scale) moved.scale += channel;
  if (e->shift) moved.shift += channel;
  if (e->residual) moved.residual += channel;
  return moved;
}

/// One vector of results through the epilogue; n channels of it count.
INLINE vf finish_vector(const CKEpilogue *e, vf v, ptrdiff_t channel, ptrdiff_t offset, size_t n) {
  if (e->scale) v *= load_up_to(e->scale + channel, n);
  if (e->shift) v += load_up_to(e->shift + channel, n);
  if (e->residual) v += load_up_to(e->residual + offset + channel, n);
  return activate(e->activation, e->slope, v);
}

static __attribute__((noinline)) void finish_tile(
    const Destination *d, const float *sums, int rows, int vectors, const ptrdiff_t *offsets) {
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < vectors; j++) {
      ptrdiff_t channel = j * VL;
      if (channel >= d->channels) break;
      size_t n = (size_t)(d->channels - channel);
      vf v = load(sums + (i * vectors + j) * VL);
      if (d->epilogue) v = finish_vector(d->epilogue, v, channel, offsets[i], n);
      store_up_to(d->out + offsets[i] + channel, v, n);
    }
}

/// sums[MR][NV] = Σ over `runs` runs of k contiguous inputs, `runStep` apart, of input x weights; the weights
/// [runs * k][NV * VL] are contiguous. Row i starts at x + offsets[i] and goes to d->out + outOffsets[i].
typedef void (*RowTile)(
    const float *x, const ptrdiff_t *offsets, ptrdiff_t runs, ptrdiff_t runStep, ptrdiff_t k, const float *weights,
    const Destination *d, const ptrdiff_t *outOffsets);

#define ROW_TILE(MR, NV)                                                                                               \
  static void row_tile_##MR##x##NV(                                                                                    \
      const float *x, const ptrdiff_t *offsets, ptrdiff_t runs, ptrdiff_t runStep, ptrdiff_t k, const float *weights,  \
      const Destination *d, const ptrdiff_t *outOffsets) {                                                             \
    const float *a[MR];                                                                                                \
    vf c[MR][NV];                                                                                                      \
    UNROLL for (int i = 0; i < MR; i++) {                                                                              \
      a[i] = x + offsets[i];                                                                                           \
      UNROLL for (int j = 0; j < NV; j++) c[i][j] = (vf){0};                                                           \
    }                                                                                                                  \
    for (ptrdiff_t run = 0; run < runs; run++) {                                                                       \
      for (ptrdiff_t t = 0; t < k; t++) {                                                                              \
        vf w[NV];                                                                                                      \
        UNROLL for (int j = 0; j < NV; j++) w[j] = load(weights + j * VL);                                             \
        weights += NV * VL;                                                                                            \
        UNROLL for (int i = 0; i < MR; i++) {                                                                          \
          float s = a[i][t];                                                                                           \
          UNROLL for (int j = 0; j < NV; j++) c[i][j] += s * w[j];                                                     \
        }                                                                                                              \
      }                                                                                                                \
      UNROLL for (int i = 0; i < MR; i++) a[i] += runStep;                                                             \
    }                                                                                                                  \
    if (!d->epilogue && d->channels == NV * VL) {                                                                      \
      UNROLL for (int i = 0; i < MR; i++)                                                                              \
        UNROLL for (int j = 0; j < NV; j++) store(d->out + outOffsets[i] + j * VL, c[i][j]);                           \
    } else {                                                                                                           \
      float sums[MR * NV * VL];                                                                                        \
      UNROLL for (int i = 0; i < MR; i++)                                                                              \
        UNROLL for (int j = 0; j < NV; j++) store(sums + (i * NV + j) * VL, c[i][j]);                                  \
      finish_tile(d, sums, MR, NV, outOffsets);                                                                        \
    }                                                                                                                  \
  }

/// sums[MR][NV], kept at `sums` with rows `sumStep` apart, += Σ over rows and their `pixels` of x ⊗ dy: the outer
/// product that gives weight gradients. Pixels of x are xStep apart, those of dy [rows * pixels][NV * VL] contiguous.
typedef void (*OuterTile)(
    const float *x, const ptrdiff_t *rowOffsets, ptrdiff_t rows, ptrdiff_t pixels, ptrdiff_t xStep, const float *dy,
    float *sums, ptrdiff_t sumStep, ptrdiff_t channels);

#define OUTER_TILE(MR, NV)                                                                                             \
  static void outer_tile_##MR##x##NV(                                                                                  \
      const float *x, const ptrdiff_t *rowOffsets, ptrdiff_t rows, ptrdiff_t pixels, ptrdiff_t xStep,                  \
      const float *dy, float *sums, ptrdiff_t sumStep, ptrdiff_t channels) {                                           \
    vf c[MR][NV];                                                                                                      \
    UNROLL for (int i = 0; i < MR; i++) UNROLL for (int j = 0; j < NV; j++) c[i][j] = (vf){0};                         \
    for (ptrdiff_t row = 0; row < rows; row++) {                                                                       \
      const float *a = x + rowOffsets[row];                                                                            \
      for (ptrdiff_t p = 0; p < pixels; p++) {                                                                         \
        vf w[NV];                                                                                                      \
        UNROLL for (int j = 0; j < NV; j++) w[j] = load(dy + j * VL);                                                  \
        dy += NV * VL;                                                                                                 \
        UNROLL for (int i = 0; i < MR; i++) {                                                                          \
          float s = a[i];                                                                                              \
          UNROLL for (int j = 0; j < NV; j++) c[i][j] += s * w[j];                                                     \
        }                                                                                                              \
        a += xStep;                                                                                                    \
      }                                                                                                                \
    }                                                                                                                  \
    if (channels == NV * VL) {                                                                                         \
      UNROLL for (int i = 0; i < MR; i++)                                                                              \
        UNROLL for (int j = 0; j < NV; j++) {                                                                          \
          float *p = sums + i * sumStep + j * VL;                                                                      \
          store(p, load(p) + c[i][j]);                                                                                 \
        }                                                                                                              \
    } else {                                                                                                           \
      float kept[MR * NV * VL];                                                                                        \
      UNROLL for (int i = 0; i < MR; i++)                                                                              \
        UNROLL for (int j = 0; j < NV; j++) store(kept + (i * NV + j) * VL, c[i][j]);                                  \
      for (int i = 0; i < MR; i++)                                                                                     \
        for (ptrdiff_t n = 0; n < channels; n++) sums[i * sumStep + n] += kept[i * NV * VL + n];                       \
    }                                                                                                                  \
  }

#define TILES(TILE)                                                                                                    \
  TILE(1, 1) TILE(2, 1) TILE(3, 1) TILE(4, 1) TILE(5, 1) TILE(6, 1) TILE(7, 1) TILE(8, 1)                              \
  TILE(1, 2) TILE(2, 2) TILE(3, 2) TILE(4, 2) TILE(5, 2) TILE(6, 2)                                                    \
  TILE(1, 3) TILE(2, 3) TILE(3, 3) TILE(4, 3)
TILES(ROW_TILE)
TILES(OUTER_TILE)
#if defined(AVX512)
#define MORE_TILES(TILE) TILE(7, 2) TILE(8, 2) TILE(5, 3) TILE(6, 3) TILE(7, 3) TILE(8, 3)
MORE_TILES(ROW_TILE)
MORE_TILES(OUTER_TILE)
#define MORE(kind, entry) entry
#else
#define MORE(kind, entry) 0
#endif

#define TILE_TABLE(kind)                                                                                               \
  {                                                                                                                    \
      {kind##_1x1, kind##_2x1, kind##_3x1, kind##_4x1, kind##_5x1, kind##_6x1, kind##_7x1, kind##_8x1},                \
      {kind##_1x2, kind##_2x2, kind##_3x2, kind##_4x2, kind##_5x2, kind##_6x2, MORE(kind, kind##_7x2),                 \
       MORE(kind, kind##_8x2)},                                                                                        \
      {kind##_1x3, kind##_2x3, kind##_3x3, kind##_4x3, MORE(kind, kind##_5x3), MORE(kind, kind##_6x3),                 \
       MORE(kind, kind##_7x3), MORE(kind, kind##_8x3)},                                                                \
  }

static const RowTile row_tiles[3][8] = TILE_TABLE(row_tile);
static const OuterTile outer_tiles[3][8] = TILE_TABLE(outer_tile);

/// The next tile's rows where `left` remain: full ones, but two even ones rather than a full and a tiny last one.
INLINE ptrdiff_t tile_rows(ptrdiff_t left, ptrdiff_t most) {
  if (left <= most) return left;
  if (left < 2 * most) return (left + 1) / 2;
  return most;
}
