// Depthwise convolutions: a correlation per channel, a vector of channels at a time, four pixels of a row together.

/// Kernel taps lie at weights + ty * stepY + tx * stepX: backward passes walk them in reverse, phase by phase.
typedef struct DepthwiseTaps {
  const float *weights;
  ptrdiff_t stepY, stepX;
} DepthwiseTaps;

INLINE void depthwise_pixels(
    const int pixels, const ptrdiff_t kH, const ptrdiff_t kW, const Correlation *c, const float *x, ptrdiff_t rowStep,
    const DepthwiseTaps *taps, float *y, const CKEpilogue *epilogue, ptrdiff_t offset) {
  const ptrdiff_t channels = c->inC, xStep = c->stride * channels, yStep = c->outStep * channels;
  for (ptrdiff_t k = 0; k < channels; k += VL) {
    const size_t n = (size_t)(channels - k);
    vf sums[4] = {0};
    for (ptrdiff_t ty = 0; ty < kH; ty++)
      for (ptrdiff_t tx = 0; tx < kW; tx++) {
        const float *from = x + ty * rowStep + tx * channels + k, *at = taps->weights + ty * taps->stepY + tx * taps->stepX + k;
        if (n >= VL) {
          vf w = load(at);
          UNROLL for (int p = 0; p < pixels; p++) sums[p] += w * load(from + p * xStep);
        } else {
          vf w = load_part(at, n);
          UNROLL for (int p = 0; p < pixels; p++) sums[p] += w * load_part(from + p * xStep, n);
        }
      }
    UNROLL for (int p = 0; p < pixels; p++) {
      ptrdiff_t at = offset + p * yStep;
      vf v = epilogue ? finish_vector(epilogue, sums[p], k, at, n) : sums[p];
      store_up_to(y + at + k, v, n);
    }
  }
}

INLINE void depthwise_row(
    const ptrdiff_t kH, const ptrdiff_t kW, const Correlation *c, const float *x, ptrdiff_t rowStep,
    const DepthwiseTaps *taps, float *y, const CKEpilogue *epilogue, ptrdiff_t offset) {
  ptrdiff_t q = 0;
  for (; q + 4 <= c->gridW; q += 4)
    depthwise_pixels(4, kH, kW, c, x + q * c->stride * c->inC, rowStep, taps, y, epilogue,
                     offset + q * c->outStep * c->outC);
  for (; q < c->gridW; q++)
    depthwise_pixels(1, kH, kW, c, x + q * c->stride * c->inC, rowStep, taps, y, epilogue,
                     offset + q * c->outStep * c->outC);
}

/// Slices of about 200 000 multiplications, one image at a time.
INLINE Cut cut_depthwise(const Correlation *c) {
  Cut cut = cut_images(c->batch, c->gridH, c->gridW, most(8, 500000 / (c->inC * most(4, c->kH * c->kW))));
  cut.slices = c->batch * cut.perImage;
  cut.images = 1;
  return cut;
}

static void run_depthwise(
    const Correlation *c, const float *x, const DepthwiseTaps *taps, float *y, const CKEpilogue *epilogue,
    float *workspace, ptrdiff_t slice) {
  const Cut cut = cut_depthwise(c);
  const ptrdiff_t image = slice / cut.perImage, y0 = slice % cut.perImage * cut.rows;
  const ptrdiff_t rows = least(cut.rows, c->gridH - y0);
  if (rows <= 0 || c->gridW <= 0) return;
  const Source source = source_of(c, x, image, 1, y0, rows, workspace);
  for (ptrdiff_t r = 0; r < rows; r++) {
    const ptrdiff_t oy = (y0 + r) * c->outStep + c->outY0;
    const ptrdiff_t offset = ((image * c->outH + oy) * c->outW + c->outX0) * c->outC;
    const float *from = source.base + r * c->stride * source.rowStep;
    if (c->kH == 3 && c->kW == 3)
      depthwise_row(3, 3, c, from, source.rowStep, taps, y, epilogue, offset);
    else if (c->kH == 5 && c->kW == 5)
      depthwise_row(5, 5, c, from, source.rowStep, taps, y, epilogue, offset);
    else
      depthwise_row(c->kH, c->kW, c, from, source.rowStep, taps, y, epilogue, offset);
  }
}

/// Weight gradients of one row of outputs, `tall` kernel rows and `wide` columns at once in registers.
INLINE void depthwise_gradient_row(
    const int tall, const int wide, const Correlation *c, const float *x, ptrdiff_t rowStep, const float *dy,
    ptrdiff_t kW, float *partial) {
  const ptrdiff_t channels = c->inC, xStep = c->stride * channels;
  for (ptrdiff_t k = 0; k < channels; k += VL) {
    const size_t n = (size_t)(channels - k);
    vf sums[9] = {0};
    for (ptrdiff_t p = 0; p < c->gridW; p++) {
      if (n >= VL) {
        vf d = load(dy + p * channels + k);
        UNROLL for (int ty = 0; ty < tall; ty++)
          UNROLL for (int tx = 0; tx < wide; tx++)
            sums[ty * wide + tx] += d * load(x + ty * rowStep + p * xStep + tx * channels + k);
      } else {
        vf d = load_part(dy + p * channels + k, n);
        UNROLL for (int ty = 0; ty < tall; ty++)
          UNROLL for (int tx = 0; tx < wide; tx++)
            sums[ty * wide + tx] += d * load_part(x + ty * rowStep + p * xStep + tx * channels + k, n);
      }
    }
    UNROLL for (int ty = 0; ty < tall; ty++)
      UNROLL for (int tx = 0; tx < wide; tx++) {
        float *at = partial + (ty * kW + tx) * channels + k;
        store_up_to(at, load_up_to(at, n) + sums[ty * wide + tx], n);
      }
  }
}

