// One variant of all kernels, for the instruction set that this file is compiled for: VARIANT names it.
#include "run.c"

int JOIN(run_, VARIANT)(uintptr_t memory, const int32_t *program, uint32_t words, uint32_t *registers, uint32_t times) {
  return run(memory, program, words, registers, times);
}

const char *JOIN(signature_, VARIANT)(void) { return SIGNATURE; }
