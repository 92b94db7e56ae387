import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../errors.js';
import { buildModel } from '../../models/index.js';
import { Random } from '../../random.js';
import { drawEncoder, encoderLayout } from './attention-encoder.js';
import { loadEncoder, saveEncoder } from './encoder-file.js';

const modelOf = (hidden: number) =>
  buildModel({
    use: 'mlp',
    options: { hidden: [hidden], headLayers: 1, bias: true, kernelInit: 'uniform' },
    input: [5],
    classes: 3,
  });
const model = modelOf(4);
const layout = encoderLayout(model.slices, { hidden: 3, output: 2 });
const trained = {
  layout,
  encoder: drawEncoder(layout, new Random('encoder')),
  initial: model.init(new Random('initial')),
};

const refuses = (code: string, says: RegExp) => (error: unknown) =>
  error instanceof UsageError &&
  error.code === code &&
  error.path === 'algorithm.encoder' &&
  says.test(error.message);

test('an encoder is the same bit by bit after it is saved and loaded, and so are the initial params with it', () => {
  const text = JSON.stringify({ encoder: saveEncoder(trained), other: 1 });
  assert.deepEqual(loadEncoder(JSON.parse(text), model, 'artifacts.json'), trained);
});

test('an encoder of another model is refused, and so is a file without an encoder', () => {
  const encoder = saveEncoder(trained);
  assert.ok(typeof encoder === 'object');
  const value = { encoder };
  assert.throws(
    () => loadEncoder(value, modelOf(6), 'a.json'),
    refuses(
      'encoder-model-mismatch',
      /tensors of 6×5, 6×1, 3×6, 3×1, got one for tensors of 4×5, 4×1, 3×4, 3×1: a.json/,
    ),
  );
  const short = { encoder: { ...value.encoder, params: value.encoder.initial } };
  assert.throws(
    () => loadEncoder(short, model, 'a.json'),
    refuses('bad-encoder', /float32 numbers in base64, got 156 bytes/),
  );
  for (const other of [{}, null, [], { encoder: 1 }, { encoder: { ...value.encoder, hidden: 0 } }]) {
    assert.throws(
      () => loadEncoder(other, model, 'a.json'),
      refuses('bad-encoder', /artifacts.json of a run of meta-l2c/),
    );
  }
});

test('an encoder with a number that is not finite is neither saved nor loaded', () => {
  const broken = { ...trained, encoder: trained.encoder.with(3, Number.NaN) };
  assert.ok(Number.isNaN(saveEncoder(broken)));
  assert.ok(
    Number.isNaN(saveEncoder({ ...trained, initial: trained.initial.with(0, Number.POSITIVE_INFINITY) })),
  );
  const params = Buffer.from(broken.encoder.buffer).toString('base64');
  const saved = saveEncoder(trained) as object;
  assert.throws(
    () => loadEncoder({ encoder: { ...saved, params } }, model, 'a.json'),
    refuses('bad-encoder', /expected finite numbers, got others: a\.json/),
  );
});
