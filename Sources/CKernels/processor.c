// The processors that the process may run on, and subnormal numbers of a thread.
#define _GNU_SOURCE
#include "CKernels.h"

#include <unistd.h>
#if defined(__linux__)
#include <sched.h>
#endif

int ck_processor_count(void) {
#if defined(__linux__)
  // A fixed set holds 1,024 processors; larger machines need a larger one.
  for (int possible = 1024; possible <= 1 << 16; possible *= 4) {
    cpu_set_t *set = CPU_ALLOC((size_t)possible);
    if (set == NULL) break;
    const size_t size = CPU_ALLOC_SIZE((size_t)possible);
    const int count = sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : 0;
    CPU_FREE(set);
    if (count > 0) return count;
  }
#endif
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int)online : 1;
}

#if defined(__x86_64__)
// Flush results to zero (bit 15), and take inputs as zero (bit 6).
static const unsigned flushing = 0x8040;
static unsigned control(void) { return __builtin_ia32_stmxcsr(); }
static void set_control(unsigned word) { __builtin_ia32_ldmxcsr(word); }
#elif defined(__aarch64__)
static const uint64_t flushing = 1 << 24;
static uint64_t control(void) { return __builtin_arm_rsr64("fpcr"); }
static void set_control(uint64_t word) { __builtin_arm_wsr64("fpcr", word); }
#else
static const unsigned flushing = 0;
static unsigned control(void) { return 0; }
static void set_control(unsigned word) { (void)word; }
#endif

int ck_flush_subnormals(int flush) {
  const int before = (control() & flushing) != 0;
  // Setting the register makes the processor finish what it has begun: done only for a change.
  if (before != !!flush) set_control(flush ? control() | flushing : control() & ~flushing);
  return before;
}
