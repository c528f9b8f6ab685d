// Dense convolutions: the choice of algorithm, packing, and the direct algorithm of all three passes.

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
