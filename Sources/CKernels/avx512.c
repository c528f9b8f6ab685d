// The kernels for AVX-512, the same with integer products by VNNI, and those with what AMX does of them.

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
#pragma clang attribute push( \
    __attribute__((target("amx-tile,amx-int8,avx512f,avx512vl,avx512dq,avx512bw,avx512vnni,avx2,fma"))), apply_to = function)
#define AMX_NAME(name) amx_##name
#define AMX_REST(outputs) vnni_tile_##outputs
#include "kernels/amx.h"
#pragma clang attribute pop

// Attention by VNNI: twelve queries at a time fill no tile.
CK_TABLE(
    ckTableAmx, .integer_product_workspace = amx_integer_product_workspace, .integer_product = amx_integer_product,
    .attention = vnni_attention, .byte_convolution = amx_byte_convolution)
#endif
