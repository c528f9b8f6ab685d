// Integer products by VPDPBUSD, which multiplies bytes and adds four products to an int32 exactly.

/// sums [MR][NV * 16] of the rows at x and the NV panels of 16 outputs at w, `panel` bytes apart.
#define VNNI_TILE(MR, NV)                                                                                              \
  static void vnni_tile_##MR##x##NV(                                                                                   \
      const uint8_t *x, ptrdiff_t step, const int8_t *w, ptrdiff_t panel, ptrdiff_t groups, int32_t *sums) {           \
    __m512i c[MR][NV];                                                                                                 \
    UNROLL for (int i = 0; i < MR; i++) UNROLL for (int j = 0; j < NV; j++) c[i][j] = _mm512_setzero_si512();          \
    for (ptrdiff_t g = 0; g < groups; g++, w += 64, x += 4) {                                                          \
      __m512i b[NV];                                                                                                   \
      UNROLL for (int j = 0; j < NV; j++) b[j] = _mm512_loadu_si512(w + j * panel);                                    \
      UNROLL for (int i = 0; i < MR; i++) {                                                                            \
        int32_t four;                                                                                                  \
        memcpy(&four, x + i * step, 4);                                                                                \
        __m512i a = _mm512_set1_epi32(four);                                                                           \
        UNROLL for (int j = 0; j < NV; j++) c[i][j] = _mm512_dpbusd_epi32(c[i][j], a, b[j]);                           \
      }                                                                                                                \
    }                                                                                                                  \
    UNROLL for (int i = 0; i < MR; i++)                                                                                \
      UNROLL for (int j = 0; j < NV; j++) _mm512_storeu_si512(sums + (i * NV + j) * 16, c[i][j]);                      \
  }
#define VNNI_TILES(NV) VNNI_TILE(1, NV) VNNI_TILE(2, NV) VNNI_TILE(3, NV) VNNI_TILE(4, NV) VNNI_TILE(6, NV) VNNI_TILE(12, NV)
VNNI_TILES(1)
VNNI_TILES(2)

#define VNNI_CHOICE(NV)                                                                                                \
  INLINE size_t vnni_tile_##NV(                                                                                        \
      size_t rows, const uint8_t *x, ptrdiff_t step, const int8_t *w, ptrdiff_t panel, ptrdiff_t groups,               \
      int32_t *sums) {                                                                                                 \
    if (rows >= 12) return vnni_tile_12x##NV(x, step, w, panel, groups, sums), 12;                                     \
    if (rows >= 6) return vnni_tile_6x##NV(x, step, w, panel, groups, sums), 6;                                        \
    if (rows >= 4) return vnni_tile_4x##NV(x, step, w, panel, groups, sums), 4;                                        \
    if (rows == 3) return vnni_tile_3x##NV(x, step, w, panel, groups, sums), 3;                                        \
    if (rows == 2) return vnni_tile_2x##NV(x, step, w, panel, groups, sums), 2;                                        \
    return vnni_tile_1x##NV(x, step, w, panel, groups, sums), 1;                                                       \
  }
VNNI_CHOICE(1)
VNNI_CHOICE(2)

static size_t vnni_integer_product_workspace(const CKIntegerWeights *weights, size_t rows) {
  (void)weights, (void)rows;
  return 0;
}

static void vnni_integer_product(
    const CKIntegerWeights *weights, const CKQuantisedRows *quantised, ptrdiff_t rowStride, size_t tokens, size_t fine,
    size_t firstOutput, size_t lastOutput, const CKIntegerEpilogue *epilogue, float *y, ptrdiff_t yStride,
    void *workspace) {
  (void)workspace;
  integer_product_by_panels(
      vnni_tile_1, vnni_tile_2, weights, quantised, rowStride, tokens, fine, firstOutput, lastOutput, epilogue, y, yStride);
}

static void vnni_byte_convolution(
    const CKByteConvolution *c, const uint8_t *x, ptrdiff_t firstRow, ptrdiff_t lastRow, uint8_t *workspace) {
  byte_convolution_by_panels(vnni_tile_1, vnni_tile_2, c, x, firstRow, lastRow, workspace);
}

static void vnni_attention(
    const float *q, const float *k, const float *v, ptrdiff_t stride, size_t queries, size_t keys, size_t width,
    size_t fine, float scale, float *y, ptrdiff_t yStride, void *workspace) {
  attend(vnni_integer_product, q, k, v, stride, queries, keys, width, fine, scale, y, yStride, workspace);
}

CK_TABLE(
    ckTableAvx512Vnni, .integer_product_workspace = vnni_integer_product_workspace,
    .integer_product = vnni_integer_product, .attention = vnni_attention,
    .byte_convolution = vnni_byte_convolution)
