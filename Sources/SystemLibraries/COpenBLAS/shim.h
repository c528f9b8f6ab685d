#pragma once
// Types only: the library is loaded when the first product is asked for (Sources/Tensors/OpenBLAS.swift).
#include <cblas.h>
