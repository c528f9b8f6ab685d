// Correlations, of which the passes of a convolution are made.
//
// A correlation is a product of matrices whose left side is never formed: for one output pixel and one kernel row, the
// kW * inC inputs under the kernel lie in one run of memory. Images are copied into zero-framed rows where the kernel
// reaches outside; elsewhere they are read in place.

/// A correlation of an image [batch, inH, inW, inC] with a kernel, whose outputs (gridH x gridW of them) land at
/// (outY0 + y * outStep, outX0 + x * outStep) of an image [batch, outH, outW, outC]. The forward pass is one such;
/// the backward-data pass one for each phase of the stride.
typedef struct Correlation {
  ptrdiff_t batch, inH, inW, inC;
  ptrdiff_t kH, kW, stride, padTop, padLeft;
  ptrdiff_t gridH, gridW;
  ptrdiff_t outH, outW, outC, outStep, outY0, outX0;
} Correlation;

INLINE Correlation forward_correlation(const CKConvolution *s) {
  return (Correlation){s->batch,    s->inHeight, s->inWidth,   s->inChannels, s->kernelHeight, s->kernelWidth,
                       s->stride,   s->padTop,   s->padLeft,   s->outHeight,  s->outWidth,     s->outHeight,
                       s->outWidth, s->outChannels, 1, 0, 0};
}

/// Along one axis, the taps k = first, first + stride, ... that reach inputs congruent to `phase`, and the pad of the
/// reversed kernel that they make over dy.
typedef struct Phase {
  ptrdiff_t first, taps, pad, grid;
} Phase;

INLINE Phase phase_of(ptrdiff_t phase, ptrdiff_t kernel, ptrdiff_t stride, ptrdiff_t pad, ptrdiff_t in) {
  // input i = phase + stride * g receives dy[q] * w[k] where stride * q + k - pad = i.
  ptrdiff_t first = (phase + pad) % stride;
  ptrdiff_t taps = first < kernel ? (kernel - first + stride - 1) / stride : 0;
  // q = g + (phase + pad - k) / stride falls from g + lead at the first tap to g + lead - (taps - 1) at the last.
  ptrdiff_t lead = (phase + pad - first) / stride;
  return (Phase){first, taps, taps - 1 - lead, phase < in ? (in - phase + stride - 1) / stride : 0};
}

INLINE Correlation backward_correlation(const CKConvolution *s, ptrdiff_t phaseY, ptrdiff_t phaseX) {
  Phase y = phase_of(phaseY, s->kernelHeight, s->stride, s->padTop, s->inHeight);
  Phase x = phase_of(phaseX, s->kernelWidth, s->stride, s->padLeft, s->inWidth);
  if (y.taps == 0 || x.taps == 0) y.taps = x.taps = 0;  // nothing reaches this phase: zeros
  return (Correlation){s->batch, s->outHeight, s->outWidth, s->outChannels, y.taps,   x.taps,
                       1,        y.pad,        x.pad,       y.grid,         x.grid,   s->inHeight,
                       s->inWidth, s->inChannels, s->stride, phaseY,        phaseX};
}

/// How a correlation is cut: `rows` grid rows of one image, or `images` whole ones.
typedef struct Cut {
  ptrdiff_t images, rows, perImage, slices;
} Cut;

