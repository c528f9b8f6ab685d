// Convolutions of bytes by weights of int8: three rows of an image, a few columns, exact sums.
//
// The three image rows under a row of results are copied column by column, [column][3][channels], so that the window of
// each result is one run of memory, windows overlap, and the products of integer.h serve as they are: a window is a row,
// the next window begins one column (or `pixels` columns) later.

/// `count` bytes, a multiple of 4, to places `step` apart.
INLINE void spread_columns(const uint8_t *from, ptrdiff_t columns, ptrdiff_t count, uint8_t *to, ptrdiff_t step) {
  typedef uint8_t sixteen __attribute__((vector_size(16), aligned(1)));
  for (ptrdiff_t x = 0; x < columns; x++, from += count, to += step) {
    ptrdiff_t i = 0;
    for (; i + 16 <= count; i += 16) *(sixteen *)(to + i) = *(const sixteen *)(from + i);
    for (; i < count; i += 4) memcpy(to + i, from + i, 4);
  }
}

INLINE ptrdiff_t byte_windows(const CKByteConvolution *c) { return ceiling(c->width, c->pixels); }
/// The columns that are laid out for a row: those of the last window too.
INLINE ptrdiff_t byte_columns(const CKByteConvolution *c) {
  return (byte_windows(c) - 1) * c->pixels + c->columns;
}

/// The rows row - 1, row, row + 1 of x, what lies outside as the zero point.
INLINE void lay_out_rows(const CKByteConvolution *c, const uint8_t *x, ptrdiff_t row, uint8_t *to) {
  const ptrdiff_t step = 3 * c->channels, columns = byte_columns(c);
  const ptrdiff_t inside = least(c->width, columns - c->left), right = columns - c->left - inside;
  for (ptrdiff_t k = 0; k < 3; k++) {
    const ptrdiff_t y = row + k - 1;
    uint8_t *at = to + k * c->channels;
    if (y < 0 || y >= c->height) {
      for (ptrdiff_t q = 0; q < columns; q++) memset(at + q * step, c->zero, (size_t)c->channels);
      continue;
    }
    for (ptrdiff_t q = 0; q < c->left; q++) memset(at + q * step, c->zero, (size_t)c->channels);
    const uint8_t *from = x + y * c->width * c->channels;
    at += c->left * step;
    switch (c->channels) {  // known counts make plain moves of the copies
    case 4: spread_columns(from, inside, 4, at, 12); break;
    case 32: spread_columns(from, inside, 32, at, 96); break;
    case 48: spread_columns(from, inside, 48, at, 144); break;
    default: spread_columns(from, inside, c->channels, at, step);
    }
    at += inside * step;
    for (ptrdiff_t q = 0; q < right; q++) memset(at + q * step, c->zero, (size_t)c->channels);
  }
}

/// Turns the sums of `count` windows from `first` on x `outputs` lanes from `lane` on into results.
INLINE void finish_bytes(
    const CKActivation activation, const CKByteConvolution *c, const int32_t *sums, ptrdiff_t row, ptrdiff_t first,
    size_t count, ptrdiff_t lane, ptrdiff_t outputs) {
  const ptrdiff_t lanes = c->pixels * c->outputs, wide = c->width * c->step;
  const ptrdiff_t start = ((row * c->step + c->offsetY) * wide + c->offsetX) * c->outputs;
  const vf top = splat(255);
  for (ptrdiff_t j = 0; j < outputs && lane + j < lanes; j += VL) {
    const ptrdiff_t o = lane + j;
    const vf scale = load(c->weights->scale + o), bias = load(c->bias + o);
    for (size_t i = 0; i < count; i++) {
      const ptrdiff_t x = (first + (ptrdiff_t)i) * c->pixels;
      const ptrdiff_t valid = least(lanes, (c->width - x) * c->outputs) - o;
      if (valid <= 0) continue;
      const size_t n = (size_t)valid;
      const vi s = *(const vi *)(sums + (ptrdiff_t)i * outputs + j);
      vf v = activate(activation, c->slope, __builtin_convertvector(s, vf) * scale + bias);
      const ptrdiff_t place = start + x * c->step * c->outputs + o;
      if (c->residual) v += load_up_to(c->residual + place, n);
      if (c->y) store_up_to(c->y + place, v, n);
      if (c->q) {
        v = lesser(top, greater(v * c->inverse + c->offset, splat(0)));  // NaN becomes 0
        store_bytes(c->q + place, __builtin_convertvector(v, vi), n);
      }
    }
  }
}

