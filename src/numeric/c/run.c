// The interpreter: one call runs a whole program.
#include "layers.c"
#include "losses.c"
#include "products.c"
#include "rows.c"
#include "updates.c"

// All instructions: name, how many places and how many numbers each takes. `instructions.ts` has the same list, and
// compares it with `run_signature` when it loads a build.
#define INSTRUCTIONS(X)        \
  X(gather, 4, 5)              \
  X(dense, 4, 4)               \
  X(dense_kernel_gradient, 3, 3) \
  X(dense_input_gradient, 4, 3)  \
  X(column_sums, 2, 2)         \
  X(conv, 4, 8)                \
  X(conv_kernel_gradient, 3, 7)  \
  X(turn_kernel, 2, 3)         \
  X(place_cells, 2, 9)         \
  X(relu, 2, 1)                \
  X(relu_gradient, 3, 1)       \
  X(elu, 2, 1)                 \
  X(elu_gradient, 3, 1)        \
  X(add, 3, 1)                 \
  X(max_pool, 3, 10)           \
  X(max_pool_gradient, 3, 10)  \
  X(average_pool, 2, 10)       \
  X(average_pool_gradient, 2, 10) \
  X(channel_means, 2, 3)       \
  X(channel_means_gradient, 2, 3) \
  X(group_norm, 5, 5)          \
  X(group_norm_gradient, 8, 4) \
  X(response_norm, 4, 6)       \
  X(response_norm_gradient, 5, 5) \
  X(softmax, 2, 2)             \
  X(cross_entropy, 4, 2)       \
  X(score, 4, 2)               \
  X(sgd, 4, 3)                 \
  X(adam, 5, 2)                \
  X(amsgrad, 6, 2)             \
  X(norm, 2, 1)                \
  X(clip, 3, 1)                \
  X(pull, 4, 1)                \
  X(aggregate, 3, 1)           \
  X(straight_through, 7, 2)    \
  X(mask, 2, 1)                \
  X(threshold, 4, 1)           \
  X(sigmoid_through, 5, 1)     \
  X(mix, 3, 2)                 \
  X(finite, 2, 1)

// How many registers there are. Behind the addresses stands for each how far it moves from one run to the next.
#define REGISTERS 10

#define TEXT_(number) #number
#define TEXT(number) TEXT_(number)
#define NAME(name, places, numbers) #name " " #places " " #numbers "\n"
static const char SIGNATURE[] = "registers " TEXT(REGISTERS) "\n" INSTRUCTIONS(NAME);

#define NUMBER(name, places, numbers) number_of_##name,
enum { INSTRUCTIONS(NUMBER) };

#define CASE(name, places, numbers) \
  case number_of_##name:            \
    op_##name(&reader);             \
    break;

// Runs a program of so many words so many times. Returns 0, or 1 for an unknown instruction.
static int run(uintptr_t memory, const int32_t *program, uint32_t words, uint32_t *registers, uint32_t times) {
  for (uint32_t t = 0; t < times; t++) {
    Reader reader = {memory, registers, program};
    while (reader.next < program + words) {
      switch (*reader.next++) {
        INSTRUCTIONS(CASE)
        default:
          return 1;
      }
    }
    for (int r = 0; r < REGISTERS; r++) registers[r] += registers[REGISTERS + r];
  }
  return 0;
}
