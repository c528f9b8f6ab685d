// The kernels for AVX-512, and the same with integer products by VNNI.

#include "kernels/prelude.h"

#if defined(__x86_64__)
#define VL 16
#define TABLE ckTableAvx512
#define AVX512 1
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))), apply_to = function)
#include "kernels/all.h"
#pragma clang attribute pop
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx512vnni,avx2,fma"))), apply_to = function)
#include "kernels/vnni.h"
#pragma clang attribute pop
#endif
