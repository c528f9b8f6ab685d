// Winograd's minimal filtering F(4x4, 3x3): 36 multiplications where the direct algorithm takes 144.
//
// Tiles of 6x6 inputs are transformed, multiplied channel by channel with transformed weights (36 products of
// matrices) and transformed back to 4x4 outputs. The weight gradient is the adjoint: transformed inputs times
// transformed gradients, summed over tiles and transformed back to 3x3.
//
// Source: Lavin and Gray 2016, arXiv:1509.09308, with the points 0, ±1, ±2, ∞.

INLINE bool uses_winograd(CK_SHAPE, CKPass pass) {
  if (shape->algorithm == CKAlgorithmDirect) return false;
  if (shape->kernelHeight != 3 || shape->kernelWidth != 3 || shape->stride != 1) return false;
  if (shape->algorithm == CKAlgorithmWinograd) return true;
  (void)pass;
  return shape->inChannels >= 16 && shape->outChannels >= 16 && shape->outHeight >= 4 && shape->outWidth >= 4 &&
         shape->inHeight >= 4 && shape->inWidth >= 4;
}

/// Bᵀd: six inputs, `step` apart, to six products' left factors.
INLINE void transform_input(const vf *d, ptrdiff_t step, vf *to, ptrdiff_t toStep) {
  vf d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step], d4 = d[4 * step], d5 = d[5 * step];
  vf a = d4 - 4.0f * d2, b = d3 - 4.0f * d1, e = d4 - d2, f = 2.0f * (d3 - d1);
  to[0] = 4.0f * d0 - 5.0f * d2 + d4;
  to[toStep] = a + b;
  to[2 * toStep] = a - b;
  to[3 * toStep] = e + f;
  to[4 * toStep] = e - f;
  to[5 * toStep] = 4.0f * d1 - 5.0f * d3 + d5;
}

/// Aᵀm: six products to four outputs.
INLINE void transform_output(const vf *m, ptrdiff_t step, vf *to, ptrdiff_t toStep) {
  vf a = m[step] + m[2 * step], b = m[step] - m[2 * step];
  vf e = m[3 * step] + m[4 * step], f = m[3 * step] - m[4 * step];
  to[0] = m[0] + a + e;
  to[toStep] = b + 2.0f * f;
  to[2 * toStep] = a + 4.0f * e;
  to[3 * toStep] = b + 8.0f * f + m[5 * step];
}

/// A g: the adjoint of the output's, four gradients to six.
INLINE void transform_gradient(const vf *g, ptrdiff_t step, vf *to, ptrdiff_t toStep) {
  vf g0 = g[0], g1 = g[step], g2 = g[2 * step], g3 = g[3 * step];
  vf even = g0 + g2, odd = g1 + g3, even2 = g0 + 4.0f * g2, odd2 = 2.0f * g1 + 8.0f * g3;
  to[0] = g0;
  to[toStep] = even + odd;
  to[2 * toStep] = even - odd;
  to[3 * toStep] = even2 + odd2;
  to[4 * toStep] = even2 - odd2;
  to[5 * toStep] = g3;
}

/// G w: three weights to six.
INLINE void transform_weights(const vf *w, ptrdiff_t step, vf *to, ptrdiff_t toStep) {
  vf w0 = w[0], w1 = w[step], w2 = w[2 * step];
  vf even = (w0 + w2) * (-1.0f / 6), odd = w1 * (-1.0f / 6);
  vf far = w0 * (1.0f / 24) + w2 * (1.0f / 6), farOdd = w1 * (1.0f / 12);
  to[0] = w0 * 0.25f;
  to[toStep] = even + odd;
  to[2 * toStep] = even - odd;
  to[3 * toStep] = far + farOdd;
  to[4 * toStep] = far - farOdd;
  to[5 * toStep] = w2;
}

