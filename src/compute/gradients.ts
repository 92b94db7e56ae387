/** The gradients of TensorFlow.js's operations, for automatic differentiation. */
import { createRequire } from 'node:module';
import type * as tf from '@tensorflow/tfjs-core';

/**
 * Makes the gradients of all operations known to this thread's tfjs-core, which leaves them out. The build bundles them
 * (`scripts/copy-kernels.mjs`); they find the one engine of the thread by its global registry. Does nothing the second time.
 */
export function registerGradients(engine: typeof tf): void {
  if (engine.getGradient('Add') !== undefined) return;
  createRequire(import.meta.url)('./gradients.cjs');
}
