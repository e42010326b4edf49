#pragma once

#include <features.h>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

// Whether functions of the C library are replaced. Sanitizers replace them too.
#if defined(__GLIBC__) && !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
#define CC_REPLACES_LIBC
#endif

// Ends the process with exit code 74 and one line on standard error; where several threads call, the first
// one's. Needs no memory.
_Noreturn void cc_end(const char *problem);