/// Gᵀm: the adjoint of the weights', six to three.
INLINE void transform_weight_gradient(const vf *m, ptrdiff_t step, vf *to, ptrdiff_t toStep) {
  vf sum = m[step] + m[2 * step], difference = m[step] - m[2 * step];
  vf farSum = m[3 * step] + m[4 * step], farDifference = m[3 * step] - m[4 * step];
  to[0] = 0.25f * m[0] - sum * (1.0f / 6) + farSum * (1.0f / 24);
  to[toStep] = farDifference * (1.0f / 12) - difference * (1.0f / 6);
  to[2 * toStep] = (farSum - sum) * (1.0f / 6) + m[5 * step];
}

/// A pass as a forward correlation over tiles: channels rounded up to vectors, tiles numbered over the whole batch.
typedef struct Winograd {
  ptrdiff_t inH, inW, inC, outH, outW, outC, padTop, padLeft;
  ptrdiff_t tilesY, tilesX, tiles;  // tiles: of the batch
  ptrdiff_t block, slices;          // tiles of one slice's round; rounds = slices
  ptrdiff_t inWide, outWide;        // channels as multiples of VL
} Winograd;

INLINE Winograd winograd_of(CK_SHAPE, CKPass pass) {
  Winograd w;
  if (pass == CKPassBackwardData)
    w = (Winograd){.inH = shape->outHeight, .inW = shape->outWidth, .inC = shape->outChannels, .outH = shape->inHeight,
                   .outW = shape->inWidth, .outC = shape->inChannels, .padTop = 2 - shape->padTop,
                   .padLeft = 2 - shape->padLeft};
  else
    w = (Winograd){.inH = shape->inHeight, .inW = shape->inWidth, .inC = shape->inChannels, .outH = shape->outHeight,
                   .outW = shape->outWidth, .outC = shape->outChannels, .padTop = shape->padTop,
                   .padLeft = shape->padLeft};
  w.tilesY = ceiling(w.outH, 4);
  w.tilesX = ceiling(w.outW, 4);
  w.tiles = shape->batch * w.tilesY * w.tilesX;
  w.inWide = vectors_of(w.inC) * VL;
  w.outWide = vectors_of(w.outC) * VL;
  // Both transformed blocks should stay in the second-level cache; with many channels the weights do not, and a
  // longer block reads them less often.
  ptrdiff_t byCache = 98304 / (36 * (w.inWide + w.outWide));
  ptrdiff_t least_ = w.inWide * w.outWide >= 64 * 64 ? 48 : 24;
  w.block = most(least_, byCache / 24 * 24);
  w.slices = ceiling(w.tiles, w.block);
  w.block = ceiling(ceiling(w.tiles, w.slices), 2) * 2;
  w.slices = ceiling(w.tiles, w.block);
  return w;
}

/// Packed weights: for each of the 36 products its panels, as a correlation's.
INLINE size_t winograd_packed(CK_SHAPE, CKPass pass) {
  const Winograd w = winograd_of(shape, pass);
  return (size_t)(36 * w.inC * w.outWide);
}

static void winograd_pack(CK_SHAPE, CKPass pass, const float *weights, float *packed, size_t slice) {
  const Winograd w = winograd_of(shape, pass);
  const ptrdiff_t v = (ptrdiff_t)slice * 2, nv = panel_vectors(w.outWide / VL, v), channel = v * VL;
  const ptrdiff_t inC = shape->inChannels, outC = shape->outChannels;
  for (ptrdiff_t i = 0; i < w.inC; i++)
    for (ptrdiff_t j = 0; j < nv; j++) {
      const ptrdiff_t first = channel + j * VL;
      const size_t n = (size_t)(w.outC - first);
      vf g[9], half[18], u[36];
      for (ptrdiff_t k = 0; k < 9; k++) {
        if (pass == CKPassForward) {
          g[k] = load_up_to(weights + (k * inC + i) * outC + first, n);
        } else {
          g[k] = (vf){0};  // turned by half a circle, inputs and outputs exchanged
          for (ptrdiff_t l = 0; l < VL && l < (ptrdiff_t)n; l++) g[k][l] = weights[((8 - k) * inC + first + l) * outC + i];
        }
      }
      UNROLL for (int x = 0; x < 3; x++) transform_weights(g + x, 3, half + x, 3);
      UNROLL for (int y = 0; y < 6; y++) transform_weights(half + 3 * y, 1, u + 6 * y, 1);
      for (ptrdiff_t f = 0; f < 36; f++)
        store(packed + f * w.inC * w.outWide + w.inC * channel + (i * nv + j) * VL, u[f]);
    }
}

