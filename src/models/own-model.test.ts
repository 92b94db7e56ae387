import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { loadBackend } from '../compute/backend.js';
import { Random } from '../random.js';
import { buildModel, modelList } from './index.js';
import { softmax } from './mlp.js';
import type { Model, ModelEntry, ModelSpec } from './model.js';
import { referenceTo } from './references.js';

await loadBackend('cpu');

const PLAIN = { use: 'softmax', options: {}, input: [2], classes: 2 };

/** A model like softmax regression, save for what is changed. */
function entryOf(id: string, change: (model: Model) => Partial<Model> = () => ({})): ModelEntry {
  return {
    ...{ id, description: 'of a test', options: z.strictObject({}) },
    build(spec) {
      const model = softmax.build({ ...spec, options: {} });
      return { ...model, ...change(model) };
    },
  };
}

const specOf = (entry: ModelEntry): ModelSpec => ({
  ...PLAIN,
  ...referenceTo(modelList, { entry, options: {} }),
});

test('a model that was provided is built from its spec, and knows it', () => {
  const spec = specOf(entryOf('plain'));
  const model = buildModel(spec);
  assert.equal(model.spec, spec);
  const builtIn = buildModel(PLAIN);
  assert.deepEqual(model.slices, builtIn.slices);
  assert.deepEqual(model.init(new Random('a')), builtIn.init(new Random('a')));
});

test('methods of a class instance keep their this', () => {
  class Own {
    #inner = softmax.build({ ...PLAIN, options: {} });
    readonly spec = PLAIN;
    readonly length = this.#inner.length;
    readonly slices = this.#inner.slices;
    readonly flops = this.#inner.flops;
    init(random: Random) {
      return this.#inner.init(random);
    }
    logits(...given: Parameters<NonNullable<Model['logits']>>) {
      return this.#inner.logits!(...given);
    }
    lossSum(...given: Parameters<Model['lossSum']>) {
      return this.#inner.lossSum(...given);
    }
    gradient(...given: Parameters<Model['gradient']>) {
      return this.#inner.gradient(...given);
    }
  }
  const model = buildModel(specOf({ ...entryOf('class'), build: () => new Own() }));
  assert.equal(model.init(new Random('a')).length, 6);
});

test('two objects with one id are two models, and one object is one', () => {
  const first = entryOf('twin');
  const second = entryOf('twin', () => ({ flops: { forward: 1, backward: 1 } }));
  const [one, other] = [specOf(first), specOf(second)];
  assert.notEqual(one.module, other.module);
  assert.equal(buildModel(other).flops.forward, 1);
  assert.notEqual(buildModel(one).flops.forward, 1);
  assert.equal(specOf(first).module, one.module);
});

test('a module that does not export the model is refused, and the error names it', () => {
  const message = 'model "none" (file:///none.js): expected the module to export that model by default';
  assert.throws(() => buildModel({ ...PLAIN, use: 'none', module: 'file:///none.js' }), {
    name: 'PluginError',
    message,
  });
  assert.throws(
    () => buildModel({ ...specOf(entryOf('right')), use: 'wrong' }),
    /model "wrong" \(given:model\/right\)/,
  );
});

const FAULTS: ReadonlyArray<readonly [string, (model: Model) => Partial<Model>, RegExp]> = [
  ['without slices', () => ({ slices: [] }), /expected a model with slices/],
  [
    'with a gap between slices',
    ({ slices }) => ({ slices: [slices[0]!, { ...slices[1]!, offset: 5 }] }),
    /expected slices one after the other, "dense1\/bias" at 4 with 2 params, got 2 at 5$/,
  ],
  ['with another length', () => ({ length: 7 }), /expected a length of 6, .* got 7$/],
  ['without costs', () => ({ flops: undefined as never }), /expected flops/],
  ['without a gradient', () => ({ gradient: undefined as never }), /expected a function gradient$/],
  ['without logits for classes', () => ({ logits: undefined as never }), /expected a function logits$/],
];

for (const [name, change, message] of FAULTS) {
  test(`a model ${name} is refused when it is built`, () => {
    const build = () => buildModel(specOf(entryOf(name, change)));
    assert.throws(build, (error: Error) => {
      assert.equal(error.name, 'PluginError');
      assert.ok(
        error.message.startsWith(`model "${name}" (given:model/${name}): build(spec): `),
        error.message,
      );
      assert.match(error.message, message);
      return true;
    });
  });
}

test('an error that a model throws names the model', () => {
  const fail = () => {
    throw new TypeError('no such thing');
  };
  const model = buildModel(specOf(entryOf('throws', () => ({ init: fail, gradient: fail }))));
  const NOTHING = {
    params: [],
    features: tf.tensor([]),
    labels: new Int32Array(0),
    trainable: 'all',
  } as const;
  const expected = { name: 'PluginError', message: 'model "throws" (given:model/throws): no such thing' };
  assert.throws(() => model.init(new Random('a')), expected);
  assert.throws(() => model.gradient(tf, NOTHING), expected);
  const broken = { ...entryOf('unbuilt'), build: fail };
  assert.throws(() => buildModel(specOf(broken)), {
    message: 'model "unbuilt" (given:model/unbuilt): no such thing',
  });
});

test('initial params and gradients of a wrong shape are refused', () => {
  const short = buildModel(specOf(entryOf('short', () => ({ init: () => new Float32Array(5) }))));
  assert.throws(() => short.init(new Random('a')), /init\(random\): expected a Float32Array of 6 params$/);
  const gradient = (change: (slices: readonly (tf.Tensor | undefined)[]) => (tf.Tensor | undefined)[]) => {
    const entry = entryOf('bent', ({ gradient: right }) => ({
      gradient: (...given) => {
        const { loss, slices } = right(...given);
        return { loss, slices: change(slices) };
      },
    }));
    const params = [tf.zeros([1, 2, 2]), tf.zeros([1, 2])];
    const features = tf.ones([1, 3, 2]);
    return () =>
      buildModel(specOf(entry)).gradient(tf, {
        params,
        features,
        labels: new Int32Array(3),
        trainable: 'all',
      });
  };
  assert.doesNotThrow(gradient((slices) => [...slices]));
  assert.throws(
    gradient(([kernel]) => [kernel, tf.zeros([1, 1])]),
    /gradient\(…\): expected the gradient of slice "dense1\/bias" as \[1, 2\], got \[1, 1\]$/,
  );
  assert.throws(
    gradient(([kernel]) => [kernel]),
    /slice "dense1\/bias" as \[1, 2\], got nothing$/,
  );
});
