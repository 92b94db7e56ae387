/** Optimisers of the user's own: what they return is checked, and their errors become PluginErrors that name them. */
import { callPlugin } from '../../errors.js';
import { expectOwn, expectTensor } from '../own.js';
import type { OptimizerEntry } from './optimizer.js';

/**
 * An entry of the user's own whose functions are checked: they throw a PluginError.
 * @param place names the optimiser: `optimizer "mine" (file:///optimizers/mine.js)`
 */
export function checkedOptimizer(place: string, entry: OptimizerEntry): OptimizerEntry {
  const { program: _, ...computedByTensors } = entry;
  return {
    ...computedByTensors,
    stateArrays(options) {
      const arrays = callPlugin(place, () => entry.stateArrays(options));
      const fits = Number.isSafeInteger(arrays) && arrays >= 0;
      expectOwn(fits, place, 'stateArrays(options)', `a whole number of at least 0, got ${arrays}`);
      return arrays;
    },
    flops(options) {
      const flops = callPlugin(place, () => entry.flops(options));
      expectOwn(flops >= 0, place, 'flops(options)', `a number of at least 0, got ${flops}`);
      return flops;
    },
    takesScaledGradient: (options) => callPlugin(place, () => entry.takesScaledGradient?.(options) ?? false),
    step(engine, options, given) {
      const after = callPlugin(place, () => entry.step(engine, options, given));
      const { params, state, gradient } = given;
      const wanted = { place, call: 'step(…)', shape: params.shape, given: [params, ...state, gradient] };
      expectTensor(after?.params, { ...wanted, what: 'params' });
      for (const a of state.keys()) {
        expectTensor(after.state?.[a], { ...wanted, what: `array ${a} of the state` });
      }
      return after;
    },
  };
}
