/** The gated recurrent unit (Cho et al., 2014), as cuDNN and PyTorch compute it, with one bias. */
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { count } from '../../options/index.js';
import type { Layer, LayerEntry, LayerInput, LayerPass } from './layer.js';

type Engine = typeof tf;

/** Sizes of a GRU. @public */
export interface GruOptions {
  /** Length of the sequence that a sample is. */
  readonly steps: number;
  /** How many numbers come in at each step. */
  readonly width: number;
  /** H: how many numbers a state has. */
  readonly units: number;
  /** What it gives: the state after the last step, or the states after all steps. */
  readonly output: 'last' | 'all';
  /** @defaultValue true */
  readonly bias?: boolean | undefined;
}

/** What the forward pass knows of a step; all are float32 [nodes, batch, H]. */
interface Step {
  readonly before: tf.Tensor;
  readonly reset: tf.Tensor;
  readonly update: tf.Tensor;
  readonly candidate: tf.Tensor;
  /** h · Uₙ. */
  readonly recalled: tf.Tensor;
  readonly state: tf.Tensor;
}

/**
 * With x the input of a step, h the state before it (0 at first), σ the sigmoid and ∘ the product number by number:
 * r = σ(x·Wᵣ + bᵣ + h·Uᵣ), z = σ(x·W_z + b_z + h·U_z), n = tanh(x·Wₙ + bₙ + r ∘ (h·Uₙ)), and the new state (1 − z) ∘ n + z ∘ h.
 * TensorFlow.js computes it, on every backend.
 * @param name begins the names of its slices: `kernel` W [width, 3·H] and `recurrent` U [H, 3·H], both in the order r, z, n, and, unless
 * it has none, `bias` [3·H]
 * @public
 */
export function gru(name: string, options: GruOptions): Layer {
  const { steps, width, units, output, bias = true } = options;
  const bound = 1 / Math.sqrt(units);
  const products = steps * 6 * units * (width + units);
  const gradients = (engine: Engine, pass: LayerPass) => backward(engine, pass, options);
  return {
    slices: [
      { name: `${name}/kernel`, shape: [width, 3 * units], initBound: bound },
      { name: `${name}/recurrent`, shape: [units, 3 * units], initBound: bound },
      ...(bias ? [{ name: `${name}/bias`, shape: [3 * units], initBound: bound }] : []),
    ],
    flops: {
      forward: products + steps * 20 * units,
      params: products + steps * 3 * units,
      input: products + steps * 30 * units,
    },
    forward(engine, given) {
      const states = statesOf(engine, given, options).map(({ state }) => state);
      return output === 'last' ? engine.clone(states.at(-1)!) : engine.concat(states, 2);
    },
    paramsGradient: (engine, pass) => gradients(engine, pass).ofParams,
    inputGradient: (engine, pass) => gradients(engine, pass).ofInput,
    gradients,
  };
}

/** The forward pass, step by step. */
function statesOf(
  engine: Engine,
  { params, input }: LayerInput,
  { steps, width, units }: GruOptions,
): Step[] {
  const [kernel, recurrent, bias] = params;
  const [nodes, batch] = input.shape as [number, number];
  const flat = engine.matMul(engine.reshape(input, [nodes, batch * steps, width]), kernel!);
  const shifted = bias ? engine.add(flat, engine.reshape(bias, [nodes, 1, 3 * units])) : flat;
  const ofInput = engine.reshape(shifted, [nodes, batch, steps * 3 * units]);
  const part = (all: tf.Tensor, k: number) => engine.slice(all, [0, 0, k * units], [nodes, batch, units]);
  const list: Step[] = [];
  let before: tf.Tensor = engine.zeros([nodes, batch, units]);
  for (let t = 0; t < steps; t++) {
    const ofState = engine.matMul(before, recurrent!);
    const gate = (k: number) => engine.sigmoid(engine.add(part(ofInput, 3 * t + k), part(ofState, k)));
    const [reset, update, recalled] = [gate(0), gate(1), part(ofState, 2)];
    const candidate = engine.tanh(engine.add(part(ofInput, 3 * t + 2), engine.mul(reset, recalled)));
    const state = engine.add(candidate, engine.mul(update, engine.sub(before, candidate)));
    list.push({ before, reset, update, candidate, recalled, state });
    before = state;
  }
  return list;
}