/// One tile's patch of `side` x `side` pixels of an image, one vector of channels; zeros outside.
INLINE void load_patch(
    const int side, const float *image, ptrdiff_t H, ptrdiff_t W, ptrdiff_t C, ptrdiff_t y0, ptrdiff_t x0, ptrdiff_t c,
    vf *patch) {
  const size_t n = (size_t)(C - c);
  if (n >= VL && y0 >= 0 && x0 >= 0 && y0 + side <= H && x0 + side <= W) {
    const float *from = image + (y0 * W + x0) * C + c;
    UNROLL for (int y = 0; y < side; y++)
      UNROLL for (int x = 0; x < side; x++) patch[y * side + x] = load(from + (y * W + x) * C);
    return;
  }
  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++) {
      const ptrdiff_t iy = y0 + y, ix = x0 + x;
      patch[y * side + x] = iy >= 0 && iy < H && ix >= 0 && ix < W ? load_up_to(image + (iy * W + ix) * C + c, n)
                                                                   : (vf){0};
    }
}

/// Tiles `first..<first + count` of x as V[36][count][wide].
static void winograd_input(
    const Winograd *w, const float *x, ptrdiff_t first, ptrdiff_t count, float *V, ptrdiff_t wide) {
  const ptrdiff_t perImage = w->tilesY * w->tilesX;
  for (ptrdiff_t t = 0; t < count; t++) {
    const ptrdiff_t tile = first + t, at = tile % perImage;
    const float *image = x + tile / perImage * w->inH * w->inW * w->inC;
    const ptrdiff_t y0 = at / w->tilesX * 4 - w->padTop, x0 = at % w->tilesX * 4 - w->padLeft;
    for (ptrdiff_t c = 0; c < w->inC; c += VL) {
      vf d[36], half[36];
      load_patch(6, image, w->inH, w->inW, w->inC, y0, x0, c, d);
      UNROLL for (int k = 0; k < 6; k++) transform_input(d + k, 6, half + k, 6);
      UNROLL for (int k = 0; k < 6; k++) {
        vf u[6];
        transform_input(half + 6 * k, 1, u, 1);
        UNROLL for (int l = 0; l < 6; l++) store(V + ((6 * k + l) * count + t) * wide + c, u[l]);
      }
    }
  }
}

/// M[36][count][outWide] back to y.
static void winograd_output(
    const Winograd *w, const float *M, ptrdiff_t first, ptrdiff_t count, float *y, const CKEpilogue *epilogue) {
  const ptrdiff_t perImage = w->tilesY * w->tilesX;
  for (ptrdiff_t t = 0; t < count; t++) {
    const ptrdiff_t tile = first + t, at = tile % perImage;
    const ptrdiff_t y0 = at / w->tilesX * 4, x0 = at % w->tilesX * 4;
    const ptrdiff_t base = tile / perImage * w->outH * w->outW;
    const ptrdiff_t tall = least(4, w->outH - y0), wide = least(4, w->outW - x0);
    for (ptrdiff_t c = 0; c < w->outC; c += VL) {
      const size_t n = (size_t)(w->outC - c);
      vf m[36], half[24], out[16];
      UNROLL for (int f = 0; f < 36; f++) m[f] = load(M + (f * count + t) * w->outWide + c);
      UNROLL for (int k = 0; k < 6; k++) transform_output(m + k, 6, half + k, 6);
      UNROLL for (int k = 0; k < 4; k++) transform_output(half + 6 * k, 1, out + 4 * k, 1);
      if (!epilogue && n >= VL && tall == 4 && wide == 4) {
        UNROLL for (int r = 0; r < 4; r++)
          UNROLL for (int q = 0; q < 4; q++)
            store(y + (base + (y0 + r) * w->outW + x0 + q) * w->outC + c, out[4 * r + q]);
        continue;
      }
      for (ptrdiff_t r = 0; r < tall; r++)
        for (ptrdiff_t q = 0; q < wide; q++) {
          const ptrdiff_t offset = (base + (y0 + r) * w->outW + x0 + q) * w->outC;
          vf v = out[4 * r + q];
          if (epilogue) v = finish_vector(epilogue, v, c, offset, n);
          store_up_to(y + offset + c, v, n);
        }
    }
  }
}

