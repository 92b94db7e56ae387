/** Layers of the user's own: what their functions throw and what is wrong with what they give is said to be theirs. */
import { callPlugin } from '../../errors.js';
import { expectOwn, expectShape } from '../own.js';
import type { BuiltLayer, Layer, LayerContext, LayerEntry } from './layer.js';

/**
 * Builds the layer of an entry of the user's own.
 * @param place names the layer: `layer "mine" (file:///layers/mine.js)`
 * @throws PluginError where it is no layer, and later where its functions throw or give tensors of another shape
 */
export function buildOwnLayer(
  place: string,
  entry: LayerEntry,
  options: unknown,
  context: LayerContext,
): BuiltLayer {
  const built = callPlugin(place, () => entry.build(options, context));
  const call = 'build(options, context)';
  const { layer, output } = built ?? {};
  expectOwn(isLayer(layer), place, call, LAYER);
  for (const { name } of layer.slices) {
    const begins = name.startsWith(`${context.name}/`);
    expectOwn(begins, place, call, `names of slices that begin with "${context.name}/", got "${name}"`);
  }
  const fits = Number.isSafeInteger(output?.features) && output.features > 0;
  expectOwn(fits, place, call, `an output { features } of at least 1, got ${output?.features}`);
  return { layer: checked(place, layer, output.features), output };
}

const LAYER =
  '{ layer, output }, a layer with slices { name, shape, initBound }, flops { forward, params, input }, forward, ' +
  'paramsGradient and inputGradient';

function isLayer(layer: Partial<Layer> | undefined): boolean {
  const { slices, flops } = layer ?? {};
  const functions = [layer?.forward, layer?.paramsGradient, layer?.inputGradient];
  return (
    Array.isArray(slices) &&
    slices.every(
      ({ name, shape, initBound }) => typeof name === 'string' && Array.isArray(shape) && initBound >= 0,
    ) &&
    [flops?.forward, flops?.params, flops?.input].every((cost) => cost !== undefined && cost >= 0) &&
    functions.every((value) => typeof value === 'function')
  );
}

function checked(place: string, layer: Layer, features: number): Layer {
  const expectOfParams = (
    call: string,
    ofParams: readonly unknown[],
    params: readonly { shape: number[] }[],
  ) => {
    for (const [s, { shape }] of params.entries()) {
      expectShape(
        ofParams?.[s] as never,
        shape,
        place,
        call,
        `the gradient of slice "${layer.slices[s]!.name}"`,
      );
    }
  };
  const { gradients } = layer;
  return {
    slices: layer.slices,
    flops: layer.flops,
    forward(engine, given) {
      const [nodes, batch] = given.input.shape as [number, number];
      const output = callPlugin(place, () => layer.forward(engine, given));
      expectShape(output, [nodes, batch, features], place, 'forward(…)', 'an output');
      return output;
    },
    paramsGradient(engine, pass) {
      const ofParams = callPlugin(place, () => layer.paramsGradient(engine, pass));
      expectOfParams('paramsGradient(…)', ofParams, pass.params);
      return ofParams;
    },
    inputGradient(engine, pass) {
      const ofInput = callPlugin(place, () => layer.inputGradient(engine, pass));
      expectShape(ofInput, pass.input.shape, place, 'inputGradient(…)', 'a gradient');
      return ofInput;
    },
    ...(gradients && {
      gradients(engine, pass) {
        const both = callPlugin(place, () => gradients.call(layer, engine, pass));
        expectOfParams('gradients(…)', both.ofParams, pass.params);
        expectShape(both.ofInput, pass.input.shape, place, 'gradients(…)', 'a gradient of the input');
        return both;
      },
    }),
  };
}
