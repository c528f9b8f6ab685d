// Dense convolutions: the direct algorithm of all three passes.
//
// Every pass is a product of matrices whose left side is never formed: for one output pixel and one kernel row, the
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

#include "narrow.h"
//
#include "winograd.h"

static CKAlgorithm isa_conv_algorithm(CK_SHAPE, CKPass pass) {
  return uses_winograd(shape, pass) ? CKAlgorithmWinograd : CKAlgorithmDirect;
}

// MARK: - Packing

static size_t isa_conv_packed_count(CK_SHAPE, CKPass pass) {
  if (uses_winograd(shape, pass)) return winograd_packed(shape, pass);
  if (uses_narrow(shape, pass)) return narrow_packed(shape, pass);
  if (pass == CKPassForward) {
    Correlation c = forward_correlation(shape);
    return correlation_packed(&c);
  }
  size_t count = 0;
  for (ptrdiff_t phase = 0; phase < shape->stride * shape->stride; phase++) {
    Correlation c = backward_correlation(shape, phase / shape->stride, phase % shape->stride);
    count += correlation_packed(&c);
  }
  return count;
}

/// One part packs one panel of the result's channels.
static size_t isa_conv_pack_slices(CK_SHAPE, CKPass pass) {
  if (uses_narrow(shape, pass)) return 1;
  ptrdiff_t vectors = vectors_of(pass == CKPassForward ? shape->outChannels : shape->inChannels), slices = 0;
  for (ptrdiff_t v = 0; v < vectors; v += panel_vectors(vectors, v)) slices++;
  return (size_t)slices;
}

/// The first vector of a panel, and its vectors.
INLINE ptrdiff_t panel_start(size_t panel) { return (ptrdiff_t)panel * 2; }

static void isa_conv_pack(CK_SHAPE, CKPass pass, const float *weights, float *packed, size_t slice) {
  if (uses_winograd(shape, pass)) {
    winograd_pack(shape, pass, weights, packed, slice);
    return;
  }
  if (uses_narrow(shape, pass)) {
    narrow_pack(shape, pass, weights, packed);
    return;
  }
  const ptrdiff_t inC = shape->inChannels, outC = shape->outChannels, kH = shape->kernelHeight,
                  kW = shape->kernelWidth, s = shape->stride;
  const ptrdiff_t channels = pass == CKPassForward ? outC : inC;
  const ptrdiff_t v = panel_start(slice), channel = v * VL, width = panel_vectors(vectors_of(channels), v) * VL;
  const ptrdiff_t valid = least(width, channels - channel);
  if (pass == CKPassForward) {
    float *to = packed + kH * kW * inC * channel;
    for (ptrdiff_t k = 0; k < kH * kW * inC; k++, to += width) {
      memcpy(to, weights + k * outC + channel, (size_t)valid * sizeof(float));
      for (ptrdiff_t n = valid; n < width; n++) to[n] = 0;
    }
    return;
  }
  for (ptrdiff_t phase = 0; phase < s * s; phase++) {
    const Phase py = phase_of(phase / s, kH, s, shape->padTop, shape->inHeight);
    const Phase px = phase_of(phase % s, kW, s, shape->padLeft, shape->inWidth);
    float *to = packed + py.taps * px.taps * outC * channel;
    for (ptrdiff_t ty = py.taps - 1; ty >= 0; ty--)
      for (ptrdiff_t tx = px.taps - 1; tx >= 0; tx--) {
        const float *from = weights + (((py.first + ty * s) * kW + px.first + tx * s) * inC + channel) * outC;
        for (ptrdiff_t o = 0; o < outC; o++, to += width) {
          for (ptrdiff_t n = 0; n < valid; n++) to[n] = from[n * outC + o];
          for (ptrdiff_t n = valid; n < width; n++) to[n] = 0;
        }
      }
    packed += py.taps * px.taps * outC * vectors_of(inC) * VL;
  }
}

// MARK: - Weight gradients

/// How the weight gradient is summed: `slices` runs of output rows (of batch * outHeight), each in chunks whose inputs
/// stay in the cache.
typedef struct GradientCut {
  ptrdiff_t slices, chunkRows;
} GradientCut;

INLINE ptrdiff_t gradient_slices(CK_SHAPE, ptrdiff_t partial, ptrdiff_t units) {
  double work = 2.0 * (double)(shape->batch * shape->outHeight * shape->outWidth) * (double)shape->outChannels *
                (double)(shape->kernelHeight * shape->kernelWidth * shape->inChannels);
  ptrdiff_t byWork = (ptrdiff_t)(work / 8e6);
  ptrdiff_t byMemory = most(2, (4 << 20) / partial);
  return most(1, least(least(16, units), least(byWork, byMemory)));
}

