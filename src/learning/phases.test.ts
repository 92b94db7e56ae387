/** Phases: whom they hear, and what the compiler refuses in them (each `@ts-expect-error` is a mistake that it finds). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeNode } from '../../test/support/fake-node.js';
import type { TaskDefinition } from '../compute/task.js';
import { float32 } from '../wire/float32.js';
import { messageType } from './messages.js';
import { fromNeighbors, otherNodes, type Phase, phase } from './phases.js';
import type { RoundOptions } from './rounds.js';

interface State {
  params: Float32Array;
}

type Double = TaskDefinition<{ readonly params: Float32Array }, { readonly doubled: Float32Array }>;

const double: Double = {
  id: 'double',
  module: import.meta.url,
  export: 'double',
  group: () => '',
  flops: ({ params }) => params.length,
  footprint: ({ params }) => 4 * params.length,
  run: (inputs) => inputs.map(({ params }) => ({ doubled: params.map((value) => 2 * value) })),
};
const MODEL = messageType('model', ({ model }) => float32(model.length));

test('`phase` returns its parts, and the compiler checks that they fit each other', () => {
  const right: Phase<State, RoundOptions> = phase({
    message: MODEL,
    task: double,
    input: (node, state) => ({ params: node.options.reliable ? state.params : new Float32Array(1) }),
    computed(_node, state, { doubled }) {
      state.params = doubled;
    },
    send: (_node, state) => ({ body: { values: state.params } }),
    combine(_node, state, [first]) {
      if (first) state.params = first.body.values;
    },
  });
  const wrong: Phase<State, RoundOptions>[] = [
    // @ts-expect-error: the task wants params
    phase({ task: double, input: (_node, state) => ({ other: state.params }) }),
    phase({
      task: double,
      // @ts-expect-error: its output has no params
      computed: (_node, _state, { params }) => void params,
    }),
    // @ts-expect-error: a vector is sent as { values }
    phase({ message: MODEL, send: (_node, state) => ({ body: state.params }) }),
    phase({
      message: MODEL,
      // @ts-expect-error: and arrives as { values }, too
      combine: (_node, _state, received) => received.map(({ body }) => body.params),
    }),
    // @ts-expect-error: a phase without a message sends nothing
    phase({ send: (_node, state) => ({ body: { values: state.params } }) }),
    // @ts-expect-error: there is no such option
    phase({ when: (node) => node.options.other }),
  ];
  assert.equal(right.message, MODEL);
  assert.equal(right.task, double);
  assert.equal(wrong.length, 6);
});

test('messages of nodes that are no longer neighbours are left out', () => {
  const node = new FakeNode({ options: null, neighbors: [2, 5] });
  const received = [2, 3, 5].map((from) => ({ from, body: `b${from}` }));
  assert.deepEqual(fromNeighbors(node.context, received), [
    { neighbor: 0, view: 'b2' },
    { neighbor: 1, view: 'b5' },
  ]);
});

test('the others are all learners but the node itself', () => {
  assert.deepEqual(otherNodes({ id: 2, nodes: 4 }), [0, 1, 3]);
  assert.deepEqual(otherNodes({ id: 0, nodes: 1 }), []);
  assert.deepEqual(otherNodes({ id: 3, nodes: 3 }), [0, 1, 2], 'a server is none of them');
});
