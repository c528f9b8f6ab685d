#pragma once
#include <fftw3.h>

// The array has no length in its declaration, which Swift cannot import.
static inline const char *assay_fftw_version(void) { return fftwf_version; }
