import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import type { EvaluateInput } from '../learning/evaluate.js';
import { answer, ask, type ChosenProbe, type EvaluationQueue } from './measuring.js';
import type { AnyProbe, EvaluationRequest, ProbeView } from './probe.js';

const model = { use: 'common', options: {}, input: [1], classes: 2 };
const own = { ...model, use: 'own' };
const params = [Float32Array.of(1), Float32Array.of(2)];

/** Two nodes of which the second has a model of its own, and ten rows. */
const view = {
  time: 50,
  round: 3,
  nodes: [{ id: 0 }, { id: 1 }],
  dataset: { train: 6, test: 4 },
  traffic: { sent: 77 },
} as unknown as ProbeView;

function request(node: number, change: Partial<EvaluationRequest> = {}): EvaluationRequest {
  const evaluated = { params: params[node]!, ...(node === 1 && { model: own }) };
  return { node, label: 'l', set: 's', evaluated, rows: Uint32Array.of(6), view: undefined, ...change };
}

/** A probe that gives the losses of what it asks for. */
function probe(metric: string, requests: readonly EvaluationRequest[], id = metric): ChosenProbe {
  const entry: AnyProbe = {
    id,
    description: '',
    options: z.any(),
    requests: () => [...requests],
    measure: (_view, evaluations) =>
      evaluations.map(({ node, label, loss }) => ({ metric: `${metric} ${label}`, node, value: loss })),
  };
  return { entry, options: {} };
}

/** A queue whose task number k has the loss 10 k. */
function fakeQueue() {
  const inputs: EvaluateInput[] = [];
  const log: string[] = [];
  const queue: EvaluationQueue = {
    submit: (_definition, input) => inputs.push(input as EvaluateInput) - 1,
    take: (task) => {
      log.push(`take ${task}`);
      return { loss: 10 * task, accuracy: 0.5 };
    },
    join: (tasks) => {
      log.push(`join ${tasks}`);
      return 100;
    },
    leave: (id) => void log.push(`leave ${id}`),
  };
  return { queue, inputs, log };
}

test('what several probes want of a node is evaluated once, and each gets what it has asked for', () => {
  const { queue, inputs, log } = fakeQueue();
  const other = request(0, { label: 'm' });
  const probes = [probe('a', [request(0), request(1)]), probe('b', [request(1), other])];
  const pending = ask(probes, view, queue, () => model);
  assert.deepEqual(
    inputs.map((input) => [input.model, [...(input.params as Float32Array)], [...input.rows]]),
    [
      [model, [1], [6]],
      [own, [2], [6]],
      [model, [1], [6]],
    ],
  );
  assert.deepEqual(pending.at, { time: 50, round: 3, sent: 77, nodes: [0, 1] });
  assert.deepEqual([pending.tasks, pending.joined, log], [[0, 1, 2], 100, ['join 0,1,2']]);
  assert.deepEqual(answer(probes, pending, queue), [
    {
      probe: 'a',
      measured: [
        { metric: 'a l', node: 0, value: 0 },
        { metric: 'a l', node: 1, value: 10 },
      ],
    },
    {
      probe: 'b',
      measured: [
        { metric: 'b l', node: 1, value: 10 },
        { metric: 'b m', node: 0, value: 20 },
      ],
    },
  ]);
  assert.deepEqual(log.slice(1), ['leave 100', 'take 0', 'take 1', 'take 2']);
});

test('without rows nothing is evaluated, and nothing is waited for', () => {
  const { queue, log } = fakeQueue();
  const probes = [probe('a', [request(0, { rows: new Uint32Array() })])];
  const pending = ask(probes, view, queue, () => model);
  assert.deepEqual([pending.joined, pending.requests], [undefined, []]);
  assert.deepEqual(answer(probes, pending, queue), [{ probe: 'a', measured: [] }]);
  assert.deepEqual(log, []);
});

test('two sets of rows of one model are two evaluations', () => {
  const { queue, inputs } = fakeQueue();
  ask(
    [probe('a', [request(0), request(0, { set: 't', rows: Uint32Array.of(7) })])],
    view,
    queue,
    () => model,
  );
  assert.deepEqual(
    inputs.map(({ rows }) => [...rows]),
    [[6], [7]],
  );
});

test('impossible requests and numbers, and those that are written twice, are refused with the place', () => {
  const { queue } = fakeQueue();
  const asking = (requests: EvaluationRequest[]) => ask([probe('a', requests)], view, queue, () => model);
  assert.throws(() => asking([request(0, { rows: Uint32Array.of(10) })]), {
    message: /^probe "a", round 3, at 50 ns: expected requests for rows from 0 to 9 /,
  });
  assert.throws(() => asking([request(0, { node: 2 })]), /expected requests \{ node, .*got node 2/);
  const measured = (...probes: ChosenProbe[]) =>
    answer(
      probes,
      ask(probes, view, queue, () => model),
      queue,
    );
  const wrong: ChosenProbe = {
    entry: { ...probe('a', []).entry, measure: () => [{ metric: 'x', node: 2, value: 1 }] },
    options: {},
  };
  assert.throws(
    () => measured(wrong),
    /^PluginError: probe "a", round 3, at 50 ns: expected \{ metric, value/,
  );
  const both = [probe('x', [request(0)], 'a'), probe('x', [request(0)], 'b')];
  assert.throws(() => measured(...both), { code: 'same-metric', path: 'measure.probes.1' });
});