static void winograd_run(
    CK_SHAPE, CKPass pass, const float *x, const float *packed, float *y, const CKEpilogue *epilogue, float *workspace,
    ptrdiff_t slice) {
  const Winograd w = winograd_of(shape, pass);
  const ptrdiff_t first = slice * w.block, count = least(w.block, w.tiles - first);
  if (count <= 0) return;
  ptrdiff_t *in = offsets_at(workspace), *out = in + count;
  float *V = (float *)(out + count), *M = V + 36 * count * w.inWide;
  winograd_input(&w, x, first, count, V, w.inWide);
  for (ptrdiff_t t = 0; t < count; t++) in[t] = t * w.inWide, out[t] = t * w.outWide;
  const ptrdiff_t vectors = w.outWide / VL;
  for (ptrdiff_t f = 0; f < 36; f++) {
    const float *left = V + f * count * w.inWide, *weights = packed + f * w.inC * w.outWide;
    for (ptrdiff_t v = 0, nv; v < vectors; v += nv) {
      nv = panel_vectors(vectors, v);
      const Destination d = {M + f * count * w.outWide + v * VL, nv * VL, NULL};
      for (ptrdiff_t t = 0, rows; t < count; t += rows) {
        rows = tile_rows(count - t, ROWS_OF(nv));
        row_tiles[nv - 1][rows - 1](left, in + t, 1, 0, w.inC, weights + w.inC * v * VL, &d, out + t);
      }
    }
  }
  winograd_output(&w, M, first, count, y, epilogue);
}

// MARK: - Weight gradient

/// Tiles of a round of the weight gradient, and the slices it is summed over.
typedef struct WinogradGradient {
  ptrdiff_t slices, round;
} WinogradGradient;

INLINE size_t winograd_partial(CK_SHAPE) { return (size_t)(36 * shape->inChannels * vectors_of(shape->outChannels) * VL); }

INLINE WinogradGradient winograd_gradient(CK_SHAPE, const Winograd *w) {
  const ptrdiff_t slices = gradient_slices(shape, (ptrdiff_t)winograd_partial(shape), ceiling(w->tiles, 24));
  const ptrdiff_t byCache = 98304 / (36 * (w->inWide + w->outWide));
  return (WinogradGradient){slices, least(ceiling(w->tiles, slices), most(96, byCache))};
}

static size_t winograd_slices(CK_SHAPE, CKPass pass) {
  const Winograd w = winograd_of(shape, pass);
  return (size_t)(pass == CKPassBackwardWeights ? winograd_gradient(shape, &w).slices : w.slices);
}

static size_t winograd_workspace(CK_SHAPE, CKPass pass) {
  const Winograd w = winograd_of(shape, pass);
  const ptrdiff_t count = pass == CKPassBackwardWeights ? winograd_gradient(shape, &w).round : w.block;
  return 2 + 2 * offsets_count(count) + (size_t)(36 * count * (w.inWide + w.outWide));
}

