/** Models of the user's own: what they return is checked, and their errors become PluginErrors that name the model. */
import { lengthOf } from '../data/dataset.js';
import { callPlugin } from '../errors.js';
import type { Model, ModelEntry, ModelSpec } from './model.js';
import { expectOwn, expectTensor } from './own.js';

/**
 * Builds the model of an entry of the user's own.
 * @param place names the model: `model "mine" (file:///models/mine.js)`
 * @throws PluginError where it is no model, and later where its functions throw or give numbers of another shape
 */
export function buildOwnModel(place: string, entry: ModelEntry, spec: ModelSpec): Model {
  const model = callPlugin(place, () => entry.build(spec));
  const fault = faultOf(model, spec);
  expectOwn(fault === undefined, place, 'build(spec)', fault!);
  const { slices, length, flops, logits, representation } = model;
  return {
    spec,
    slices,
    length,
    flops,
    init(random) {
      const params = callPlugin(place, () => model.init(random));
      const fits = params instanceof Float32Array && params.length === length;
      expectOwn(fits, place, 'init(random)', `a Float32Array of ${length} params`);
      return params;
    },
    lossSum: (engine, batch) => callPlugin(place, () => model.lossSum(engine, batch)),
    gradient(engine, request) {
      const gradient = callPlugin(place, () => model.gradient(engine, request));
      for (const [s, { name, group }] of slices.entries()) {
        const isWanted = request.trainable === 'all' || request.trainable === group;
        const ofSlice = gradient.slices[s];
        if (!isWanted && ofSlice === undefined) continue;
        const what = `the gradient of slice "${name}"`;
        expectTensor(ofSlice, { place, call: 'gradient(…)', what, shape: request.params[s]!.shape });
      }
      return gradient;
    },
    ...(logits && { logits: (engine, batch) => callPlugin(place, () => logits.call(model, engine, batch)) }),
    ...(representation && {
      representation: {
        ...representation,
        forward: (engine, batch) => callPlugin(place, () => representation.forward(engine, batch)),
        backward: (engine, pass) => callPlugin(place, () => representation.backward(engine, pass)),
      },
    }),
  };
}

/** What is wrong with a model, as far as it can be seen without running it. */
function faultOf(model: Partial<Model> | undefined, { classes }: ModelSpec): string | undefined {
  const { slices, length, flops } = model ?? {};
  if (!Array.isArray(slices) || slices.length === 0) return `a model with slices, got ${String(slices)}`;
  let offset = 0;
  for (const slice of slices as Model['slices']) {
    const size = lengthOf(slice.shape);
    if (slice.offset !== offset || slice.length !== size) {
      return `slices one after the other, "${slice.name}" at ${offset} with ${size} params, got ${slice.length} at ${slice.offset}`;
    }
    offset += size;
  }
  if (length !== offset) return `a length of ${offset}, as long as its slices together, got ${length}`;
  if (!(flops && flops.forward >= 0 && flops.backward >= 0)) {
    return 'flops { forward, backward } of at least 0';
  }
  const functions = ['init', 'lossSum', 'gradient', ...(classes > 0 ? ['logits'] : [])] as const;
  const missing = functions.find((name) => typeof model?.[name as 'init'] !== 'function');
  return missing && `a function ${missing}`;
}
