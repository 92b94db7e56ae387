import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PluginError, unknownName } from '../errors.js';
import type { Evaluated } from '../learning/algorithm.js';
import { probes } from './index.js';
import { answer, ask, type EvaluationQueue } from './measuring.js';
import type { AnyProbe, Measured, ProbeNode, ProbeView } from './probe.js';

const ids = probes.map(({ id }) => id);

function probe(id: string): AnyProbe {
  const found = probes.find((candidate) => candidate.id === id);
  if (!found) throw unknownName('probe', id, ids);
  return found;
}

function nodeOf(id: number, change: Partial<ProbeNode> = {}): ProbeNode {
  const rows = Uint32Array.of(0, 1);
  return {
    id,
    round: 0,
    up: true,
    shard: { train: rows, validation: rows, test: Uint32Array.of(10 + id) },
    evaluated: { personal: { params: Float32Array.of(id) } },
    measures: {},
    busy: { compute: 0, uplink: 0, downlink: 0 },
    work: { steps: 0, samples: 0, flops: 0 },
    ...change,
  };
}

function viewOf(nodes: readonly ProbeNode[], change: Partial<ProbeView> = {}): ProbeView {
  return {
    time: 1000,
    round: 0,
    nodes,
    dataset: { id: 'test', classes: 2, train: 10, test: 3 },
    traffic: { values: 100, index: 20, header: 30, framing: 4, sent: 154, delivered: 120 },
    model: { use: 'softmax', options: {}, input: [1], classes: 2 },
    ...change,
  };
}

/** Gives the sum of the params as accuracy, and the sum of the rows as loss; keeps the inputs of all tasks. */
class FakeQueue implements EvaluationQueue {
  readonly inputs: Array<{ params: Float32Array; rows: Uint32Array }> = [];

  submit(_task: unknown, input: unknown): number {
    return this.inputs.push(input as { params: Float32Array; rows: Uint32Array }) - 1;
  }

  take(task: number): unknown {
    const { params, rows } = this.inputs[task]!;
    const sum = (list: Iterable<number>) => [...list].reduce((total, value) => total + value, 0);
    return { accuracy: sum(params), loss: sum(rows) };
  }

  join(): number {
    return -1;
  }

  leave(): void {}
}

function measure(id: string | readonly string[], view: ProbeView, queue = new FakeQueue()): Measured[] {
  const chosen = [id].flat().map((name) => ({ entry: probe(name), options: {} }));
  const answers = answer(
    chosen,
    ask(chosen, view, queue, () => view.model),
    queue,
  );
  return answers.flatMap(({ measured }) => measured);
}

const number = (measured: readonly Measured[], metric: string, node?: number) =>
  measured.find((row) => row.metric === metric && row.node === node)?.value;

test('accuracy is measured on each node’s own rows; mean and worst are over the nodes', () => {
  const queue = new FakeQueue();
  const values = [0.5, 0.25, 0.75];
  const nodes = values.map((value, id) =>
    nodeOf(id, { evaluated: { personal: { params: Float32Array.of(value) } } }),
  );
  assert.deepEqual(measure('accuracy', viewOf(nodes), queue), [
    { metric: 'accuracy', node: 0, value: 0.5 },
    { metric: 'accuracy', node: 1, value: 0.25 },
    { metric: 'accuracy', node: 2, value: 0.75 },
    { metric: 'accuracy-mean', value: 0.5 },
    { metric: 'accuracy-worst', value: 0.25 },
  ]);
  assert.deepEqual(
    queue.inputs.map(({ rows }) => [...rows]),
    [[10], [11], [12]],
  );
});

test('the worst loss is the highest', () => {
  const measured = measure('loss', viewOf([nodeOf(0), nodeOf(2), nodeOf(1)]));
  assert.equal(number(measured, 'loss-worst'), 12);
  assert.equal(number(measured, 'loss-mean'), 11);
});

test('of global figures too, the worst accuracy is the lowest and the worst loss the highest', () => {
  const nodes = [0.5, 0.25, 0.75].map((value, id) =>
    nodeOf(id, { evaluated: { personal: { params: Float32Array.of(value) } } }),
  );
  const accuracy = measure('global-accuracy', viewOf(nodes));
  assert.equal(number(accuracy, 'global-accuracy-worst'), 0.25);
  /** As the other, with the sum of the params as loss. */
  class LossQueue extends FakeQueue {
    override take(task: number): unknown {
      const { accuracy: loss } = super.take(task) as { accuracy: number };
      return { accuracy: 0, loss };
    }
  }
  const loss = measure('global-loss', viewOf(nodes), new LossQueue());
  assert.equal(number(loss, 'global-loss-worst'), 0.75);
});

test('global figures are measured on all rows of the test part', () => {
  const queue = new FakeQueue();
  measure(['global-accuracy', 'global-loss'], viewOf([nodeOf(0), nodeOf(1)]), queue);
  assert.deepEqual(
    queue.inputs.map(({ rows }) => [...rows]),
    [
      [10, 11, 12],
      [10, 11, 12],
    ],
  );
});

test('an evaluation that several probes request is computed once', () => {
  const queue = new FakeQueue();
  measure(['accuracy', 'loss', 'global-loss'], viewOf([nodeOf(0), nodeOf(1)]), queue);
  assert.equal(queue.inputs.length, 4);
});

