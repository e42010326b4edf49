// Holds SIGINT, SIGTERM and SIGHUP back until the command listens for them: loading the libraries takes some
// ten milliseconds, in which a signal would end the process in its default way. It runs before any library's own
// start, so that the threads that OpenBLAS starts then hold them back too.
//
// Linked into the executables only: a program that embeds the library decides about its signals itself.

#include <signal.h>
#include <stddef.h>

static void hold_signals(void) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  sigprocmask(SIG_BLOCK, &signals, NULL);
}

#if defined(__linux__)
__attribute__((section(".preinit_array"), used)) static void (*const before_all)(void) = hold_signals;
#else
__attribute__((constructor)) static void before_main(void) { hold_signals(); }
#endif
