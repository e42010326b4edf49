#pragma once
// Debian: libsoxr-dev. If this header is not found: apt-get install libsoxr-dev
#if !__has_include(<soxr.h>)
#error "libsoxr is missing: install the Debian package libsoxr-dev"
#endif
#include <soxr.h>
