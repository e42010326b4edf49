#pragma once

// Ends the process with one line on standard error, of the first thread that calls, and exit code 74. Needs
// no memory.
_Noreturn void cc_end(const char *problem);
