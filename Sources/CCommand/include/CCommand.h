// What the executables do before `main` (before_main.c), and where the system refuses memory or threads
// (out_of_memory.c, out_of_threads.c). There is nothing to call.
#pragma once
