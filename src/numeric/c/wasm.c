// The entry points of the WebAssembly build. Address 0 is where its memory begins.
#include "run.c"

#define EXPORT(name) __attribute__((export_name(name)))

EXPORT("run") int run_program(uint32_t program, uint32_t words, uint32_t registers, uint32_t times) {
  return run(0, (const int32_t *)(uintptr_t)program, words, (uint32_t *)(uintptr_t)registers, times);
}

EXPORT("signature") const char *signature(void) { return SIGNATURE; }
