#include "ending.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static void put(const char *text) {
  if (write(2, text, strlen(text)) < 0) {
    // Nobody is there to be told.
  }
}

_Noreturn void cc_end(const char *problem) {
  static atomic_flag is_ending = ATOMIC_FLAG_INIT;
  // Another thread has begun; it ends this one too.
  while (atomic_flag_test_and_set(&is_ending)) pause();
  // Over a progress bar.
  if (isatty(2)) put("\r\033[K");
  put("error: ");
  put(problem);
  put("\n");
  _exit(74);
}
