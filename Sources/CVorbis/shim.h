#pragma once
// Debian: libvorbis-dev. If this header is not found: apt-get install libvorbis-dev
#if !__has_include(<vorbis/codec.h>)
#error "libvorbis is missing: install the Debian package libvorbis-dev"
#endif
#include <vorbis/codec.h>
