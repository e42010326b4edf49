// What a command needs before `main`, and before its libraries are started.
//
// Linked into the executables only: a program that embeds the library makes its own choices.

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>

// Holds SIGINT, SIGTERM and SIGHUP back until the command listens for them: starting the libraries takes some
// ten milliseconds, in which a signal would end the process in its default way.
static void hold_signals(void) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  sigprocmask(SIG_BLOCK, &signals, NULL);
}

// A file that is opened while standard output or standard error is closed gets its number, and would then
// receive its messages. So a descriptor that can't be written to takes its place, and writing fails as it should.
static void occupy_standard_descriptors(void) {
  for (int descriptor = 0; descriptor <= 2; descriptor++) {
    // The lowest free number is taken, which is this one.
    if (fcntl(descriptor, F_GETFD) == -1) (void)open("/dev/null", O_RDONLY);
  }
}

static void before_main(void) {
  hold_signals();
  occupy_standard_descriptors();
}

#if defined(__linux__)
__attribute__((section(".preinit_array"), used)) static void (*const before_all)(void) = before_main;
#else
__attribute__((constructor)) static void before_all(void) { before_main(); }
#endif
