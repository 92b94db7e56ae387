/**
 * Error feedback for any lossy codec: the error of an encoding is added to the next vector that is sent. The memory of
 * these errors is plain data in the state of the sending node. F. Seide et al., "1-Bit Stochastic Gradient Descent",
 * Interspeech 2014; S. Karimireddy et al., "Error Feedback Fixes SignSGD and other Gradient Compression Schemes", ICML 2019.
 */
import { assert } from '../errors.js';
import type { VectorView } from './codec.js';

/** The vector to send: `values` + `memory`, a new float32 vector. A memory of null is all zeros. */
export function withMemory(values: Float32Array, memory: Float32Array | null): Float32Array {
  const corrected = Float32Array.from(values);
  if (memory === null) return corrected;
  assert(
    memory.length === corrected.length,
    `error feedback: expected a memory of ${corrected.length} numbers, got ${memory.length}`,
  );
  for (let i = 0; i < corrected.length; i++) corrected[i] = corrected[i]! + memory[i]!;
  return corrected;
}

/** The memory after sending: `sent` − what receivers decode. A coordinate that a sparse view leaves out counts as 0. */
export function residual(sent: Float32Array, view: VectorView): Float32Array {
  const memory = Float32Array.from(sent);
  for (let k = 0; k < view.values.length; k++) {
    const place = view.indices ? view.indices[k]! : k;
    memory[place] = memory[place]! - view.values[k]!;
  }
  return memory;
}
