/** Checks of what the user's own models, layers and optimisers give: a mistake is named where it is made. */
import type * as tf from '@tensorflow/tfjs-core';
import { PluginError } from '../errors.js';

/** Throws a PluginError `<place>: <call>: expected <expected>` unless `holds`. */
export function expectOwn(holds: unknown, place: string, call: string, expected: string): void {
  if (!holds) throw new PluginError(`${place}: ${call}: expected ${expected}`);
}

/**
 * Asserts the shape of a tensor, since one of another shape would be stretched over the params without a word.
 * @param what names the tensor: `the gradient of slice "dense1/bias"`
 * @param tensor undefined where there is none
 */
export function expectShape(
  tensor: tf.Tensor | undefined,
  shape: readonly number[],
  place: string,
  call: string,
  what: string,
): void {
  const got = tensor?.shape?.join(', ');
  const wanted = shape.join(', ');
  const found = got === undefined ? 'nothing' : `[${got}]`;
  expectOwn(got === wanted, place, call, `${what} as [${wanted}], got ${found}`);
}
