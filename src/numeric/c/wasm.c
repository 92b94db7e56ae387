// The entry points of the WebAssembly build. Address 0 is where its memory begins.
#include "run.c"

#define EXPORT(name) __attribute__((export_name(name)))

EXPORT("run") int run_program(uint32_t program, uint32_t words, uint32_t registers) {
  return run(0, (const int32_t *)(uintptr_t)program, words, (const uint32_t *)(uintptr_t)registers);
}

EXPORT("signature") const char *signature(void) { return SIGNATURE; }
