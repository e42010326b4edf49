// oneDNN generates its kernels when they are first needed and frees them at `exit`, when threads may be in
// the middle of them, or may be generating others. What it registers is called before anything that was
// registered earlier, so nobody can wait for those threads in time. Therefore it may register nothing: the
// slot through which the library calls __cxa_atexit gets a function that does nothing, and the process ends
// with its kernels in place.
#define _GNU_SOURCE
#include "keep_kernels.h"

#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int register_nothing(void (*function)(void *), void *argument, void *library) {
  (void)function, (void)argument, (void)library;
  return 0;
}

// Writes to a slot that the loader may have made read-only. Its page stays writable, as the library's own data
// may share it.
static void set_slot(void **slot, void *function) {
  uintptr_t page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
  void *page = (void *)((uintptr_t)slot & ~(page_size - 1));
  if (mprotect(page, page_size, PROT_READ | PROT_WRITE) != 0) return;
  __atomic_store_n(slot, function, __ATOMIC_RELEASE);
}

void cod_keep_kernels(void *library) {
  struct link_map *map = NULL;
  if (dlinfo(library, RTLD_DI_LINKMAP, &map) != 0 || map == NULL) return;
  const ElfW(Sym) *symbols = NULL;
  const char *names = NULL;
  const ElfW(Rela) *relocations[2] = {NULL, NULL};
  size_t sizes[2] = {0, 0};
  for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++) {
    const void *address = (const void *)entry->d_un.d_ptr;
    switch (entry->d_tag) {
      case DT_SYMTAB: symbols = address; break;
      case DT_STRTAB: names = address; break;
      case DT_JMPREL: relocations[0] = address; break;
      case DT_PLTRELSZ: sizes[0] = entry->d_un.d_val; break;
      case DT_RELA: relocations[1] = address; break;
      case DT_RELASZ: sizes[1] = entry->d_un.d_val; break;
      case DT_PLTREL:
        if (entry->d_un.d_val != DT_RELA) return;
        break;
      default: break;
    }
  }
  // Where the loader leaves the addresses as they are in the file, nothing is done.
  if (!symbols || !names || (uintptr_t)symbols < map->l_addr) return;
  for (int table = 0; table < 2; table++) {
    for (size_t i = 0; relocations[table] && i < sizes[table] / sizeof *relocations[table]; i++) {
      const ElfW(Rela) *relocation = &relocations[table][i];
      // 64-bit processors only, as the library itself.
      uint32_t symbol = (uint32_t)ELF64_R_SYM(relocation->r_info);
      if (symbol == 0 || strcmp(names + symbols[symbol].st_name, "__cxa_atexit") != 0) continue;
      set_slot((void **)(map->l_addr + relocation->r_offset), (void *)register_nothing);
    }
  }
}
