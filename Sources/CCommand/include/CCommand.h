// What the commands do before `main`; see hold_signals.c. There is nothing to call.
#pragma once
