/** Checks of what the user's own models, layers and optimisers return; an error names the function with the mistake. */
import type * as tf from '@tensorflow/tfjs-core';
import { expectPlugin } from '../errors.js';

/** Throws a PluginError `<place>: <call>: expected <expected>` unless `holds`. */
export function expectOwn(holds: unknown, place: string, call: string, expected: string): void {
  expectPlugin(holds, `${place}: ${call}`, expected);
}

/** The requirements on a tensor that a function of the user's returns. */
interface WantedTensor {
  /** Names the entry and its function: `layer "mine" (file:///mine.js)`, `forward(…)`. */
  readonly place: string;
  readonly call: string;
  /** Names the tensor: `the gradient of slice "dense1/bias"`. */
  readonly what: string;
  readonly shape: readonly number[];
  /** What the function was given. */
  readonly given?: readonly tf.Tensor[];
}

/**
 * Asserts that a tensor has its shape, since one of another shape would silently be broadcast over the params, and that
 * it is none of those that the function was given, since those may be freed.
 */
export function expectTensor(
  tensor: tf.Tensor | undefined,
  { place, call, what, shape, given = [] }: WantedTensor,
): void {
  const got = tensor?.shape?.join(', ');
  const wanted = shape.join(', ');
  const found = got === undefined ? 'nothing' : `[${got}]`;
  expectOwn(got === wanted, place, call, `${what} as [${wanted}], got ${found}`);
  const isNew = given.every((other) => other !== tensor);
  expectOwn(isNew, place, call, `${what} as a new tensor, got one that it was given`);
}
