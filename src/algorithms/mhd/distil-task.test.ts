import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sgdWith } from '../../../test/support/optimizers.js';
import { loadBackend } from '../../compute/backend.js';
import { createMachine, fastestBackend } from '../../compute/machines.js';
import { runGroup, taskContext } from '../../compute/run-group.js';
import type { BackendName } from '../../compute/task.js';
import type { Dataset } from '../../data/dataset.js';
import { train } from '../../learning/train.js';
import { buildModel } from '../../models/index.js';
import type { ModelSpec } from '../../models/model.js';
import { initHeads, multiHead } from '../../models/multi-head.js';
import { Random } from '../../random.js';
import { type DistilInput, type DistilOutput, distil } from './distil-task.js';
import { mostConfident, type Predictions } from './distillation.js';
import { type PredictInput, predict } from './predict-task.js';

const [WIDTH, HIDDEN, CLASSES, LEVELS, PUBLIC] = [4, 5, 3, 2, 6];
const RATE = 0.5;
const random = new Random('data');
const dataset: Dataset = {
  id: 'test',
  shape: [WIDTH],
  features: Float32Array.from({ length: 50 * WIDTH }, () => random.normal()),
  scale: 1,
  labels: Int32Array.from({ length: 50 }, () => random.integer(CLASSES)),
  classes: CLASSES,
  train: 30,
  test: 0,
  publicRows: 20,
};
const mlp: ModelSpec = {
  use: 'mlp',
  options: { hidden: [HIDDEN], headLayers: 1 },
  input: [WIDTH],
  classes: CLASSES,
};
const deeper: ModelSpec = { ...mlp, options: { hidden: [7, HIDDEN], headLayers: 1 } };
const rows = (from: number, length: number) => Uint32Array.from({ length }, (_, k) => from + k);

function paramsOf(spec: ModelSpec, seed: string): Float32Array {
  const multi = multiHead(buildModel(spec), LEVELS);
  return initHeads(multi, multi.model.init(new Random(seed)), new Random(`${seed}/heads`)).map((p) => 2 * p);
}

/** By step programs of a backend, or by tensors. */
type Way = BackendName | 'tensors';

async function run<Output>(task: object, inputs: readonly object[], way: Way = 'cpu') {
  const backend = await loadBackend(way === 'tensors' ? 'cpu' : way);
  await backend.activate();
  const machine = way === 'tensors' || way === 'tensorflow' ? undefined : createMachine(way);
  return runGroup(task as never, inputs, taskContext(backend.tf, { dataset }, machine)) as Output[];
}

async function predictionsOf(seeds: readonly string[], spec = mlp): Promise<Predictions[]> {
  const queries = seeds.map((seed) => ({
    model: spec,
    params: paramsOf(spec, seed),
    rows: rows(30, PUBLIC),
  }));
  const input: PredictInput = { queries, auxiliary: LEVELS, embeddings: true };
  return (await run<Predictions[]>(predict, [input]))[0]!;
}

function inputOf(
  seed: string,
  teachers: readonly Predictions[],
  change: Partial<DistilInput> = {},
): DistilInput {
  return {
    model: mlp,
    params: paramsOf(mlp, seed),
    auxiliary: LEVELS,
    rows: rows(3, 4),
    publicRows: rows(30, PUBLIC),
    teachers,
    selfInTargets: true,
    picks: null,
    nuEmb: 0.7,
    nuAux: 1.3,
    optimizer: sgdWith(RATE),
    optimizerState: null,
    stepsTaken: 0,
    ...change,
  };
}

/** Embedding and class probabilities of every head, of one row in float64. */
function forward(params: ArrayLike<number>, row: number) {
  const at = (i: number) => params[i]!;
  const x = Array.from({ length: WIDTH }, (_, i) => dataset.features[row * WIDTH + i]!);
  const embedding = Array.from({ length: HIDDEN }, (_, h) =>
    Math.max(
      0,
      x.reduce((sum, value, i) => sum + value * at(i * HIDDEN + h), at(WIDTH * HIDDEN + h)),
    ),
  );
  const body = (WIDTH + 1) * HIDDEN;
  const heads = Array.from({ length: LEVELS + 1 }, (_, k) => {
    const start = body + k * (HIDDEN + 1) * CLASSES;
    const logits = Array.from({ length: CLASSES }, (_, c) =>
      embedding.reduce(
        (sum, e, h) => sum + e * at(start + h * CLASSES + c),
        at(start + HIDDEN * CLASSES + c),
      ),
    );
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    return logits.map((logit) => Math.exp(logit) / total);
  });
  return { embedding, heads };
}

