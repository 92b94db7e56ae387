import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { FakeNode } from '../../test/support/fake-node.js';
import { buildModel } from '../models/index.js';
import type { NodeContext } from './algorithm.js';
import {
  finalTraining,
  startTraining,
  type TrainingOptions,
  trained,
  trainingInput,
  trainingOptions,
} from './local-training.js';

const schema = z.strictObject(trainingOptions);
const model = buildModel({ use: 'softmax', options: {}, input: [2], classes: 2 });
const params = new Float32Array(model.length);

function nodeWith(options: TrainingOptions, samples = 10): NodeContext<TrainingOptions> {
  const node = new FakeNode({ options, neighbors: [] });
  const train = Uint32Array.from({ length: samples }, (_, row) => row);
  return Object.assign(node, { model, shard: { train, validation: train, test: train } }).context;
}

test('a round has as many steps as the options say', () => {
  const stepsOf = (options: unknown, samples?: number) => {
    const node = nodeWith(schema.parse(options), samples);
    const { rows, batch } = trainingInput(node, startTraining(), params);
    return rows.length / batch;
  };
  assert.equal(stepsOf({ localSteps: 7, batch: 3 }), 7);
  assert.equal(stepsOf({ localEpochs: 2, batch: 5 }), 4);
  assert.equal(stepsOf({ localEpochs: 0.5, batch: 2 }, 7), 2);
  assert.equal(stepsOf({ localEpochs: 1, batch: 100 }), 1, 'at least one');
});

test('a training of more samples than one array may have is refused', () => {
  const input = (localSteps: number) =>
    trainingInput(nodeWith(schema.parse({ localSteps, batch: 2 ** 20 })), startTraining(), params);
  assert.throws(() => input(257), {
    name: 'UsageError',
    code: 'too-long-training',
    message: /^expected at most 268435456 samples in one training, got 257 steps of 1048576:/,
  });
});

test('batches continue through the shard from round to round, and so does the step count of the optimiser', () => {
  const node = nodeWith(schema.parse({ localSteps: 1, batch: 5, optimizer: 'adam' }));
  const state = startTraining();
  const inputs = [0, 1, 2].map(() => {
    const input = trainingInput(node, state, params);
    trained(state, {
      params,
      optimizerState: Float32Array.of(input.stepsTaken),
      loss: 1 / (1 + input.stepsTaken),
    });
    return input;
  });
  const epoch = [...inputs[0]!.rows, ...inputs[1]!.rows];
  assert.deepEqual(
    epoch.sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
  assert.deepEqual(
    inputs.map(({ stepsTaken }) => stepsTaken),
    [0, 1, 2],
  );
  assert.deepEqual(
    inputs.map(({ optimizerState }) => optimizerState),
    [null, Float32Array.of(0), Float32Array.of(1)],
  );
  assert.equal(state.loss, 1 / 3);
});

test('the loss is NaN before the first round, and the state is plain data', () => {
  const state = startTraining();
  assert.ok(Number.isNaN(state.loss));
  assert.deepEqual(structuredClone(state), state);
});

test('steps of a task that was lost with its node are not counted', () => {
  const node = nodeWith(schema.parse({ localSteps: 3, batch: 5, optimizer: 'adam' }));
  const state = startTraining();
  trainingInput(node, state, params);
  const again = trainingInput(node, state, params);
  assert.equal(again.stepsTaken, 0);
  trained(state, { params, optimizerState: null, loss: 1 });
  assert.equal(trainingInput(node, state, params).stepsTaken, 3);
});

test('the step size of round k is that of the options × decay^k', () => {
  const rates = [0, 1, 3].map((round) => {
    const node = nodeWith(schema.parse({ learningRate: 0.5, decay: 0.5 }));
    const input = trainingInput(Object.assign(node, { round }), startTraining(), params);
    return input.optimizer.learningRate;
  });
  assert.deepEqual(rates, [0.5, 0.25, 0.0625]);
});

test('a training of more samples than fit into an array is refused', () => {
  for (const options of [{ localSteps: 1e9, batch: 1e9 }, { localEpochs: 1e300 }])
    assert.throws(() => trainingInput(nodeWith(schema.parse(options)), startTraining(), params), {
      name: 'UsageError',
      code: 'too-long-training',
    });
});

test('a final training takes place after the last round, where the options ask for at least one epoch', () => {
  const { when } = finalTraining<never, TrainingOptions & { finalLocalEpochs: number }>();
  const isIn = (lastRound: boolean, finalLocalEpochs: number) => {
    const node = nodeWith({ ...schema.parse({}), finalLocalEpochs } as TrainingOptions);
    return when!(Object.assign(node, { lastRound }) as never, undefined as never);
  };
  assert.deepEqual([isIn(true, 1), isIn(true, 0), isIn(false, 1)], [true, false, false]);
});