test('the first label gives the plain name of a metric, and others are added to it', () => {
  const evaluated: Record<string, Evaluated<Float32Array>> = {
    personal: { params: Float32Array.of(0.5) },
    'head 2': { params: Float32Array.of(0.25) },
  };
  const measured = measure('accuracy', viewOf([nodeOf(0, { evaluated })]));
  assert.equal(number(measured, 'accuracy', 0), 0.5);
  assert.equal(number(measured, 'accuracy:head 2', 0), 0.25);
  assert.equal(number(measured, 'accuracy:head 2-mean'), 0.25);
});

test('nodes without test rows give no figure, and if no node has any there is no mean either', () => {
  const empty = new Uint32Array(0);
  const without = nodeOf(1, { shard: { train: empty, validation: empty, test: empty } });
  const measured = measure('loss', viewOf([nodeOf(0), without]));
  assert.equal(number(measured, 'loss-mean'), 10);
  assert.equal(number(measured, 'loss', 1), undefined);
  assert.deepEqual(measure('loss', viewOf([without])), []);
});

test('consensus distance is the root mean square distance from the mean', () => {
  const at = (...params: number[]) => ({ evaluated: { personal: { params: Float32Array.from(params) } } });
  const nodes = [nodeOf(0, at(0, 0)), nodeOf(1, at(6, 0)), nodeOf(2, at(0, 6))];
  // Mean (2, 2); squared distances 8, 20 and 20.
  assert.deepEqual(measure('consensus-distance', viewOf(nodes)), [
    { metric: 'consensus-distance', value: Math.sqrt(48 / 3) },
  ]);
  assert.equal(measure('consensus-distance', viewOf([nodeOf(0, at(3)), nodeOf(1, at(3))]))[0]!.value, 0);
});

test('bytes are measured by part, and as sent and delivered', () => {
  const measured = measure('bytes', viewOf([nodeOf(0)]));
  assert.deepEqual(Object.fromEntries(measured.map(({ metric, value }) => [metric, value])), {
    'sent-bytes': 154,
    'delivered-bytes': 120,
    'values-bytes': 100,
    'index-bytes': 20,
    'header-bytes': 30,
    'framing-bytes': 4,
  });
});

test('utilisation is busy time divided by the time so far, per node and as mean', () => {
  const busy = [
    { compute: 500, uplink: 100, downlink: 0 },
    { compute: 1000, uplink: 300, downlink: 0 },
  ];
  const view = viewOf(busy.map((one, id) => nodeOf(id, { busy: one })));
  const measured = measure('utilisation', view);
  assert.equal(number(measured, 'compute-utilisation', 0), 0.5);
  assert.equal(number(measured, 'compute-utilisation'), 0.75);
  assert.equal(number(measured, 'uplink-utilisation'), 0.2);
  assert.equal(number(measured, 'downlink-utilisation'), 0);
  assert.deepEqual(measure('utilisation', { ...view, time: 0 }), []);
});

test('rounds are measured per node, with the least and the most', () => {
  const measured = measure('rounds', viewOf([nodeOf(0, { round: 4 }), nodeOf(1, { round: 2 })]));
  assert.equal(number(measured, 'rounds', 0), 4);
  assert.equal(number(measured, 'rounds-least'), 2);
  assert.equal(number(measured, 'rounds-most'), 4);
});

test('an algorithm’s own series are measured per node, and as the mean over the nodes that have them', () => {
  const nodes = [
    nodeOf(0, { measures: { 'train-loss': 2 } }),
    nodeOf(1, { measures: { 'train-loss': 4 } }),
    nodeOf(2),
  ];
  assert.deepEqual(measure('series', viewOf(nodes)), [
    { metric: 'train-loss', node: 0, value: 2 },
    { metric: 'train-loss', node: 1, value: 4 },
    { metric: 'train-loss', value: 3 },
  ]);
});

test('an error that a probe throws is wrapped with the name of the probe, the round and the time', () => {
  const fail = (): never => {
    throw new TypeError('no such thing');
  };
  for (const entry of [
    { ...probe('bytes'), measure: fail },
    { ...probe('accuracy'), requests: fail },
  ]) {
    const chosen = [{ entry, options: {} }];
    const view = viewOf([nodeOf(0)], { round: 4 });
    const queue = new FakeQueue();
    assert.throws(
      () =>
        answer(
          chosen,
          ask(chosen, view, queue, () => view.model),
          queue,
        ),
      (error) =>
        error instanceof PluginError &&
        error.message === `probe "${entry.id}", round 4, at 1000 ns: no such thing`,
    );
  }
});

test('every probe of the list measures a view', () => {
  const evaluated = { personal: { params: Float32Array.of(1, 0, 0.5) } };
  const view = viewOf([nodeOf(0, { evaluated }), nodeOf(1, { evaluated })], {
    dataset: {
      ...{ id: 'test', classes: 0, train: 10, test: 3 },
      truth: { representation: Float32Array.of(0, 1) },
    },
    model: { use: 'linear-representation', options: { rank: 1 }, input: [2], classes: 0 },
  });
  for (const id of ids) assert.ok(Array.isArray(measure(id, view)), id);
});

test('where options are tuned, the rows of all nodes for that stand for the whole test set', () => {
  const queue = new FakeQueue();
  const global = [{ entry: probe('global-accuracy'), options: {} }];
  ask(global, viewOf([nodeOf(0)], { tuningRows: Uint32Array.of(4, 7) }), queue, () => viewOf([]).model);
  ask(global, viewOf([nodeOf(0)]), queue, () => viewOf([]).model);
  assert.deepEqual(
    queue.inputs.map(({ rows }) => [...rows]),
    [
      [4, 7],
      [10, 11, 12],
    ],
  );
});
