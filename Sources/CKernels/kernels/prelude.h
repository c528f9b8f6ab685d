// What the kernels need of the system, outside the region compiled for an instruction set.
#pragma once

#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "../table.h"