/** Back-propagation through time: the forward pass is computed again, since only its output was kept. */
function backward(
  engine: Engine,
  pass: LayerPass,
  options: GruOptions,
): { ofParams: tf.Tensor[]; ofInput: tf.Tensor } {
  const { steps, width, units, output, bias = true } = options;
  const [kernel, recurrent] = pass.params as [tf.Tensor, tf.Tensor];
  const [nodes, batch] = pass.input.shape as [number, number];
  const list = statesOf(engine, pass, options);
  /** By step: the gradients by x·W + b and by h·U, float32 [nodes, batch, 3·H]. */
  const ofInputs: tf.Tensor[] = Array(steps);
  const ofStates: tf.Tensor[] = Array(steps);
  let ofState: tf.Tensor = engine.zeros([nodes, batch, units]);
  for (let t = steps - 1; t >= 0; t--) {
    if (output === 'all')
      ofState = engine.add(
        ofState,
        engine.slice(pass.outputGradient, [0, 0, t * units], [nodes, batch, units]),
      );
    else if (t === steps - 1) ofState = pass.outputGradient;
    const { before, reset, update, candidate, recalled } = list[t]!;
    const ofCandidate = engine.mul(
      engine.mul(ofState, engine.sub(1, update)),
      engine.sub(1, engine.square(candidate)),
    );
    const throughGate = (gradient: tf.Tensor, gate: tf.Tensor) =>
      engine.mul(gradient, engine.mul(gate, engine.sub(1, gate)));
    const ofUpdate = throughGate(engine.mul(ofState, engine.sub(before, candidate)), update);
    const ofReset = throughGate(engine.mul(ofCandidate, recalled), reset);
    ofInputs[t] = engine.concat([ofReset, ofUpdate, ofCandidate], 2);
    ofStates[t] = engine.concat([ofReset, ofUpdate, engine.mul(ofCandidate, reset)], 2);
    ofState = engine.add(engine.mul(ofState, update), engine.matMul(ofStates[t]!, recurrent, false, true));
  }
  const inOrder = engine.reshape(engine.concat(ofInputs, 2), [nodes, batch * steps, 3 * units]);
  const inputs = engine.reshape(pass.input, [nodes, batch * steps, width]);
  const states = engine.concat(
    list.map(({ before }) => before),
    1,
  );
  return {
    ofParams: [
      engine.matMul(inputs, inOrder, true, false),
      engine.matMul(states, engine.concat(ofStates, 1), true, false),
      ...(bias ? [engine.sum(inOrder, 1)] : []),
    ],
    ofInput: engine.reshape(engine.matMul(inOrder, kernel, false, true), [nodes, batch, steps * width]),
  };
}

/** The layer `gru` of a scenario. */
export const gruEntry: LayerEntry<{ readonly units: number; readonly output: 'last' | 'all' }> = {
  id: 'gru',
  description:
    'gated recurrent unit over a sequence: what embedding gives, or samples of two dimensions [steps, width]',
  reference:
    'Cho et al., Learning Phrase Representations using RNN Encoder–Decoder for Statistical Machine Translation, EMNLP 2014',
  options: z.strictObject({
    units: count().describe('how many numbers its state has'),
    output: z
      .enum(['last', 'all'])
      .default('last')
      .describe('last: the state after the last step; all: the states after all steps, a sequence again'),
  }),
  build({ units, output }, { name, input, kernels, model }) {
    if (!input.sequence) {
      throw new UsageError(
        'model-data-mismatch',
        `layer "${name}" of model "${model.use}": expected a sequence, got samples of [${model.input.join(', ')}]; put the layer ` +
          'embedding before it, or use samples of two dimensions [steps, width]',
        'model',
      );
    }
    const { steps, width } = input.sequence;
    const layer = gru(name, { steps, width, units, output, bias: kernels.bias });
    if (output === 'last') return { layer, output: { features: units } };
    return { layer, output: { features: steps * units, sequence: { steps, width: units } } };
  },
};
