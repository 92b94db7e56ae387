/**
 * The instructions of step programs: what a model's forward pass, its gradient and an optimiser's step are compiled to.
 * Three engines run them with the same bits: the TypeScript of `reference/`, and `c/` as WebAssembly and as native code.
 *
 * An instruction is its number in this list, then its places (each a register and an offset in bytes), then its numbers
 * (whole, or a float32 by its bits). What each computes, and in which order it sums, stands at its function in `c/`.
 */

/** Name → how many places and how many numbers. The order is the same as in `c/run.c`. */
export const INSTRUCTIONS = {
  gather: [4, 5],
  dense: [4, 4],
  dense_kernel_gradient: [3, 3],
  dense_input_gradient: [4, 3],
  column_sums: [2, 2],
  conv: [4, 8],
  conv_kernel_gradient: [3, 7],
  turn_kernel: [2, 3],
  place_cells: [2, 9],
  relu: [2, 1],
  relu_gradient: [3, 1],
  elu: [2, 1],
  elu_gradient: [3, 1],
  add: [3, 1],
  max_pool: [3, 10],
  max_pool_gradient: [3, 10],
  average_pool: [2, 10],
  average_pool_gradient: [2, 10],
  channel_means: [2, 3],
  channel_means_gradient: [2, 3],
  group_norm: [5, 5],
  group_norm_gradient: [8, 4],
  response_norm: [4, 6],
  response_norm_gradient: [5, 5],
  softmax: [2, 2],
  cross_entropy: [4, 2],
  score: [4, 2],
  sgd: [4, 3],
  adam: [5, 2],
  amsgrad: [6, 2],
  norm: [2, 1],
  clip: [3, 1],
  pull: [4, 1],
  aggregate: [3, 1],
  straight_through: [7, 2],
  mask: [2, 1],
  threshold: [4, 1],
  sigmoid_through: [5, 1],
  mix: [3, 2],
  finite: [2, 1],
} as const satisfies Record<string, readonly [places: number, numbers: number]>;

export type InstructionName = keyof typeof INSTRUCTIONS;

/** All names, in the order of their numbers. */
export const INSTRUCTION_NAMES = Object.keys(INSTRUCTIONS) as readonly InstructionName[];

/** Addresses that are known only when a program runs; offsets of places count from them. */
export const REGISTERS = [
  'scratch',
  'params',
  'state',
  'data',
  'rows',
  'order',
  'labels',
  'settings',
  'center',
  'results',
] as const;
export type Register = (typeof REGISTERS)[number];

/** What a build says of itself: equal to this where it has the same registers and instructions. */
export const SIGNATURE = [
  `registers ${REGISTERS.length}\n`,
  ...INSTRUCTION_NAMES.map((name) => `${name} ${INSTRUCTIONS[name].join(' ')}\n`),
].join('');
