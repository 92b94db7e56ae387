/**
 * Error feedback for any lossy codec: what an encoding leaves out is added to what is sent next. The memory is plain data
 * of the algorithm that sends. F. Seide et al., "1-Bit Stochastic Gradient Descent", Interspeech 2014; S. Karimireddy et
 * al., "Error Feedback Fixes SignSGD and other Gradient Compression Schemes", ICML 2019.
 */
import { assert } from '../errors.js';
import type { VectorView } from './codec.js';

/** The vector to send: `values` and what is still owed; float32, new. Null is an empty memory. */
export function withMemory(values: Float32Array, memory: Float32Array | null): Float32Array {
  const owed = Float32Array.from(values);
  if (memory === null) return owed;
  assert(memory.length === owed.length, 'the memory of error feedback has the length of the vector');
  for (let i = 0; i < owed.length; i++) owed[i] = owed[i]! + memory[i]!;
  return owed;
}

/** The memory after sending: what the receivers did not get. A coordinate that a sparse view leaves out counts as 0. */
export function residual(sent: Float32Array, view: VectorView): Float32Array {
  const memory = Float32Array.from(sent);
  for (let k = 0; k < view.values.length; k++) {
    const place = view.indices ? view.indices[k]! : k;
    memory[place] = memory[place]! - view.values[k]!;
  }
  return memory;
}
