// What all kernels share: how they are compiled, and how they read the operands of an instruction.
//
// One source for all targets: 64-bit machines with registers of 4, 8 or 16 float32 numbers, and WebAssembly with 4.
// Results have the same bits on all of them. That takes three things: no result depends on the number of lanes; nothing
// is contracted into a fused multiply-add (-ffp-contract=off); and nothing of the C library is called whose last bit may
// differ. The TypeScript in `reference/` gives the same bits once more.
#ifndef KERNELS_H
#define KERNELS_H

#include <stddef.h>
#include <stdint.h>

#define ALWAYS __attribute__((always_inline))
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#define NO_UNROLL _Pragma("clang loop unroll(disable)")
#else
#define UNROLL _Pragma("GCC unroll 8")
#define NO_UNROLL _Pragma("GCC unroll 1")
#endif

// The widest registers of the target; WebAssembly has 4 lanes.
#if defined(__AVX512F__)
#define WIDEST 16
#elif defined(__AVX2__)
#define WIDEST 8
#else
#define WIDEST 4
#endif

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define LANED(name) JOIN(JOIN(name, _), LANES)

// Reads the operands of an instruction, one after the other.
typedef struct {
  uintptr_t memory;           // where address 0 is
  const uint32_t *registers;  // addresses that an instruction's places start from
  const int32_t *next;
} Reader;

// A place is a register and an offset in bytes.
static inline void *place(Reader *reader) {
  const uintptr_t base = reader->registers[reader->next[0]];
  const uintptr_t offset = (uint32_t)reader->next[1];
  reader->next += 2;
  return (void *)(reader->memory + base + offset);
}

static inline int whole(Reader *reader) { return *reader->next++; }

// A float32 number stands in an instruction by its bits.
static inline float number(Reader *reader) {
  union { int32_t bits; float value; } word = {.bits = whole(reader)};
  return word.value;
}

static inline int32_t bits_of(float value) {
  union { float value; int32_t bits; } word = {.value = value};
  return word.bits;
}

static inline float of_bits(int32_t bits) {
  union { int32_t bits; float value; } word = {.bits = bits};
  return word.value;
}

#endif
