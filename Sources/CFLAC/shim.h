#pragma once
// Debian: libflac-dev. If this header is not found: apt-get install libflac-dev
#if !__has_include(<FLAC/stream_decoder.h>)
#error "libFLAC is missing: install the Debian package libflac-dev"
#endif
#include <FLAC/stream_decoder.h>
