// Included once per instruction set, with VL (floats in a vector) and TABLE defined.

#include "vector.h"
//
#include "elementwise.h"
#include "activation.h"
#include "normalisation.h"
#include "tile.h"
#include "correlation.h"
//
#include "narrow.h"
#include "winograd.h"
//
#include "convolution.h"
#include "depthwise.h"
#include "pooling.h"
#include "resize.h"
#include "softmax.h"
#include "optimiser.h"
//
#include "quantise.h"
#include "integer.h"
#include "bytes.h"
#include "attention.h"
#include "checksum.h"

CK_TABLE(TABLE)
