// The kernels for NEON: a vector is two registers of four floats, of which there are 32.

#include "kernels/prelude.h"

#if defined(__aarch64__)
#define VL 8
#define TABLE ckTableNeon
#include "kernels/all.h"
#endif
