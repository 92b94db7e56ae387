/** Evaluated params as probes see them: copies, so that no probe can change the run. */
import type { Evaluated } from '../learning/algorithm.js';
import { isFrozen, type Params, valuesOf } from '../learning/params.js';

/** What probes see, and the params behind it, for as long as no probe has had the copy. */
const originals = new WeakMap<Evaluated, Params>();

/** The params, copied once somebody reads them, and what else belongs to them. Plain data. */
export function shown({ params, model, adaptation }: Evaluated): Evaluated<Float32Array> {
  let copy: Float32Array | undefined;
  const evaluated: Evaluated<Float32Array> = {
    get params() {
      originals.delete(evaluated);
      copy ??= Float32Array.from(valuesOf(params));
      return copy;
    },
    ...(model && { model: structuredClone(model) }),
    ...(adaptation && { adaptation: structuredClone(adaptation) }),
  };
  if (isFrozen(params)) originals.set(evaluated, params);
  else void evaluated.params;
  return evaluated;
}

/** The params of what {@link shown} returned, or of what a probe made of it, as a task may have them. */
export function paramsOf(evaluated: Evaluated<Float32Array>): Params {
  return originals.get(evaluated) ?? evaluated.params;
}