INLINE GradientCut cut_gradient(CK_SHAPE) {
  const ptrdiff_t rows = shape->batch * shape->outHeight;
  const ptrdiff_t partial = shape->kernelHeight * shape->kernelWidth * shape->inChannels * shape->outChannels;
  const ptrdiff_t perRow =
      shape->outWidth * (shape->inChannels * shape->stride * shape->stride + shape->outChannels);
  GradientCut cut = {gradient_slices(shape, partial, rows), 0};
  cut.chunkRows = most(1, least(ceiling(rows, cut.slices), 49152 / most(1, perRow)));
  return cut;
}

/// The images that a chunk of consecutive rows may touch.
INLINE ptrdiff_t chunk_images(CK_SHAPE, ptrdiff_t chunkRows) {
  return least(shape->batch, (chunkRows + shape->outHeight - 2) / shape->outHeight + 1);
}

static size_t gradient_workspace(CK_SHAPE) {
  const Correlation c = forward_correlation(shape);
  const GradientCut cut = cut_gradient(shape);
  const size_t frames =
      frame_count(&c, chunk_images(shape, cut.chunkRows), least(cut.chunkRows, shape->outHeight));
  return 2 + offsets_count(cut.chunkRows) + frames + (size_t)(cut.chunkRows * shape->outWidth * 3 * VL);
}

static void direct_backward_weights(
    CK_SHAPE, const float *x, const float *dy, float *partial, float *workspace, ptrdiff_t slice) {
  const Correlation c = forward_correlation(shape);
  const GradientCut cut = cut_gradient(shape);
  const ptrdiff_t rows = c.batch * c.gridH, width = c.gridW, outC = c.outC;
  const ptrdiff_t end = rows * (slice + 1) / cut.slices;
  const ptrdiff_t run = c.kW * c.inC, vectors = vectors_of(outC);
  memset(partial, 0, (size_t)(c.kH * run * outC) * sizeof(float));
  ptrdiff_t *offsets = offsets_at(workspace);
  float *panel = (float *)(offsets + cut.chunkRows);
  float *frames = panel + cut.chunkRows * width * 3 * VL;
  for (ptrdiff_t row = rows * slice / cut.slices, count; row < end; row += count) {
    count = least(cut.chunkRows, end - row);
    const float *base = NULL;
    ptrdiff_t rowStep = 0;
    float *frame = frames;
    for (ptrdiff_t r = 0, part; r < count; r += part) {  // one image at a time
      const ptrdiff_t image = (row + r) / c.gridH, y0 = (row + r) % c.gridH;
      part = least(count - r, c.gridH - y0);
      const Source source = source_of(&c, x, image, 1, y0, part, frame);
      frame += frame_count(&c, 1, part);
      if (!base) base = source.base;
      rowStep = source.rowStep;
      for (ptrdiff_t k = 0; k < part; k++) offsets[r + k] = source.base - base + k * c.stride * rowStep;
    }
    for (ptrdiff_t v = 0, nv; v < vectors; v += nv) {
      nv = panel_vectors(vectors, v);
      const ptrdiff_t channel = v * VL, valid = least(nv * VL, outC - channel), tall = ROWS_OF(nv);
      for (ptrdiff_t p = 0; p < count * width; p++) {
        const float *from = dy + (row * width + p) * outC + channel;
        float *to = panel + p * nv * VL;
        for (ptrdiff_t j = 0; j < nv; j++)
          if (valid > j * VL) store(to + j * VL, load_up_to(from + j * VL, (size_t)(valid - j * VL)));
      }
      for (ptrdiff_t ky = 0; ky < c.kH; ky++)
        for (ptrdiff_t m = 0, step; m < run; m += step) {
          step = tile_rows(run - m, tall);
          outer_tiles[nv - 1][step - 1](
              base + ky * rowStep + m, offsets, count, width, c.stride * c.inC, panel,
              partial + (ky * run + m) * outC + channel, outC, valid);
        }
    }
  }
}

// MARK: - The interface

static size_t isa_conv_slices(CK_SHAPE, CKPass pass) {
  if (uses_winograd(shape, pass)) return winograd_slices(shape, pass);
  if (uses_narrow(shape, pass)) return narrow_slices(shape, pass);
  if (pass == CKPassBackwardWeights) return (size_t)cut_gradient(shape).slices;
  if (pass == CKPassForward) {
    Correlation c = forward_correlation(shape);
    return (size_t)cut_correlation(&c).slices;
  }
  ptrdiff_t slices = 0;
  for (ptrdiff_t phase = 0; phase < shape->stride * shape->stride; phase++) {
    Correlation c = backward_correlation(shape, phase / shape->stride, phase % shape->stride);
    slices += cut_correlation(&c).slices;
  }
  return (size_t)slices;
}

