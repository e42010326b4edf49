// The bodies of all kernels, included once by each variant's file, which defines LANES (floats in a
// vector) and VARIANT (the name of its table). Everything is static, so that the copies stay apart.
#include "vector.h"
#include "elementary.h"
#include "elementwise.h"
#include "reductions.h"
#include "rows.h"
#include "losses.h"
#include "attention.h"
#include "optimizer.h"
#include "few_rows.h"
#include "panels.h"
#include "spectrum.h"
#include "conversions.h"
#include "compact_panels.h"
#include "quantization.h"

#include "table.h"
