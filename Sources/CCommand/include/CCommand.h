// What the commands do before `main`; see before_main.c. There is nothing to call.
#pragma once
