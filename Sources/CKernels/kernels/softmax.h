// Softmax and its logarithm over the rows of a matrix, shifted by each row's maximum.

INLINE float row_maximum(const float *x, size_t columns) {
  float most = x[0];
  for (size_t c = 1; c < columns; c++) most = x[c] > most ? x[c] : most;
  return most;
}

/// y = exp(x - most); their sum.
INLINE float exponentials(const float *x, float most, size_t columns, float *y) {
  vf sums = {0};
  size_t c = 0;
  for (; c + VL <= columns; c += VL) {
    vf e = exponential(load(x + c) - most);
    sums += e;
    if (y) store(y + c, e);
  }
  if (c < columns) {
    size_t n = columns - c;
    vf e = exponential(load_part(x + c, n) - most);
    float kept[VL] = {0};
    store_part(kept, e, n);
    sums += load(kept);
    if (y) store_part(y + c, e, n);
  }
  return lane_sum(sums);
}

static void isa_softmax_forward(const float *x, size_t rows, size_t columns, float *y) {
  for (size_t r = 0; r < rows; r++, x += columns, y += columns) {
    float sum = exponentials(x, row_maximum(x, columns), columns, y);
    for (size_t c = 0; c < columns; c++) y[c] /= sum;
  }
}

static void isa_softmax_backward(const float *y, const float *dy, size_t rows, size_t columns, float *dx) {
  for (size_t r = 0; r < rows; r++, y += columns, dy += columns, dx += columns) {
    float inner = 0;
    for (size_t c = 0; c < columns; c++) inner += y[c] * dy[c];
    for (size_t c = 0; c < columns; c++) dx[c] = y[c] * (dy[c] - inner);
  }
}

static void isa_log_softmax_forward(const float *x, size_t rows, size_t columns, float *y) {
  for (size_t r = 0; r < rows; r++, x += columns, y += columns) {
    float most = row_maximum(x, columns);
    float shift = most + logf(exponentials(x, most, columns, NULL));
    for (size_t c = 0; c < columns; c++) y[c] = x[c] - shift;
  }
}

static void isa_log_softmax_backward(const float *y, const float *dy, size_t rows, size_t columns, float *dx) {
  for (size_t r = 0; r < rows; r++, y += columns, dy += columns, dx += columns) {
    float sum = 0;
    for (size_t c = 0; c < columns; c++) sum += dy[c];
    size_t c = 0;
    for (; c + VL <= columns; c += VL) store(dx + c, load(dy + c) - exponential(load(y + c)) * sum);
    if (c < columns) {
      size_t n = columns - c;
      store_part(dx + c, load_part(dy + c, n) - exponential(load_part(y + c, n)) * sum, n);
    }
  }
}
