// The kernels for AVX2 and FMA.

#include "kernels/prelude.h"

#if defined(__x86_64__)
#define VL 8
#define TABLE ckTableAvx2
#define AVX2 1
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "kernels/all.h"
#pragma clang attribute pop
#endif
