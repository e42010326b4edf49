#pragma once
// Debian: libmpg123-dev. If this header is not found: apt-get install libmpg123-dev
#if !__has_include(<mpg123.h>)
#error "libmpg123 is missing: install the Debian package libmpg123-dev"
#endif
#include <mpg123.h>

/// `mpg123_param` under a name that isn't a macro in some versions.
static inline int set_mpg123_param(mpg123_handle *handle, enum mpg123_parms name, long value) {
  return mpg123_param(handle, name, value, 0);
}
