/** Chains of layers: their outputs, and their gradients by back-propagation. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Place, ProgramBuilder } from '../numeric/program.js';
import type { Layer, LayerInput, LayerPass, ProgramInput, ProgramPass } from './layers/layer.js';

type Engine = typeof tf;

/**
 * The outputs of all layers of a chain, the input first.
 * @param params the params of all layers, in their order; any tensors after them are ignored
 * @public
 */
export function outputsOf(
  engine: Engine,
  layers: readonly Layer[],
  { params, input }: LayerInput,
): tf.Tensor[] {
  const own = byLayer(layers, params);
  const outputs = [input];
  for (const [l, layer] of layers.entries()) {
    outputs.push(engine.tidy(() => layer.forward(engine, { params: own[l]!, input: outputs[l]! })));
  }
  return outputs;
}

/** The output of the last layer of a chain; what lies between the layers is freed on the way. @public */
export function outputOf(engine: Engine, layers: readonly Layer[], { params, input }: LayerInput): tf.Tensor {
  const own = byLayer(layers, params);
  let current = input;
  for (const [l, layer] of layers.entries()) {
    const next = engine.tidy(() => layer.forward(engine, { params: own[l]!, input: current }));
    if (current !== input) current.dispose();
    current = next;
  }
  return current;
}

/** What the backward pass through a chain starts from. @public */
export interface ChainPass {
  /** The params of all layers, in their order; any tensors after them are ignored. */
  readonly params: readonly tf.Tensor[];
  /** What {@link outputsOf} has given. All but the input are freed as far down as the pass goes. */
  readonly outputs: readonly tf.Tensor[];
  /** The gradient by the output of the last layer. */
  readonly outputGradient: tf.Tensor;
}

/** Which gradients of a chain are wanted. @public */
export interface WantedGradients {
  /** One entry for each layer: whether the gradient by its params is wanted. */
  readonly params: readonly boolean[];
  readonly input: boolean;
}

/** The gradients of a chain. (A type, since `tidy` takes no interface.) @public */
export type ChainGradients = {
  /** One entry for each slice of all layers, in their order; undefined where it was not wanted. */
  readonly ofParams: Array<tf.Tensor | undefined>;
  /** Absent where it was not wanted. */
  readonly ofInput?: tf.Tensor;
};

/** Back-propagation from the last layer of a chain down to the lowest one of which a gradient is wanted. @public */
export function chainGradients(
  engine: Engine,
  layers: readonly Layer[],
  { params, outputs, outputGradient }: ChainPass,
  wanted: WantedGradients,
): ChainGradients {
  const own = byLayer(layers, params);
  const ofParams = layers.map(({ slices }): Array<tf.Tensor | undefined> => slices.map(() => undefined));
  const lowest = wanted.input ? 0 : wanted.params.indexOf(true);
  if (lowest < 0) return { ofParams: ofParams.flat() };
  let gradient = outputGradient;
  for (let l = layers.length - 1; l >= lowest; l--) {
    const pass = { params: own[l]!, input: outputs[l]!, output: outputs[l + 1]!, outputGradient: gradient };
    const want = { params: wanted.params[l]!, input: wanted.input || l > lowest };
    const below = layerGradients(engine, layers[l]!, pass, want);
    if (want.params) ofParams[l] = below.ofParams;
    pass.output.dispose();
    if (!below.ofInput) break;
    if (gradient !== outputGradient) gradient.dispose();
    gradient = below.ofInput;
  }
  return { ofParams: ofParams.flat(), ...(wanted.input && { ofInput: gradient }) };
}

function layerGradients(
  engine: Engine,
  layer: Layer,
  pass: LayerPass,
  want: { readonly params: boolean; readonly input: boolean },
): { ofParams: tf.Tensor[]; ofInput?: tf.Tensor } {
  if (want.params && want.input && layer.gradients) {
    return engine.tidy(() => layer.gradients!(engine, pass));
  }
  const ofParams = want.params ? engine.tidy(() => layer.paramsGradient(engine, pass)) : [];
  if (!want.input) return { ofParams };
  return { ofParams, ofInput: engine.tidy(() => layer.inputGradient(engine, pass)) };
}

/** Whether all layers of a chain can be instructions of a step program. */
export function hasProgram(layers: readonly Layer[]): boolean {
  return layers.every(({ program }) => program !== undefined);
}

/** A forward pass through a chain in a step program. */
interface ChainProgramPass {
  /** The outputs of all layers, the input first. */
  readonly outputs: readonly Place[];
  /**
   * Appends the backward pass, down to the lowest layer of which a gradient is wanted.
   * @param ofParams one place for each slice of all layers, in their order
   */
  backward(outputGradient: Place, ofParams: readonly Place[], wanted: WantedGradients): Place | undefined;
}

/** Appends a forward pass through layers that all have a program. */
export function chainProgram(
  builder: ProgramBuilder,
  layers: readonly Layer[],
  { params, input, samples }: ProgramInput,
): ChainProgramPass {
  const own = byLayer(layers, params);
  const outputs = [input];
  const passes = layers.map((layer, l): ProgramPass => {
    const pass = layer.program!(builder, { params: own[l]!, input: outputs[l]!, samples });
    outputs.push(pass.output);
    return pass;
  });
  return {
    outputs,
    backward(outputGradient, ofParams, wanted) {
      const ofLayers = byLayer(layers, ofParams);
      const lowest = wanted.input ? 0 : wanted.params.indexOf(true);
      let gradient: Place | undefined = outputGradient;
      for (let l = layers.length - 1; l >= lowest && lowest >= 0; l--) {
        gradient = passes[l]!.backward({
          outputGradient: gradient!,
          ofParams: wanted.params[l] ? ofLayers[l] : undefined,
          input: wanted.input || l > lowest,
        });
      }
      return wanted.input ? gradient : undefined;
    },
  };
}

/** Each layer's own slices, of a list that has those of all layers. */
function byLayer<Item>(layers: readonly Layer[], params: readonly Item[]): Item[][] {
  let next = 0;
  return layers.map(({ slices }) => {
    const own = params.slice(next, next + slices.length);
    next += slices.length;
    return own;
  });
}
