// The kernels for what every processor has (x86-64: SSE2).

#include "kernels/prelude.h"

#define VL 4
#define TABLE ckTableBaseline
#include "kernels/all.h"
