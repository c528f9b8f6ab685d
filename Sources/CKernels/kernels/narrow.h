// Convolutions to very few channels (an image's three), where a tile of output channels would be mostly empty.
//
// Instead each input pixel is multiplied with the weights of a whole kernel row, [inC] x [kW * outC], and the products
// are added where they belong: y[q + k] += z[q][k]. This serves the backward-data pass of any stride, and the forward
// pass of stride 1, which is the backward-data pass of the turned kernel.

typedef struct Narrow {
  ptrdiff_t batch, inH, inW, inC;    // the side that is read
  ptrdiff_t outH, outW, outC;        // the narrow side that is written
  ptrdiff_t kH, kW, stride, padTop, padLeft;
  ptrdiff_t columns, wide;           // kW * outC, and rounded up to vectors
  Cut cut;                           // of the rows of the output
} Narrow;

INLINE bool uses_narrow(CK_SHAPE, CKPass pass) {
  const bool forward = pass == CKPassForward;
  if (pass == CKPassBackwardWeights || (forward && shape->stride != 1)) return false;
  const ptrdiff_t narrow = forward ? shape->outChannels : shape->inChannels;
  const ptrdiff_t other = forward ? shape->inChannels : shape->outChannels;
  if (narrow > 4 || other < 8 || shape->kernelWidth == 1 || shape->kernelWidth < shape->stride) return false;
  // The zero pixels beside a row of products serve outputs at most kW - 1 pixels outside the row.
  const ptrdiff_t pad = forward ? shape->kernelWidth - 1 - shape->padLeft : shape->padLeft;
  const ptrdiff_t read = forward ? shape->inWidth : shape->outWidth;
  const ptrdiff_t written = forward ? shape->outWidth : shape->inWidth;
  return pad >= 0 && (written - 1 + pad) / shape->stride < read + shape->kernelWidth - 1;
}

INLINE Narrow narrow_of(CK_SHAPE, CKPass pass) {
  Narrow n = {.batch = shape->batch, .kH = shape->kernelHeight, .kW = shape->kernelWidth, .stride = shape->stride};
  if (pass == CKPassForward) {
    n.inH = shape->inHeight, n.inW = shape->inWidth, n.inC = shape->inChannels;
    n.outH = shape->outHeight, n.outW = shape->outWidth, n.outC = shape->outChannels;
    n.padTop = n.kH - 1 - shape->padTop, n.padLeft = n.kW - 1 - shape->padLeft;
  } else {
    n.inH = shape->outHeight, n.inW = shape->outWidth, n.inC = shape->outChannels;
    n.outH = shape->inHeight, n.outW = shape->inWidth, n.outC = shape->inChannels;
    n.padTop = shape->padTop, n.padLeft = shape->padLeft;
  }
  n.columns = n.kW * n.outC;
  n.wide = vectors_of(n.columns) * VL;
  // Neighbouring slices both read the rows between them: tall slices waste less.
  const ptrdiff_t rows = most(4 * n.kH, 2000000 / most(1, n.outW * n.kH * n.columns * n.inC / (n.stride * n.stride)));
  n.cut = cut_images(n.batch, n.outH, n.outW, rows * n.outW);
  n.cut.images = 1;
  n.cut.slices = n.batch * n.cut.perImage;
  return n;
}

INLINE size_t narrow_packed(CK_SHAPE, CKPass pass) {
  const Narrow n = narrow_of(shape, pass);
  return (size_t)(n.kH * n.inC * n.wide);
}

INLINE size_t narrow_slices(CK_SHAPE, CKPass pass) { return (size_t)narrow_of(shape, pass).cut.slices; }

/// Offsets of the row's pixels, the sums of the slice's rows, and the products of one input row with kW - 1 zero
/// pixels on either side, each with room for a vector's overhang.
INLINE size_t narrow_workspace(CK_SHAPE, CKPass pass) {
  const Narrow n = narrow_of(shape, pass);
  return 2 + 2 * offsets_count(n.inW) + (size_t)(n.cut.rows * n.outW * 4 + (n.inW + 2 * n.kW) * n.columns + 4);
}

