#pragma once
// Debian: libsndfile1-dev. If this header is not found: apt-get install libsndfile1-dev
#if !__has_include(<sndfile.h>)
#error "libsndfile is missing: install the Debian package libsndfile1-dev"
#endif
#include <sndfile.h>