INLINE ptrdiff_t depthwise_gradient_slices(CK_SHAPE) {
  double work = (double)(shape->batch * shape->outHeight * shape->outWidth) * (double)shape->inChannels *
                (double)(shape->kernelHeight * shape->kernelWidth);
  return most(1, least(least(16, shape->batch * shape->outHeight), (ptrdiff_t)(work / 5e5)));
}

static void isa_depthwise_backward_weights(
    CK_SHAPE, const float *x, const float *dy, float *partials, float *workspace, size_t slice) {
  const Correlation c = forward_correlation(shape);
  const ptrdiff_t slices = depthwise_gradient_slices(shape), rows = c.batch * c.gridH, channels = c.inC;
  float *partial = partials + slice * (size_t)(c.kH * c.kW * channels);
  memset(partial, 0, (size_t)(c.kH * c.kW * channels) * sizeof(float));
  for (ptrdiff_t row = rows * (ptrdiff_t)slice / slices; row < rows * ((ptrdiff_t)slice + 1) / slices;) {
    const ptrdiff_t image = row / c.gridH, y0 = row % c.gridH;
    const ptrdiff_t part = least(8, least(c.gridH - y0, rows * ((ptrdiff_t)slice + 1) / slices - row));
    const Source source = source_of(&c, x, image, 1, y0, part, workspace);
    for (ptrdiff_t r = 0; r < part; r++) {
      const float *from = source.base + r * c.stride * source.rowStep, *d = dy + (row + r) * c.gridW * channels;
      if (c.kH == 3 && c.kW == 3)
        depthwise_gradient_row(3, 3, &c, from, source.rowStep, d, 3, partial);
      else
        for (ptrdiff_t ky = 0; ky < c.kH; ky++) {
          const float *at = from + ky * source.rowStep;
          float *to = partial + ky * c.kW * channels;
          if (c.kW == 5)
            depthwise_gradient_row(1, 5, &c, at, source.rowStep, d, 5, to);
          else
            for (ptrdiff_t kx = 0; kx < c.kW; kx++)
              depthwise_gradient_row(1, 1, &c, at + kx * channels, source.rowStep, d, 1, to + kx * channels);
        }
    }
    row += part;
  }
}

static size_t isa_depthwise_slices(CK_SHAPE, CKPass pass) {
  if (pass == CKPassBackwardWeights) return (size_t)depthwise_gradient_slices(shape);
  if (pass == CKPassForward) {
    Correlation c = forward_correlation(shape);
    return (size_t)cut_depthwise(&c).slices;
  }
  ptrdiff_t slices = 0;
  for (ptrdiff_t phase = 0; phase < shape->stride * shape->stride; phase++) {
    Correlation c = backward_correlation(shape, phase / shape->stride, phase % shape->stride);
    c.inC = c.outC = shape->inChannels;
    slices += cut_depthwise(&c).slices;
  }
  return (size_t)slices;
}

static size_t isa_depthwise_workspace(CK_SHAPE, CKPass pass) {
  if (pass == CKPassBackwardWeights) {
    Correlation c = forward_correlation(shape);
    return frame_count(&c, 1, least(8, c.gridH));
  }
  if (pass == CKPassForward) {
    Correlation c = forward_correlation(shape);
    return frame_count(&c, 1, cut_depthwise(&c).rows);
  }
  size_t count = 0;
  for (ptrdiff_t phase = 0; phase < shape->stride * shape->stride; phase++) {
    Correlation c = backward_correlation(shape, phase / shape->stride, phase % shape->stride);
    size_t needed = frame_count(&c, 1, cut_depthwise(&c).rows);
    if (needed > count) count = needed;
  }
  return count;
}

static void isa_depthwise_forward(
    CK_SHAPE, const float *x, const float *weights, float *y, const CKEpilogue *epilogue, float *workspace,
    size_t slice) {
  const Correlation c = forward_correlation(shape);
  const DepthwiseTaps taps = {weights, c.kW * c.inC, c.inC};
  run_depthwise(&c, x, &taps, y, epilogue, workspace, (ptrdiff_t)slice);
}

static void isa_depthwise_backward_data(
    CK_SHAPE, const float *dy, const float *weights, float *dx, float *workspace, size_t slice) {
  ptrdiff_t left = (ptrdiff_t)slice;
  const ptrdiff_t s = shape->stride, kW = shape->kernelWidth, channels = shape->inChannels;
  for (ptrdiff_t phase = 0; phase < s * s; phase++) {
    const Correlation c = backward_correlation(shape, phase / s, phase % s);
    const ptrdiff_t slices = cut_depthwise(&c).slices;
    if (left < slices) {
      const Phase py = phase_of(phase / s, shape->kernelHeight, s, shape->padTop, shape->inHeight);
      const Phase px = phase_of(phase % s, kW, s, shape->padLeft, shape->inWidth);
      const DepthwiseTaps taps = {
          weights + ((py.first + (py.taps - 1) * s) * kW + px.first + (px.taps - 1) * s) * channels,
          -s * kW * channels, -s * channels};
      run_depthwise(&c, dy, &taps, dx, NULL, workspace, left);
      return;
    }
    left -= slices;
  }
}

static void isa_depthwise_reduce_weights(CK_SHAPE, const float *partials, float *dw, bool accumulate) {
  const size_t count = (size_t)(shape->kernelHeight * shape->kernelWidth * shape->inChannels);
  reduce_range(partials, (size_t)depthwise_gradient_slices(shape), count, dw, 0, count, accumulate);
}