/// [kH][panels][inC][panel]: column kx * outC + c of kernel row ky.
static void narrow_pack(CK_SHAPE, CKPass pass, const float *weights, float *packed) {
  const Narrow n = narrow_of(shape, pass);
  const ptrdiff_t vectors = n.wide / VL;
  for (ptrdiff_t ky = 0; ky < n.kH; ky++)
    for (ptrdiff_t v = 0, nv; v < vectors; v += nv) {
      nv = panel_vectors(vectors, v);
      for (ptrdiff_t i = 0; i < n.inC; i++)
        for (ptrdiff_t l = 0; l < nv * VL; l++) {
          const ptrdiff_t column = v * VL + l, kx = column / n.outC, c = column % n.outC;
          float value = 0;
          if (column < n.columns && pass == CKPassForward)
            value = weights[(((n.kH - 1 - ky) * n.kW + n.kW - 1 - kx) * n.inC + i) * n.outC + c];
          else if (column < n.columns)
            value = weights[((ky * n.kW + kx) * n.outC + c) * n.inC + i];
          *packed++ = value;
        }
    }
}

typedef float four __attribute__((vector_size(16), aligned(4)));

/// sums[x] += Σ over kx of the products z[(x + padLeft - kx) / stride][kx]; four floats a pixel, of which outC count.
INLINE void narrow_gather(const Narrow *n, const float *z, float *sums) {
  const ptrdiff_t step = n->stride * n->outC - n->columns;  // one pixel back, `stride` taps on
  ptrdiff_t phase = n->padLeft % n->stride, q = n->padLeft / n->stride;
  for (ptrdiff_t x = 0; x < n->outW; x++) {
    four total = *(const four *)(sums + 4 * x);
    const float *at = z + q * n->columns + phase * n->outC;
    for (ptrdiff_t kx = phase; kx < n->kW; kx += n->stride, at += step) total += *(const four *)at;
    *(four *)(sums + 4 * x) = total;
    if (++phase == n->stride) phase = 0, q++;
  }
}

static void narrow_run(
    CK_SHAPE, CKPass pass, const float *x, const float *packed, float *y, const CKEpilogue *epilogue, float *workspace,
    ptrdiff_t slice) {
  const Narrow n = narrow_of(shape, pass);
  const ptrdiff_t image = slice / n.cut.perImage, y0 = slice % n.cut.perImage * n.cut.rows;
  const ptrdiff_t rows = least(n.cut.rows, n.outH - y0), vectors = n.wide / VL;
  if (rows <= 0) return;
  ptrdiff_t *in = offsets_at(workspace), *out = in + n.inW;
  float *sums = (float *)(out + n.inW), *products = sums + rows * n.outW * 4, *z = products + n.kW * n.columns;
  memset(sums, 0, (size_t)(rows * n.outW * 4) * sizeof(float));
  memset(products, 0, (size_t)((n.inW + 2 * n.kW) * n.columns + 4) * sizeof(float));
  for (ptrdiff_t q = 0; q < n.inW; q++) in[q] = q * n.inC, out[q] = q * n.columns;
  for (ptrdiff_t r = 0; r < n.inH; r++) {
    const float *row = x + (image * n.inH + r) * n.inW * n.inC;
    for (ptrdiff_t ky = 0; ky < n.kH; ky++) {
      const ptrdiff_t target = r * n.stride + ky - n.padTop - y0;
      if (target < 0 || target >= rows) continue;
      const float *weights = packed + ky * n.inC * n.wide;
      for (ptrdiff_t v = 0, nv; v < vectors; v += nv) {
        nv = panel_vectors(vectors, v);
        const Destination d = {z + v * VL, least(nv * VL, n.columns - v * VL), NULL};
        for (ptrdiff_t q = 0, count; q < n.inW; q += count) {
          count = tile_rows(n.inW - q, ROWS_OF(nv));
          row_tiles[nv - 1][count - 1](row, in + q, 1, 0, n.inC, weights + n.inC * v * VL, &d, out + q);
        }
      }
      narrow_gather(&n, z, sums + target * n.outW * 4);
    }
  }
  for (ptrdiff_t p = 0; p < rows * n.outW; p++) {
    const ptrdiff_t offset = ((image * n.outH + y0) * n.outW + p) * n.outC;
    for (ptrdiff_t c = 0; c < n.outC; c++) y[offset + c] = sums[4 * p + c];
  }
  if (epilogue) {
    const ptrdiff_t offset = (image * n.outH + y0) * n.outW * n.outC;
    CKEpilogue moved = *epilogue;
    if (moved.residual) moved.residual += offset;
    isa_channel_affine(y + offset, (size_t)(rows * n.outW), (size_t)n.outC, &moved, y + offset);
  }
}
