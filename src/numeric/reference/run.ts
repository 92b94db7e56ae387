/** The engine in TypeScript: slow, and with the same bits as the others. What one checks them against. */
import { assert } from '../../errors.js';
import { INSTRUCTION_NAMES, type InstructionName, REGISTERS } from '../instructions.js';
import * as layers from './layers.js';
import * as losses from './losses.js';
import { type Memory, Operands } from './operands.js';
import * as products from './products.js';
import * as rows from './rows.js';
import * as updates from './updates.js';

const KERNELS: Record<InstructionName, (at: Operands) => void> = {
  gather: rows.gather,
  dense: products.dense,
  dense_kernel_gradient: products.denseKernelGradient,
  dense_input_gradient: products.denseInputGradient,
  column_sums: products.columnSums,
  conv: products.conv,
  conv_kernel_gradient: products.convKernelGradient,
  turn_kernel: products.turnKernel,
  place_cells: products.placeCells,
  relu: layers.relu,
  relu_gradient: layers.reluGradient,
  elu: layers.elu,
  elu_gradient: layers.eluGradient,
  add: layers.add,
  max_pool: layers.maxPool,
  max_pool_gradient: layers.maxPoolGradient,
  average_pool: layers.averagePool,
  average_pool_gradient: layers.averagePoolGradient,
  channel_means: layers.channelMeans,
  channel_means_gradient: layers.channelMeansGradient,
  group_norm: layers.groupNorm,
  group_norm_gradient: layers.groupNormGradient,
  response_norm: layers.responseNorm,
  response_norm_gradient: layers.responseNormGradient,
  softmax: losses.softmax,
  cross_entropy: losses.crossEntropy,
  score: losses.score,
  sgd: updates.sgd,
  adam: updates.adam,
  amsgrad: updates.amsgrad,
  norm: updates.norm,
  clip: updates.clip,
  pull: updates.pull,
  aggregate: updates.aggregate,
  straight_through: updates.straightThrough,
  mask: updates.mask,
  threshold: updates.threshold,
  sigmoid_through: updates.sigmoidThrough,
  mix: updates.mix,
  finite: updates.finite,
};

/** Runs a program of so many words so many times; addresses in bytes. */
export function runReference(
  memory: Memory,
  program: number,
  words: number,
  registers: number,
  times: number,
): void {
  const end = program / 4 + words;
  for (let t = 0; t < times; t++) {
    const at = new Operands(memory, program, registers);
    while (at.next < end) {
      const name = INSTRUCTION_NAMES[at.whole()];
      assert(name !== undefined, 'a program has a word that is no instruction');
      KERNELS[name](at);
    }
    const first = registers / 4;
    for (let r = first; r < first + REGISTERS.length; r++)
      memory.addresses[r]! += memory.addresses[r + REGISTERS.length]!;
  }
}