/// Tiles of dy as panels: for each of the 36 products and each panel of vectors, [count][nv * VL].
static void winograd_gradient_tiles(const Winograd *w, const float *dy, ptrdiff_t first, ptrdiff_t count, float *D) {
  const ptrdiff_t perImage = w->tilesY * w->tilesX, vectors = w->outWide / VL;
  for (ptrdiff_t t = 0; t < count; t++) {
    const ptrdiff_t tile = first + t, at = tile % perImage;
    const float *image = dy + tile / perImage * w->outH * w->outW * w->outC;
    for (ptrdiff_t v = 0, nv; v < vectors; v += nv) {
      nv = panel_vectors(vectors, v);
      for (ptrdiff_t j = 0; j < nv; j++) {
        vf g[16], half[24];
        load_patch(4, image, w->outH, w->outW, w->outC, at / w->tilesX * 4, at % w->tilesX * 4, (v + j) * VL, g);
        UNROLL for (int k = 0; k < 4; k++) transform_gradient(g + k, 4, half + k, 4);
        UNROLL for (int k = 0; k < 6; k++) {
          vf u[6];
          transform_gradient(half + 4 * k, 1, u, 1);
          UNROLL for (int l = 0; l < 6; l++)
            store(D + (6 * k + l) * count * w->outWide + count * v * VL + (t * nv + j) * VL, u[l]);
        }
      }
    }
  }
}

static void winograd_backward_weights(
    CK_SHAPE, const float *x, const float *dy, float *partial, float *workspace, ptrdiff_t slice) {
  const Winograd w = winograd_of(shape, CKPassBackwardWeights);
  const WinogradGradient g = winograd_gradient(shape, &w);
  const ptrdiff_t end = w.tiles * (slice + 1) / g.slices, vectors = w.outWide / VL, zero = 0;
  memset(partial, 0, winograd_partial(shape) * sizeof(float));
  for (ptrdiff_t first = w.tiles * slice / g.slices, count; first < end; first += count) {
    count = least(g.round, end - first);
    float *V = workspace, *D = V + 36 * count * w.inWide;
    winograd_input(&w, x, first, count, V, w.inWide);
    winograd_gradient_tiles(&w, dy, first, count, D);
    for (ptrdiff_t f = 0; f < 36; f++)
      for (ptrdiff_t v = 0, nv; v < vectors; v += nv) {
        nv = panel_vectors(vectors, v);
        const float *right = D + f * count * w.outWide + count * v * VL;
        for (ptrdiff_t m = 0, rows; m < w.inC; m += rows) {
          rows = tile_rows(w.inC - m, ROWS_OF(nv));
          outer_tiles[nv - 1][rows - 1](
              V + f * count * w.inWide + m, &zero, 1, count, w.inWide, right,
              partial + (f * w.inC + m) * w.outWide + v * VL, w.outWide, nv * VL);
        }
      }
  }
}

static void winograd_reduce(
    CK_SHAPE, const float *partials, size_t slices, float *dw, bool accumulate, size_t part, size_t parts) {
  const ptrdiff_t inC = shape->inChannels, outC = shape->outChannels, wide = vectors_of(outC) * VL;
  const size_t step = winograd_partial(shape);
  for (ptrdiff_t i = inC * (ptrdiff_t)part / (ptrdiff_t)parts; i < inC * ((ptrdiff_t)part + 1) / (ptrdiff_t)parts; i++)
    for (ptrdiff_t c = 0; c < outC; c += VL) {
      const size_t n = (size_t)(outC - c);
      vf m[36], half[18], g[9];
      for (ptrdiff_t f = 0; f < 36; f++) {
        const float *at = partials + (f * inC + i) * wide + c;
        m[f] = load(at);
        for (size_t s = 1; s < slices; s++) m[f] += load(at + s * step);
      }
      UNROLL for (int k = 0; k < 6; k++) transform_weight_gradient(m + k, 6, half + k, 6);
      UNROLL for (int k = 0; k < 3; k++) transform_weight_gradient(half + 6 * k, 1, g + 3 * k, 1);
      for (ptrdiff_t k = 0; k < 9; k++) {
        float *at = dw + (k * inC + i) * outC + c;
        vf v = g[k];
        if (accumulate) v += load_up_to(at, n);
        store_up_to(at, v, n);
      }
    }
}
