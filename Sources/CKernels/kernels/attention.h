// Attention of one head, a few queries at a time.

static size_t isa_attention_workspace(size_t keys, size_t width) {
  const size_t vectors = (keys + VL - 1) / VL, columns = (width + VL - 1) / VL;
  // Keys transposed, values in panels, the weights of eight queries.
  return (vectors + 1) * VL * width + keys * columns * VL + 8 * (vectors + 1) * VL;
}

/// x [rows][width] to panels [.][width][n * VL] of its transpose, n vectors of rows each; rows beyond are zeros.
INLINE void transpose_rows(const float *x, ptrdiff_t stride, size_t rows, size_t width, float *panels) {
  const ptrdiff_t vectors = vectors_of((ptrdiff_t)rows);
  for (ptrdiff_t v = 0; v < vectors;) {
    const ptrdiff_t n = panel_vectors(vectors, v);
    for (ptrdiff_t r = 0; r < n * VL; r++) {
      const size_t row = (size_t)(v * VL + r);
      for (size_t d = 0; d < width; d++) panels[(ptrdiff_t)d * n * VL + r] = row < rows ? x[(ptrdiff_t)row * stride + (ptrdiff_t)d] : 0;
    }
    panels += (ptrdiff_t)width * n * VL;
    v += n;
  }
}

/// x [rows][width] to panels [.][rows][n * VL] of its columns.
INLINE void gather_columns(const float *x, ptrdiff_t stride, size_t rows, size_t width, float *panels) {
  const ptrdiff_t vectors = vectors_of((ptrdiff_t)width);
  for (ptrdiff_t v = 0; v < vectors;) {
    const ptrdiff_t n = panel_vectors(vectors, v);
    for (size_t r = 0; r < rows; r++)
      for (ptrdiff_t j = 0; j < n; j++) {
        const ptrdiff_t d = (v + j) * VL;
        store(panels + ((ptrdiff_t)r * n + j) * VL, load_up_to(x + (ptrdiff_t)r * stride + d, width - (size_t)d));
      }
    panels += (ptrdiff_t)rows * n * VL;
    v += n;
  }
}

/// rows x panels of products: y [rows][columns], yStep apart.
INLINE void multiply_panels(
    const float *x, ptrdiff_t xStep, ptrdiff_t rows, ptrdiff_t inner, const float *panels, ptrdiff_t columns, float *y,
    ptrdiff_t yStep) {
  ptrdiff_t offsets[8], places[8];
  const ptrdiff_t vectors = vectors_of(columns);
  for (ptrdiff_t v = 0; v < vectors;) {
    const ptrdiff_t n = panel_vectors(vectors, v);
    const ptrdiff_t channels = columns - v * VL < n * VL ? columns - v * VL : n * VL;
    const Destination d = {.out = y + v * VL, .channels = channels, .epilogue = NULL};
    for (ptrdiff_t r = 0; r < rows;) {
      ptrdiff_t m = rows - r < ROWS_OF(n) ? rows - r : ROWS_OF(n);
      for (ptrdiff_t i = 0; i < m; i++) {
        offsets[i] = (r + i) * xStep;
        places[i] = (r + i) * yStep;
      }
      row_tiles[n - 1][m - 1](x, offsets, 1, 0, inner, panels, &d, places);
      r += m;
    }
    panels += inner * n * VL;
    v += n;
  }
}

static void isa_attention(
    const float *q, const float *k, const float *v, ptrdiff_t stride, size_t queries, size_t keys, size_t width,
    float scale, float *y, ptrdiff_t yStride, float *workspace) {
  const size_t vectors = (keys + VL - 1) / VL, padded = vectors * VL;
  float *keyPanels = workspace, *valuePanels = keyPanels + (padded + VL) * width;
  float *scores = valuePanels + keys * (size_t)vectors_of((ptrdiff_t)width) * VL;
  transpose_rows(k, stride, keys, width, keyPanels);
  gather_columns(v, stride, keys, width, valuePanels);
  for (size_t first = 0; first < queries; first += 8) {
    const size_t rows = queries - first < 8 ? queries - first : 8;
    multiply_panels(q + (ptrdiff_t)first * stride, stride, (ptrdiff_t)rows, (ptrdiff_t)width, keyPanels,
                    (ptrdiff_t)padded, scores, (ptrdiff_t)padded);
    for (size_t r = 0; r < rows; r++) {
      float *row = scores + r * padded;
      vf most = splat(-INFINITY);
      for (size_t c = 0; c + VL <= keys; c += VL) most = greater(load(row + c), most);
      float peak = -INFINITY;
      for (int j = 0; j < VL; j++) peak = most[j] > peak ? most[j] : peak;
      for (size_t c = keys / VL * VL; c < keys; c++) peak = row[c] > peak ? row[c] : peak;
      vf sums = {0};
      size_t c = 0;
      for (; c + VL <= keys; c += VL) {
        vf e = exponential((load(row + c) - peak) * scale);
        sums += e;
        store(row + c, e);
      }
      float sum = lane_sum(sums);
      if (c < keys) {
        vf e = exponential((load(row + c) - peak) * scale);
        store(row + c, e);
        for (; c < keys; c++) sum += row[c];
      }
      const float share = 1.0f / sum;
      for (c = 0; c < padded; c += VL) store(row + c, load(row + c) * share);
    }
    multiply_panels(scores, (ptrdiff_t)padded, (ptrdiff_t)rows, (ptrdiff_t)keys, valuePanels, (ptrdiff_t)width,
                    y + (ptrdiff_t)first * yStride, yStride);
  }
}
