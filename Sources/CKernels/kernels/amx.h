// Integer products by AMX: a tile of 16 rows x 64 bytes times one of 16 groups x 16 outputs is added to 16 x 16 int32.
//
// Weights lie as in every other path: sixteen groups of a panel are a tile as they are. The last groups, where they are fewer
// than sixteen, have tiles of their own size; fewer than sixteen rows go to AMX_REST.
//
// Included with AMX_NAME(name), AMX_REST(outputs) and, where the processor's own tiles do not serve, AMX_EMULATED: then plain
// loops do what each instruction is specified to do (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2,
// TDPBUSD), so that everything around the instructions is tried on processors that lack them.

/// Palette 1: eight tiles of at most 16 rows x 64 bytes. 0 to 3 hold sums, 4 rows, 5 weights, 6 and 7 the last of both.
typedef struct AMX_NAME(Tiles) {
  uint8_t palette, startRow, reserved[14];
  uint16_t rowBytes[16];
  uint8_t rows[16];
} AMX_NAME(Tiles);

INLINE AMX_NAME(Tiles) AMX_NAME(tiles)(ptrdiff_t groups) {
  AMX_NAME(Tiles) tiles = {
      .palette = 1, .rowBytes = {64, 64, 64, 64, 64, 64}, .rows = {16, 16, 16, 16, 16, 16}};
  const uint8_t rest = (uint8_t)(groups % 16);
  if (rest) tiles.rowBytes[6] = rest * 4, tiles.rows[6] = 16, tiles.rowBytes[7] = 64, tiles.rows[7] = rest;
  return tiles;
}

#if defined(AMX_EMULATED)
static _Thread_local struct {
  AMX_NAME(Tiles) shape;
  union {
    uint8_t bytes[16][64];
    int8_t signedBytes[16][64];
    int32_t sums[16][16];
  } tile[8];
} emulated;

static void emulated_zero(int t) { memset(&emulated.tile[t], 0, sizeof emulated.tile[t]); }
static void emulated_begin(const AMX_NAME(Tiles) *shape) {
  emulated.shape = *shape;
  for (int t = 0; t < 8; t++) emulated_zero(t);
}
static void emulated_load(int t, const void *from, ptrdiff_t step) {
  emulated_zero(t);
  for (int r = 0; r < emulated.shape.rows[t]; r++)
    memcpy(emulated.tile[t].bytes[r], (const uint8_t *)from + r * step, emulated.shape.rowBytes[t]);
}
static void emulated_store(int t, void *to, ptrdiff_t step) {
  for (int r = 0; r < emulated.shape.rows[t]; r++)
    memcpy((uint8_t *)to + r * step, emulated.tile[t].bytes[r], emulated.shape.rowBytes[t]);
}
static void emulated_product(int c, int a, int b) {
  for (int m = 0; m < emulated.shape.rows[c]; m++)
    for (int k = 0; k < emulated.shape.rows[b]; k++)
      for (int n = 0; n < emulated.shape.rowBytes[c] / 4; n++)
        for (int i = 0; i < 4; i++)
          emulated.tile[c].sums[m][n] += emulated.tile[a].bytes[m][4 * k + i] * emulated.tile[b].signedBytes[k][4 * n + i];
}
#define TILE_ZERO emulated_zero
#define TILE_LOAD emulated_load
#define TILE_STORE emulated_store
#define TILE_PRODUCT emulated_product
#define TILES_BEGIN emulated_begin
#define TILES_END()
#else
#define TILE_ZERO _tile_zero
#define TILE_LOAD _tile_loadd
#define TILE_STORE _tile_stored
#define TILE_PRODUCT _tile_dpbusd
#define TILES_BEGIN _tile_loadconfig
#define TILES_END _tile_release
#endif

/// Adds the products of the rows at x and the weights at w by tiles A and B.
#define AMX_STEP(MR, NV, A, B)                                                                                         \
  {                                                                                                                    \
    TILE_LOAD(A, x, step);                                                                                             \
    TILE_LOAD(B, w, 64);                                                                                               \
    TILE_PRODUCT(0, A, B);                                                                                             \
    if (MR > 1) {                                                                                                      \
      TILE_LOAD(A, x + 16 * step, step);                                                                               \
      TILE_PRODUCT(2, A, B);                                                                                           \
    }                                                                                                                  \
    if (NV > 1) {                                                                                                      \
      TILE_LOAD(B, w + panel, 64);                                                                                     \
      TILE_PRODUCT(MR > 1 ? 3 : 1, A, B);                                                                              \
    }                                                                                                                  \
    if (MR > 1 && NV > 1) {                                                                                            \
      TILE_LOAD(A, x, step);                                                                                           \
      TILE_PRODUCT(1, A, B);                                                                                           \
    }                                                                                                                  \
  }

