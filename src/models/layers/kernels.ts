/** The options that all layers with a kernel have in common: whether they have a bias, and how they are initialised. */
import { z } from 'zod';

/** How kernels and biases are initialised; see {@link initBounds}. @public */
export type KernelInit = 'uniform' | 'he-uniform';

/** Options of a layer with a kernel. @public */
export interface KernelOptions {
  /**
   * Whether the layer has a bias.
   * @defaultValue true
   */
  readonly bias?: boolean | undefined;
  /** @defaultValue uniform */
  readonly kernelInit?: KernelInit | undefined;
}

/** The options of a model whose layers have kernels; its schema spreads them in. @public */
export const kernelOptions = {
  bias: z.boolean().default(true).describe('whether layers with a kernel have a bias'),
  kernelInit: z
    .enum(['uniform', 'he-uniform'])
    .default('uniform')
    .describe('uniform: kernels and biases in ±1/√inputs; he-uniform: kernels in ±√(6/inputs), biases 0'),
};

/**
 * Half-widths of the uniform distributions from which a layer with `fanIn` inputs for each output starts. `uniform`: kernel
 * and bias in ±1/√fanIn (the default of PyTorch). `he-uniform`: the kernel in ±√(6/fanIn) (He et al., 2015), the bias
 * at zero.
 * @public
 */
export function initBounds(fanIn: number, init: KernelInit = 'uniform'): { kernel: number; bias: number } {
  if (init === 'he-uniform') return { kernel: Math.sqrt(6 / fanIn), bias: 0 };
  return { kernel: 1 / Math.sqrt(fanIn), bias: 1 / Math.sqrt(fanIn) };
}