/** (1) + (2) + (3), with the targets held fast. */
function lossAt(params: ArrayLike<number>, input: DistilInput, targets: readonly Float32Array[]): number {
  let loss = 0;
  for (const row of input.rows) loss -= Math.log(forward(params, row).heads[0]![dataset.labels[row]!]!) / 4;
  for (const [q, row] of input.publicRows.entries()) {
    const { embedding, heads } = forward(params, row);
    const unit = (values: readonly number[]) =>
      values.map((value) => value / Math.max(Math.hypot(...values), 1e-12));
    for (const { embeddings } of input.teachers) {
      const other = unit([...embeddings.subarray(q * HIDDEN, (q + 1) * HIDDEN)]);
      const distance = Math.hypot(...unit(embedding).map((value, e) => value - other[e]!));
      loss += (input.nuEmb * distance ** 2) / PUBLIC;
    }
    for (const [k, target] of targets.entries()) {
      for (let c = 0; c < CLASSES; c++) {
        loss -= (input.nuAux * target[q * CLASSES + c]! * Math.log(heads[k + 1]![c]!)) / PUBLIC;
      }
    }
  }
  return loss;
}

test('a step goes down the gradient of the loss, as finite differences have it', async () => {
  const teachers = await predictionsOf(['teacher a', 'teacher b']);
  const [own] = await predictionsOf(['student']);
  const input = inputOf('student', teachers);
  const targets = Array.from({ length: LEVELS }, (_, k) => {
    const level = ({ probabilities }: Predictions) =>
      probabilities.subarray(k * PUBLIC * CLASSES, (k + 1) * PUBLIC * CLASSES);
    return mostConfident([own!, ...teachers].map(level), CLASSES);
  });
  const [output] = await run<DistilOutput>(distil, [input]);
  for (const [i, value] of input.params.entries()) {
    const shifted = (step: number) => {
      const params = Float64Array.from(input.params);
      params[i] = value + step;
      return lossAt(params, input, targets);
    };
    const difference = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
    const gradient = (value - output!.params[i]!) / RATE;
    assert.ok(Math.abs(gradient - difference) < 2e-5, `param ${i}: ${gradient}, ${difference}`);
  }
  const whole = output!.loss + input.nuEmb * output!.embedding + LEVELS * input.nuAux * output!.distillation;
  assert.ok(Math.abs(whole - lossAt(input.params, input, targets)) < 1e-5);
});

test('predictions are the probabilities and embeddings of the models, whatever their kind', async () => {
  for (const spec of [mlp, deeper]) {
    const [one] = await predictionsOf(['a'], spec);
    assert.equal(one!.embeddings.length, PUBLIC * HIDDEN);
    assert.equal(one!.probabilities.length, LEVELS * PUBLIC * CLASSES);
  }
  const [own] = await predictionsOf(['a']);
  for (let q = 0; q < PUBLIC; q++) {
    const { embedding, heads } = forward(paramsOf(mlp, 'a'), 30 + q);
    for (const [e, value] of embedding.entries()) {
      assert.ok(Math.abs(own!.embeddings[q * HIDDEN + e]! - value) < 1e-5);
    }
    for (let k = 0; k < LEVELS; k++) {
      for (const [c, value] of heads[k]!.entries()) {
        assert.ok(Math.abs(own!.probabilities[(k * PUBLIC + q) * CLASSES + c]! - value) < 1e-5);
      }
    }
  }
});

for (const name of ['cpu', 'wasm', 'tensors'] as const) {
  test(`${name}: students and teachers give the same bits alone and in any stack`, async () => {
    const teachers = await predictionsOf(['a', 'b', 'c']);
    const students = ['s', 't', 'u', 'v'].map((seed, n) =>
      inputOf(seed, teachers.slice(0, n), { rows: rows(n, 4), publicRows: rows(30 + n, PUBLIC) }),
    );
    const askers: PredictInput[] = [0, 1, 2].map((n) => ({
      queries: [mlp, deeper, mlp]
        .slice(n)
        .map((model, a) => ({ model, params: paramsOf(model, `${n} ${a}`), rows: rows(30 + a, PUBLIC) })),
      auxiliary: LEVELS,
      embeddings: n !== 5,
    }));
    for (const [task, inputs] of [
      [distil, students],
      [predict, askers],
    ] as const) {
      const alone: unknown[] = [];
      for (const input of inputs) alone.push(...(await run(task, [input], name)));
      await fc.assert(
        fc.asyncProperty(fc.shuffledSubarray([...inputs.keys()], { minLength: 2 }), async (members) => {
          const together = await run(
            task,
            members.map((member) => inputs[member]!),
            name,
          );
          for (const [k, member] of members.entries()) assert.deepEqual(together[k], alone[member]);
        }),
        { seed: 1, numRuns: 8 },
      );
    }
  });
}

