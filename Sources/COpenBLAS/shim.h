#pragma once
// Debian: libopenblas-dev. If this header is not found: apt-get install libopenblas-dev
#if !__has_include(<cblas.h>)
#error "OpenBLAS is missing: install the Debian package libopenblas-dev"
#endif
#include <cblas.h>