/// sums [16 MR][16 NV] of the rows at x and the NV panels at w.
#define AMX_TILE(MR, NV)                                                                                               \
  static void AMX_NAME(tile_##MR##x##NV)(                                                                              \
      const uint8_t *x, ptrdiff_t step, const int8_t *w, ptrdiff_t panel, ptrdiff_t groups, int32_t *sums) {           \
    TILE_ZERO(0);                                                                                                      \
    TILE_ZERO(1);                                                                                                      \
    TILE_ZERO(2);                                                                                                      \
    TILE_ZERO(3);                                                                                                      \
    for (ptrdiff_t g = groups / 16; g > 0; g--, w += 1024, x += 64) AMX_STEP(MR, NV, 4, 5)                             \
    if (groups % 16) AMX_STEP(MR, NV, 6, 7)                                                                            \
    TILE_STORE(0, sums, NV * 64);                                                                                      \
    if (NV > 1) TILE_STORE(1, sums + 16, NV * 64);                                                                     \
    if (MR > 1) TILE_STORE(2, sums + 16 * NV * 16, NV * 64);                                                           \
    if (MR > 1 && NV > 1) TILE_STORE(3, sums + 16 * NV * 16 + 16, NV * 64);                                            \
  }
AMX_TILE(1, 1)
AMX_TILE(1, 2)
AMX_TILE(2, 1)
AMX_TILE(2, 2)

#define AMX_CHOICE(NV)                                                                                                 \
  static size_t AMX_NAME(tile_##NV)(                                                                                   \
      size_t rows, const uint8_t *x, ptrdiff_t step, const int8_t *w, ptrdiff_t panel, ptrdiff_t groups,               \
      int32_t *sums) {                                                                                                 \
    if (rows < 16) return AMX_REST(NV)(rows, x, step, w, panel, groups, sums);                          \
    if (rows >= 32) return AMX_NAME(tile_2x##NV)(x, step, w, panel, groups, sums), 32;                                 \
    return AMX_NAME(tile_1x##NV)(x, step, w, panel, groups, sums), 16;                                                 \
  }
AMX_CHOICE(1)
AMX_CHOICE(2)

static size_t AMX_NAME(integer_product_workspace)(const CKIntegerWeights *weights, size_t rows) {
  (void)weights, (void)rows;
  return 0;
}

static void AMX_NAME(integer_product)(
    const CKIntegerWeights *weights, const CKQuantisedRows *quantised, ptrdiff_t rowStride, size_t tokens, size_t fine,
    size_t firstOutput, size_t lastOutput, const CKIntegerEpilogue *epilogue, float *y, ptrdiff_t yStride,
    void *workspace) {
  (void)workspace;
  const AMX_NAME(Tiles) tiles = AMX_NAME(tiles)(weights->groups);
  TILES_BEGIN(&tiles);
  integer_product_by_panels(
      AMX_NAME(tile_1), AMX_NAME(tile_2), weights, quantised, rowStride, tokens, fine, firstOutput, lastOutput, epilogue, y,
      yStride);
  TILES_END();
}

static void AMX_NAME(byte_convolution)(
    const CKByteConvolution *c, const uint8_t *x, ptrdiff_t firstRow, ptrdiff_t lastRow, uint8_t *workspace) {
  const AMX_NAME(Tiles) tiles = AMX_NAME(tiles)(c->weights->groups);
  TILES_BEGIN(&tiles);
  byte_convolution_by_panels(AMX_NAME(tile_1), AMX_NAME(tile_2), c, x, firstRow, lastRow, workspace);
  TILES_END();
}

#undef TILE_ZERO
#undef TILE_LOAD
#undef TILE_STORE
#undef TILE_PRODUCT
#undef TILES_BEGIN
#undef TILES_END
