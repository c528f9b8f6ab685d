// The kernels for what every processor has (x86-64: SSE2), and for tests those around AMX with its instructions emulated.

#include "kernels/prelude.h"

#define VL 4
#define TABLE ckTableBaseline
#include "kernels/all.h"

static size_t plain_tile(
    size_t outputs, size_t rows, const uint8_t *x, ptrdiff_t step, const int8_t *w, ptrdiff_t panel, ptrdiff_t groups,
    int32_t *sums) {
  const size_t n = rows < 12 ? rows : 12;
  for (size_t r = 0; r < n; r++)
    for (size_t o = 0; o < outputs; o++) {
      const int8_t *weights = w + (ptrdiff_t)(o / 16) * panel + o % 16 * 4;
      int32_t sum = 0;
      for (ptrdiff_t k = 0; k < 4 * groups; k++) sum += x[(ptrdiff_t)r * step + k] * weights[k / 4 * 64 + k % 4];
      sums[r * outputs + o] = sum;
    }
  return n;
}
static size_t plain_tile_1(
    size_t rows, const uint8_t *x, ptrdiff_t step, const int8_t *w, ptrdiff_t panel, ptrdiff_t groups, int32_t *sums) {
  return plain_tile(16, rows, x, step, w, panel, groups, sums);
}
static size_t plain_tile_2(
    size_t rows, const uint8_t *x, ptrdiff_t step, const int8_t *w, ptrdiff_t panel, ptrdiff_t groups, int32_t *sums) {
  return plain_tile(32, rows, x, step, w, panel, groups, sums);
}
#define AMX_EMULATED
#define AMX_NAME(name) amx_emulated_##name
#define AMX_REST(outputs) plain_tile_##outputs
#include "kernels/amx.h"

CK_TABLE(
    ckTableAmxEmulated, .integer_product_workspace = amx_emulated_integer_product_workspace,
    .integer_product = amx_emulated_integer_product,
    .byte_convolution = amx_emulated_byte_convolution)
