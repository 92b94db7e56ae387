/** Layers of the user's own: what they return is checked, and their errors become PluginErrors that name the layer. */
import type * as tf from '@tensorflow/tfjs-core';
import { callPlugin } from '../../errors.js';
import { expectOwn, expectTensor } from '../own.js';
import type { BuiltLayer, Layer, LayerContext, LayerEntry, LayerPass } from './layer.js';

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
  const tensorsOf = ({ params, input, output, outputGradient }: LayerPass) => [
    ...params,
    ...[input, output, outputGradient],
  ];
  const expectOfParams = (call: string, ofParams: readonly tf.Tensor[], pass: LayerPass) => {
    for (const [s, { name }] of layer.slices.entries()) {
      const what = `the gradient of slice "${name}"`;
      const { shape } = pass.params[s]!;
      expectTensor(ofParams?.[s], { place, call, what, shape, given: tensorsOf(pass) });
    }
  };
  const expectOfInput = (call: string, ofInput: tf.Tensor, pass: LayerPass) => {
    const what = 'the gradient of the input';
    expectTensor(ofInput, { place, call, what, shape: pass.input.shape, given: tensorsOf(pass) });
  };
  const { gradients } = layer;
  return {
    slices: layer.slices,
    flops: layer.flops,
    forward(engine, given) {
      const output = callPlugin(place, () => layer.forward(engine, given));
      const shape = [...given.input.shape.slice(0, 2), features];
      const tensors = [...given.params, given.input];
      expectTensor(output, { place, call: 'forward(…)', what: 'an output', shape, given: tensors });
      return output;
    },
    paramsGradient(engine, pass) {
      const ofParams = callPlugin(place, () => layer.paramsGradient(engine, pass));
      expectOfParams('paramsGradient(…)', ofParams, pass);
      return ofParams;
    },
    inputGradient(engine, pass) {
      const ofInput = callPlugin(place, () => layer.inputGradient(engine, pass));
      expectOfInput('inputGradient(…)', ofInput, pass);
      return ofInput;
    },
    ...(gradients && {
      gradients(engine, pass) {
        const both = callPlugin(place, () => gradients.call(layer, engine, pass));
        expectOfParams('gradients(…)', both.ofParams, pass);
        expectOfInput('gradients(…)', both.ofInput, pass);
        return both;
      },
    }),
  };
}
