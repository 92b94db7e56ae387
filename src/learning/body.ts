/** The shared representation (body) and the personal head of a params vector. */
import type { Model } from '../models/model.js';
import { sum } from '../numbers.js';
import { isOutline, outline } from '../outline.js';
import type { VectorLayout } from '../wire/codec.js';

/** Number of params in the body (d_φ in the papers). @public */
export function bodyLength(model: Model): number {
  return sum(model.slices.map(({ group, length }) => (group === 'body' ? length : 0)));
}

/** The layout of the body, whose slices follow each other without the head's, for codecs. @public */
export function bodyLayout(
  model: Model,
): VectorLayout & { readonly slices: NonNullable<VectorLayout['slices']> } {
  let offset = 0;
  const slices = model.slices
    .filter(({ group }) => group === 'body')
    .map(({ shape, length }) => {
      const slice = { shape, offset, length };
      offset += length;
      return slice;
    });
  return { length: offset, slices };
}

/** The body's slices one after the other: float32 [bodyLength]. @public */
export function bodyOf(model: Model, params: Float32Array): Float32Array {
  if (isOutline(params)) return outline(bodyLength(model));
  const body = new Float32Array(bodyLength(model));
  let place = 0;
  for (const { group, offset, length } of model.slices) {
    if (group !== 'body') continue;
    body.set(params.subarray(offset, offset + length), place);
    place += length;
  }
  return body;
}

/** New params with that body and the head of `params`: float32 [params]. @public */
export function withBody(model: Model, params: Float32Array, body: Float32Array): Float32Array {
  if (isOutline(params)) return params;
  const joined = Float32Array.from(params);
  let place = 0;
  for (const { group, offset, length } of model.slices) {
    if (group !== 'body') continue;
    joined.set(body.subarray(place, place + length), offset);
    place += length;
  }
  return joined;
}

/** The head's slices, as views on the params. */
export function headOf(model: Model, params: Float32Array): Float32Array[] {
  return model.slices.flatMap(({ group, offset, length }) =>
    group === 'head' ? [params.subarray(offset, offset + length)] : [],
  );
}