test('the main head learns from private rows alone, the auxiliary heads from public rows alone', async () => {
  const teachers = await predictionsOf(['a', 'b']);
  const step = async (change: Partial<DistilInput>, from: readonly Predictions[] = teachers) =>
    (await run<DistilOutput>(distil, [inputOf('s', from, change)]))[0]!.params;
  const { sizes } = multiHead(buildModel(mlp), LEVELS);
  const main = (params: Float32Array) => params.slice(sizes.body, sizes.body + sizes.head);
  const auxiliary = (params: Float32Array) => params.slice(sizes.body + sizes.head);
  const base = await step({});
  for (const params of [
    await step({}, []),
    await step({ publicRows: rows(40, PUBLIC) }),
    await step({ nuAux: 9 }),
  ]) {
    assert.deepEqual(main(params), main(base));
    assert.notDeepEqual(auxiliary(params), auxiliary(base));
  }
  const elsewhere = await step({ rows: rows(12, 4) });
  assert.deepEqual(auxiliary(elsewhere), auxiliary(base));
  assert.notDeepEqual(main(elsewhere), main(base));
});

test('with nuEmb and nuAux of 0 a step is that of plain training, bit for bit', async () => {
  const optimizer = sgdWith(0.1, { momentum: 0.9, weightDecay: 0.01 });
  const input = inputOf('s', await predictionsOf(['a']), { nuEmb: 0, nuAux: 0, optimizer });
  const [output] = await run<DistilOutput>(distil, [input]);
  const { length } = buildModel(mlp);
  const plain = { ...input, params: input.params.slice(0, length), batch: 4 };
  const [trained] = await run<{ params: Float32Array; loss: number }>(train, [plain]);
  assert.deepEqual(output!.params.slice(0, length), trained!.params);
  assert.deepEqual(output!.params.slice(length), input.params.slice(length));
  assert.equal(output!.loss, trained!.loss);
});

test('neither the order of teachers nor a second copy of one matters, and no teacher is changed', async () => {
  const [a, b] = await predictionsOf(['a', 'b']);
  const before = structuredClone([a, b]);
  const step = async (teachers: readonly Predictions[]) =>
    (await run<DistilOutput>(distil, [inputOf('s', teachers, { nuEmb: 0 })]))[0]!.params;
  const params = await step([a!, b!]);
  assert.deepEqual(await step([b!, a!]), params);
  assert.deepEqual(await step([a!, b!, a!]), params);
  assert.deepEqual([a, b], before);
});

test('targets may leave the student’s own prediction out, unless there is no other', async () => {
  const [own, other] = await predictionsOf(['s', 'other']);
  const step = async (
    teachers: readonly Predictions[],
    selfInTargets: boolean,
    picks: Uint8Array | null = null,
  ) =>
    (await run<DistilOutput>(distil, [inputOf('s', teachers, { selfInTargets, picks, nuEmb: 0 })]))[0]!
      .params;
  const all = (candidate: number) => new Uint8Array(LEVELS * PUBLIC).fill(candidate);
  assert.deepEqual(await step([other!], false), await step([other!], true, all(1)));
  assert.deepEqual(await step([], false), await step([other!], true, all(0)));
  assert.deepEqual(await step([], false), await step([own!], false));
  assert.notDeepEqual(await step([other!], false), await step([], false));
});

test('step programs of all backends give the same bits, and tensors nearly the same numbers', async () => {
  const teachers = await predictionsOf(['a', 'b']);
  const optimizer = sgdWith(0.1, { momentum: 0.9, weightDecay: 0.01 });
  for (const change of [{}, { nuEmb: 0 }, { nuAux: 0 }, { nuAux: 0, nuEmb: 0 }, { optimizer }]) {
    const input = inputOf('s', teachers, change);
    const [cpu] = await run<DistilOutput>(distil, [input]);
    assert.deepEqual(await run<DistilOutput>(distil, [input], 'wasm'), [cpu]);
    assert.deepEqual(await run<DistilOutput>(distil, [input], fastestBackend().name), [cpu]);
    const [tensors] = await run<DistilOutput>(distil, [input], 'tensors');
    for (const [i, value] of cpu!.params.entries()) assert.ok(Math.abs(value - tensors!.params[i]!) < 1e-6);
    assert.equal(cpu!.optimizerState === null, tensors!.optimizerState === null);
    for (const key of ['loss', 'distillation', 'embedding'] as const) {
      assert.ok(Object.is(cpu![key], tensors![key]) || Math.abs(cpu![key] - tensors![key]) < 1e-5, key);
    }
  }
});
