/** Models in step programs: the same gradient as TensorFlow.js gives, and the same bits on all engines. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { specOf } from '../../test/support/models.js';
import { loadBackend } from '../compute/backend.js';
import { lengthOf } from '../data/dataset.js';
import { Arena } from '../numeric/arena.js';
import { type Engine, nativeEngine, referenceEngine, wasmEngine } from '../numeric/engine.js';
import { Machine, NOWHERE } from '../numeric/machine.js';
import { type Program, ProgramBuilder } from '../numeric/program.js';
import { Random } from '../random.js';
import { buildModel } from './index.js';
import type { Model, ModelSpec, Trainable } from './model.js';
import { stackSlices } from './stack.js';

const { tf: engine } = await loadBackend('cpu');

const NETWORK = (layers: unknown[], input: number[], more: object = {}): ModelSpec =>
  specOf('cnn', input, 3, { layers, ...more });

const CASES: Readonly<Record<string, { spec: ModelSpec; samples: number }>> = {
  softmax: { spec: specOf('softmax', [7], 3), samples: 5 },
  mlp: { spec: specOf('mlp', [9], 10, { hidden: [12, 5] }), samples: 6 },
  'convolutions with padding and stride': {
    spec: NETWORK(
      [
        { use: 'conv', filters: 5, kernelSize: 3, stride: 2, padding: 'same' },
        { use: 'elu' },
        { use: 'conv', filters: 6, kernelSize: 2, padding: 1 },
        { use: 'relu' },
        { use: 'max-pool', window: 3, stride: 2, padding: 1 },
        { use: 'conv', filters: 9, kernelSize: 1, stride: 2 },
      ],
      [9, 8, 2],
    ),
    samples: 3,
  },
  'pooling and normalisations': {
    spec: NETWORK(
      [
        { use: 'conv', filters: 6, kernelSize: 3, bias: false },
        { use: 'group-norm', groups: 3 },
        { use: 'relu' },
        { use: 'average-pool', window: 2 },
        { use: 'response-norm', size: 4, alpha: 0.5 },
        { use: 'residual', filters: 8, stride: 2, groups: 2 },
        { use: 'relu' },
        { use: 'residual', filters: 8, stride: 1, groups: 4 },
        { use: 'global-average-pool' },
      ],
      [11, 11, 3],
    ),
    samples: 4,
  },
  'l2c-cnn': { spec: specOf('l2c-cnn', [16, 16, 1], 10), samples: 2 },
  'deprl-alexnet': { spec: specOf('deprl-alexnet', [28, 28, 1], 10), samples: 1 },
  'mce-pl-alexnet': { spec: specOf('mce-pl-alexnet', [24, 24, 3], 10), samples: 1 },
};

function gradientProgram(model: Model, samples: number, trainable: Trainable): Program {
  const builder = new ProgramBuilder();
  const pass = model.program!.forward(builder, { base: 'data', offset: 0 }, samples);
  const ofLogits = builder.floats(samples * model.spec.classes);
  const loss = { base: 'results', offset: 0 } as const;
  const labels = { base: 'labels', offset: 0 } as const;
  builder.emit('cross_entropy', [ofLogits, loss, pass.logits, labels], [samples, model.spec.classes]);
  pass.backward(ofLogits, { base: 'state', offset: 0 }, trainable);
  return builder.finish();
}

const ENGINES: Array<(arena: Arena) => Engine | { missing: string }> = [
  ({ memory }) => referenceEngine(memory),
  ({ memory }) => wasmEngine(memory),
  ({ memory }) => nativeEngine(memory),
];

for (const [name, { spec, samples }] of Object.entries(CASES)) {
  for (const trainable of ['all', 'body', 'head'] as const) {
    test(`${name}: the gradient by ${trainable} params is that of TensorFlow.js`, () => {
      const model = buildModel(spec);
      const random = new Random(name);
      const params = model.init(random).map((value) => (value === 0 ? 0.1 * random.normal() : value));
      const features = Float32Array.from({ length: samples * lengthOf(spec.input) }, () => random.normal());
      const labels = Int32Array.from({ length: samples }, () => random.integer(spec.classes));
      const program = gradientProgram(model, samples, trainable);
      const results = ENGINES.flatMap((make) => {
        const arena = new Arena();
        const own = make(arena);
        if ('missing' in own) return [];
        const machine = new Machine(arena, own);
        const place = (values: Float32Array | Int32Array) => {
          const address = arena.take(values.byteLength);
          new Uint8Array(arena.buffer, address, values.byteLength).set(new Uint8Array(values.buffer));
          return address;
        };
        const address = arena.take(4 * model.length);
        const gradient = new Float32Array(arena.buffer, address, model.length).fill(0);
        const registers = {
          ...NOWHERE,
          params: place(params),
          data: place(features),
          labels: place(labels),
          state: gradient.byteOffset,
          results: arena.take(8),
        };
        machine.run(program, registers);
        const loss = new Float64Array(arena.buffer, registers.results, 1)[0]!;
        return [{ name: own.name, loss, gradient: Float32Array.from(gradient) }];
      });
      const first = results[0]!;
      for (const { name: engineName, loss, gradient } of results) {
        assert.deepEqual(Buffer.from(gradient.buffer), Buffer.from(first.gradient.buffer), engineName);
        assert.equal(loss, first.loss, engineName);
      }
      engine.tidy(() => {
        const stacked = stackSlices(engine, model.slices, [params]);
        const input = engine.tensor(features, [1, samples, ...spec.input]);
        const expected = model.gradient(engine, { params: stacked, features: input, labels, trainable });
        assert.ok(Math.abs(expected.loss.dataSync()[0]! * samples - first.loss) < 1e-4);
        for (const [s, { name: slice, offset, length }] of model.slices.entries()) {
          const own = first.gradient.subarray(offset, offset + length);
          const wanted = expected.slices[s]?.dataSync() ?? new Float32Array(length);
          let scale = 0;
          for (const value of wanted) scale = Math.max(scale, Math.abs(value));
          for (let i = 0; i < length; i++) {
            const error = Math.abs(own[i]! - wanted[i]!);
            assert.ok(error <= 2e-5 * scale + 1e-8, `${slice}[${i}]: ${own[i]}, expected ${wanted[i]}`);
          }
        }
      });
    });
  }
}

for (const name of ['softmax', 'convolutions with padding and stride', 'pooling and normalisations']) {
  test(`${name}: along any direction, the loss changes as the gradient says`, () => {
    const { spec, samples } = CASES[name]!;
    const model = buildModel(spec);
    const random = new Random(name);
    const arena = new Arena();
    const machine = new Machine(arena, wasmEngine(arena.memory));
    const program = gradientProgram(model, samples, 'all');
    const params = model.init(random).map((value) => (value === 0 ? 0.1 * random.normal() : value));
    const features = Float32Array.from({ length: samples * lengthOf(spec.input) }, () => random.normal());
    const labels = Int32Array.from({ length: samples }, () => random.integer(spec.classes));
    const at = (point: Float32Array) =>
      machine.frame((frame) => {
        const gradient = frame.floats(model.length);
        const loss = frame.doubles(1);
        machine.run(program, {
          ...NOWHERE,
          params: frame.readOnce(point),
          data: frame.readOnce(features),
          labels: frame.readOnce(labels),
          state: gradient.address,
          results: loss.address,
        });
        return { gradient: gradient.numbers.slice(), loss: loss.numbers[0]! / samples };
      });
    const { gradient } = at(params);
    for (let trial = 0; trial < 5; trial++) {
      const direction = params.map(() => random.normal() / Math.sqrt(params.length));
      const slope = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0);
      const STEP = 1e-2;
      const moved = (sign: number) => at(params.map((value, i) => value + sign * STEP * direction[i]!)).loss;
      const difference = (moved(1) - moved(-1)) / (2 * STEP);
      const size = Math.hypot(...gradient);
      assert.ok(Math.abs(difference - slope) < 0.01 * size, `${difference}, ${slope}, of ${size}`);
    }
  });
}