/// Rows firstRow..<lastRow of the results.
INLINE void byte_convolution_by_panels(
    IntegerPanelTile *one, IntegerPanelTile *two, const CKByteConvolution *c, const uint8_t *x, ptrdiff_t firstRow,
    ptrdiff_t lastRow, uint8_t *workspace) {
  const ptrdiff_t windows = byte_windows(c), step = c->pixels * 3 * c->channels;
  const ptrdiff_t groups = c->weights->groups, panel = c->weights->panelStep;
  int32_t sums[32 * 32] __attribute__((aligned(64)));
  for (ptrdiff_t row = firstRow; row < lastRow; row++) {
    lay_out_rows(c, x, row, workspace);
    for (ptrdiff_t o = 0, outputs; o < c->weights->outputs; o += outputs) {
      outputs = c->weights->outputs - o >= 32 ? 32 : 16;
      IntegerPanelTile *tile = outputs == 32 ? two : one;
      const int8_t *w = c->weights->values + o / 16 * panel;
      for (ptrdiff_t first = 0; first < windows;) {
        const size_t n =
            tile((size_t)(windows - first), workspace + first * step, step, w, panel, groups, sums);
#define FINISH(activation) finish_bytes(activation, c, sums, row, first, n, o, outputs);
        switch (c->activation) {
        case CKActivationRelu: FINISH(CKActivationRelu) break;
        case CKActivationLeakyRelu: FINISH(CKActivationLeakyRelu) break;
        default: FINISH(CKActivationNone)
        }
#undef FINISH
        first += (ptrdiff_t)n;
      }
    }
  }
}

static size_t isa_byte_convolution_workspace(const CKByteConvolution *c) {
  return (size_t)(byte_columns(c) * 3 * c->channels) + 64;
}

// Without an instruction for bytes: plain sums, a few windows at a time. Floats are faster there; see
// ck_byte_convolution_pays.

INLINE size_t plain_byte_tile(
    size_t outputs, size_t rows, const uint8_t *x, ptrdiff_t step, const int8_t *w, ptrdiff_t panel, ptrdiff_t groups,
    int32_t *sums) {
  const size_t n = rows < 4 ? rows : 4;
  for (size_t r = 0; r < n; r++)
    for (size_t o = 0; o < outputs; o++) {
      const int8_t *weights = w + (ptrdiff_t)(o / 16) * panel + o % 16 * 4;
      const uint8_t *at = x + (ptrdiff_t)r * step;
      int32_t sum = 0;
      for (ptrdiff_t g = 0; g < groups; g++)
        UNROLL for (int k = 0; k < 4; k++) sum += at[4 * g + k] * weights[64 * g + k];
      sums[r * outputs + o] = sum;
    }
  return n;
}
static size_t plain_byte_tile_1(
    size_t rows, const uint8_t *x, ptrdiff_t step, const int8_t *w, ptrdiff_t panel, ptrdiff_t groups, int32_t *sums) {
  return plain_byte_tile(16, rows, x, step, w, panel, groups, sums);
}
static size_t plain_byte_tile_2(
    size_t rows, const uint8_t *x, ptrdiff_t step, const int8_t *w, ptrdiff_t panel, ptrdiff_t groups, int32_t *sums) {
  return plain_byte_tile(32, rows, x, step, w, panel, groups, sums);
}

static void isa_byte_convolution(
    const CKByteConvolution *c, const uint8_t *x, ptrdiff_t firstRow, ptrdiff_t lastRow, uint8_t *workspace) {
  byte_convolution_by_panels(plain_byte_tile_1, plain_byte_tile_2, c, x, firstRow, lastRow, workspace);
}
