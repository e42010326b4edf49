#pragma once
// Debian: libfftw3-dev. If this header is not found: apt-get install libfftw3-dev
#if !__has_include(<fftw3.h>)
#error "FFTW is missing: install the Debian package libfftw3-dev"
#endif
#include <fftw3.h>