INLINE ptrdiff_t least(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
INLINE ptrdiff_t most(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }
INLINE ptrdiff_t ceiling(ptrdiff_t a, ptrdiff_t b) { return (a + b - 1) / b; }

/// `pixels` is the wish for a slice.
INLINE Cut cut_images(ptrdiff_t batch, ptrdiff_t gridH, ptrdiff_t gridW, ptrdiff_t pixels) {
  Cut cut = {1, 1, 1, 1};
  ptrdiff_t perImage = most(1, gridH * gridW);
  if (pixels < perImage) {
    cut.perImage = ceiling(gridH, most(1, pixels / most(1, gridW)));
    cut.rows = ceiling(gridH, cut.perImage);
    cut.perImage = ceiling(gridH, cut.rows);
    cut.slices = batch * cut.perImage;
  } else {
    cut.images = ceiling(batch, ceiling(batch, least(batch, pixels / perImage)));
    cut.rows = most(1, gridH);
    cut.slices = ceiling(batch, cut.images);
  }
  return cut;
}

INLINE Cut cut_correlation(const Correlation *c) {
  ptrdiff_t perPixel = 2 * most(1, c->kH * c->kW) * c->inC * c->outC;
  ptrdiff_t byWork = most(8, 4000000 / perPixel);
  ptrdiff_t byCache = most(48, 40960 / (c->inC * c->stride * c->stride));
  ptrdiff_t total = c->batch * c->gridH * c->gridW;
  ptrdiff_t pixels = most(byWork, least(byCache, total / 8));
  return cut_images(c->batch, c->gridH, c->gridW, pixels);
}

/// Whether every tap of every output lies inside the input, so that it may be read where it is.
INLINE bool reads_inside(const Correlation *c) {
  return c->padTop <= 0 && c->padLeft <= 0 && (c->gridH - 1) * c->stride + c->kH - c->padTop <= c->inH &&
         (c->gridW - 1) * c->stride + c->kW - c->padLeft <= c->inW;
}

INLINE ptrdiff_t framed_width(const Correlation *c) { return (c->gridW - 1) * c->stride + c->kW; }
INLINE ptrdiff_t framed_rows(const Correlation *c, ptrdiff_t rows) { return (rows - 1) * c->stride + c->kH; }

/// Copies the input rows under grid rows `y0..<y0 + rows` of an image into a frame of zeros.
static void copy_framed(const Correlation *c, const float *image, ptrdiff_t y0, ptrdiff_t rows, float *frame) {
  const ptrdiff_t width = framed_width(c), count = framed_rows(c, rows);
  const ptrdiff_t left = most(0, least(width, c->padLeft));
  const ptrdiff_t from = most(0, -c->padLeft);
  const ptrdiff_t inner = most(0, least(width - left, c->inW - from));
  for (ptrdiff_t r = 0; r < count; r++, frame += width * c->inC) {
    ptrdiff_t y = y0 * c->stride + r - c->padTop;
    if (y < 0 || y >= c->inH || inner == 0) {
      memset(frame, 0, (size_t)(width * c->inC) * sizeof(float));
      continue;
    }
    memset(frame, 0, (size_t)(left * c->inC) * sizeof(float));
    memcpy(frame + left * c->inC, image + (y * c->inW + from) * c->inC, (size_t)(inner * c->inC) * sizeof(float));
    memset(frame + (left + inner) * c->inC, 0, (size_t)((width - left - inner) * c->inC) * sizeof(float));
  }
}

/// The input of one slice: where it lies, and the steps between its rows and between its images' first rows.
typedef struct Source {
  const float *base;
  ptrdiff_t rowStep, imageStep;
} Source;

INLINE size_t frame_count(const Correlation *c, ptrdiff_t images, ptrdiff_t rows) {
  return reads_inside(c) ? 0 : (size_t)(images * framed_rows(c, rows) * framed_width(c) * c->inC);
}

static Source source_of(
    const Correlation *c, const float *x, ptrdiff_t image0, ptrdiff_t images, ptrdiff_t y0, ptrdiff_t rows,
    float *frame) {
  const ptrdiff_t imageCount = c->inH * c->inW * c->inC;
  if (reads_inside(c))
    return (Source){x + image0 * imageCount + ((y0 * c->stride - c->padTop) * c->inW - c->padLeft) * c->inC,
                    c->inW * c->inC, imageCount};
  const ptrdiff_t rowStep = framed_width(c) * c->inC, imageStep = framed_rows(c, rows) * rowStep;
  for (ptrdiff_t n = 0; n < images; n++)
    copy_framed(c, x + (image0 + n) * imageCount, y0, rows, frame + n * imageStep);
  return (Source){frame, rowStep, imageStep};
}

/// Floats that hold n offsets.
INLINE size_t offsets_count(ptrdiff_t n) { return (size_t)n * (sizeof(ptrdiff_t) / sizeof(float)); }
INLINE ptrdiff_t *offsets_at(float *workspace) { return (ptrdiff_t *)(((uintptr_t)workspace + 7) & ~(uintptr_t)7); }

INLINE size_t correlation_workspace(const Correlation *c) {
  Cut cut = cut_correlation(c);
  return 2 + 2 * offsets_count(cut.images * cut.rows * c->gridW) + frame_count(c, cut.images, cut.rows);
}

/// Packed weights: panel by panel, [kH * kW * inC][panel's vectors * VL], zeros beyond outC.
INLINE size_t correlation_packed(const Correlation *c) {
  return (size_t)(c->kH * c->kW * c->inC * vectors_of(c->outC) * VL);
}

static void run_correlation(
    const Correlation *c, const float *x, const float *packed, float *y, const CKEpilogue *epilogue, float *workspace,
    ptrdiff_t slice) {
  const Cut cut = cut_correlation(c);
  const ptrdiff_t image0 = slice / cut.perImage * cut.images, images = least(cut.images, c->batch - image0);
  const ptrdiff_t y0 = slice % cut.perImage * cut.rows, rows = least(cut.rows, c->gridH - y0);
  if (images <= 0 || rows <= 0 || c->gridW <= 0) return;
  const ptrdiff_t pixels = images * rows * c->gridW;
  ptrdiff_t *in = offsets_at(workspace), *out = in + pixels;
  const Source source = source_of(c, x, image0, images, y0, rows, (float *)(out + pixels));
  for (ptrdiff_t n = 0, p = 0; n < images; n++)
    for (ptrdiff_t r = 0; r < rows; r++)
      for (ptrdiff_t q = 0; q < c->gridW; q++, p++) {
        in[p] = n * source.imageStep + r * c->stride * source.rowStep + q * c->stride * c->inC;
        ptrdiff_t oy = (y0 + r) * c->outStep + c->outY0, ox = q * c->outStep + c->outX0;
        out[p] = (((image0 + n) * c->outH + oy) * c->outW + ox) * c->outC;
      }
  ptrdiff_t runs = c->kH, run = c->kW * c->inC;
  if (source.rowStep == run) run *= runs, runs = 1;
  const ptrdiff_t depth = c->kH * c->kW * c->inC, vectors = vectors_of(c->outC);
  for (ptrdiff_t v = 0, nv; v < vectors; v += nv) {
    nv = panel_vectors(vectors, v);
    const ptrdiff_t channel = v * VL, rowsMost = ROWS_OF(nv);
    CKEpilogue moved;
    if (epilogue) moved = epilogue_from(epilogue, channel);
    const Destination d = {y + channel, least(nv * VL, c->outC - channel), epilogue ? &moved : NULL};
    const float *weights = packed + depth * channel;
    for (ptrdiff_t p = 0, count; p < pixels; p += count) {
      count = tile_rows(pixels - p, rowsMost);
      row_tiles[nv - 1][count - 1](source.base, in + p, runs, source.rowStep, run, weights, &d, out + p);
    }
  }
}

/// The slices of a weight gradient: by its work, `units` and the memory of its partial sums.
INLINE ptrdiff_t gradient_slices(CK_SHAPE, ptrdiff_t partial, ptrdiff_t units) {
  double work = 2.0 * (double)(shape->batch * shape->outHeight * shape->outWidth) * (double)shape->outChannels *
                (double)(shape->kernelHeight * shape->kernelWidth * shape->inChannels);
  ptrdiff_t byWork = (ptrdiff_t)(work / 8e6);
  ptrdiff_t byMemory = most(2, (4 << 20) / partial);
  return most(1, least(least(16, units), least(byWork, byMemory)));
}