static size_t isa_conv_workspace(CK_SHAPE, CKPass pass) {
  if (uses_winograd(shape, pass)) return winograd_workspace(shape, pass);
  if (uses_narrow(shape, pass)) return narrow_workspace(shape, pass);
  if (pass == CKPassBackwardWeights) return gradient_workspace(shape);
  if (pass == CKPassForward) {
    Correlation c = forward_correlation(shape);
    return correlation_workspace(&c);
  }
  size_t count = 0;
  for (ptrdiff_t phase = 0; phase < shape->stride * shape->stride; phase++) {
    Correlation c = backward_correlation(shape, phase / shape->stride, phase % shape->stride);
    size_t needed = correlation_workspace(&c);
    if (needed > count) count = needed;
  }
  return count;
}

static void isa_conv_forward(
    CK_SHAPE, const float *x, const float *packed, float *y, const CKEpilogue *epilogue, float *workspace,
    size_t slice) {
  if (uses_winograd(shape, CKPassForward)) {
    winograd_run(shape, CKPassForward, x, packed, y, epilogue, workspace, (ptrdiff_t)slice);
  } else if (uses_narrow(shape, CKPassForward)) {
    narrow_run(shape, CKPassForward, x, packed, y, epilogue, workspace, (ptrdiff_t)slice);
  } else {
    Correlation c = forward_correlation(shape);
    run_correlation(&c, x, packed, y, epilogue, workspace, (ptrdiff_t)slice);
  }
}

static void isa_conv_backward_data(
    CK_SHAPE, const float *dy, const float *packed, float *dx, const CKEpilogue *epilogue, float *workspace,
    size_t slice) {
  if (uses_winograd(shape, CKPassBackwardData)) {
    winograd_run(shape, CKPassBackwardData, dy, packed, dx, epilogue, workspace, (ptrdiff_t)slice);
    return;
  }
  if (uses_narrow(shape, CKPassBackwardData)) {
    narrow_run(shape, CKPassBackwardData, dy, packed, dx, epilogue, workspace, (ptrdiff_t)slice);
    return;
  }
  ptrdiff_t left = (ptrdiff_t)slice;
  for (ptrdiff_t phase = 0; phase < shape->stride * shape->stride; phase++) {
    Correlation c = backward_correlation(shape, phase / shape->stride, phase % shape->stride);
    ptrdiff_t slices = cut_correlation(&c).slices;
    if (left < slices) {
      run_correlation(&c, dy, packed, dx, epilogue, workspace, left);
      return;
    }
    left -= slices;
    packed += correlation_packed(&c);
  }
}

static size_t isa_conv_partial_count(CK_SHAPE) {
  if (uses_winograd(shape, CKPassBackwardWeights)) return winograd_partial(shape);
  return (size_t)(shape->kernelHeight * shape->kernelWidth * shape->inChannels * shape->outChannels);
}

static void isa_conv_backward_weights(
    CK_SHAPE, const float *x, const float *dy, float *partials, float *workspace, size_t slice) {
  float *partial = partials + slice * isa_conv_partial_count(shape);
  if (uses_winograd(shape, CKPassBackwardWeights))
    winograd_backward_weights(shape, x, dy, partial, workspace, (ptrdiff_t)slice);
  else
    direct_backward_weights(shape, x, dy, partial, workspace, (ptrdiff_t)slice);
}

static size_t isa_conv_reduce_slices(CK_SHAPE) { return (size_t)least(8, shape->inChannels); }

/// dw[from..<to] = the sum of the partials there, in order.
INLINE void reduce_range(
    const float *partials, size_t slices, size_t step, float *dw, size_t from, size_t to, bool accumulate) {
  for (size_t i = from; i < to; i += VL) {
    size_t n = to - i;
    vf sum = load_up_to(partials + i, n);
    for (size_t s = 1; s < slices; s++) sum += load_up_to(partials + s * step + i, n);
    if (accumulate) sum += load_up_to(dw + i, n);
    store_up_to(dw + i, sum, n);
  }
}

static void isa_conv_reduce_weights(
    CK_SHAPE, const float *partials, float *dw, bool accumulate, size_t reduceSlice) {
  const size_t slices = isa_conv_slices(shape, CKPassBackwardWeights), parts = isa_conv_reduce_slices(shape);
  if (uses_winograd(shape, CKPassBackwardWeights)) {
    winograd_reduce(shape, partials, slices, dw, accumulate, reduceSlice, parts);
    return;
  }
  const size_t count = isa_conv_partial_count(shape);
  reduce_range(partials, slices, count, dw, count * reduceSlice / parts, count * (reduceSlice + 1) / parts, accumulate);
}
