import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { FakeNode, type NodeRequest } from '../../test/support/fake-node.js';
import type { AnyTask } from '../compute/task.js';
import { numbers } from '../wire/control.js';
import type { Algorithm } from './algorithm.js';
import { messageType } from './messages.js';
import type { Phase } from './phases.js';
import { type RoundOptions, type RoundState, rounds } from './rounds.js';

/** The arguments of `combine`, phase by phase. */
interface Log {
  combined: string[];
}

type Options = RoundOptions;
type Phases = ReadonlyArray<Phase<Log, Options>>;

const task = { id: 'work' } as AnyTask;

const PATIENT: Options = { reliable: false };
const HASTY: Options = { reliable: false, deadline: 1000 };

/** A phase that sends its name and the round, and logs what it combines. */
function exchange(name: string, more: Partial<Phase<Log, Options>> = {}): Phase<Log, Options> {
  return {
    message: messageType(name, () => numbers('u32', 1)),
    send: (node) => ({ body: `${name}${node.round}` }),
    combine: (node, state, received) => {
      const messages = received.map(({ from, body }) => `${from}:${body}`).join(' ');
      state.combined.push(`${name}${node.round} ${messages}`);
    },
    ...more,
  };
}

/** One node with neighbours 1 and 2 that runs an algorithm of these phases. */
class Subject {
  readonly node: FakeNode<Options>;
  readonly state: RoundState<Log>;
  /** How often a timer was cancelled. */
  cancelled = 0;
  readonly #algorithm: Algorithm<RoundState<Log>, Options>;

  constructor(phases: Phases, given: { options?: Options; neighbors?: number[]; rounds?: number } = {}) {
    const { options = PATIENT, neighbors = [1, 2], rounds: count = 3 } = given;
    this.node = new FakeNode({ options, neighbors, rounds: count });
    this.#algorithm = rounds<Log, Options>({
      id: 'subject',
      description: '',
      reference: '',
      options: z.any(),
      init: () => ({ combined: [] }),
      phases: () => phases,
      evaluate: (_state, { model }) => ({ mixed: { params: new Float32Array(model.length) } }),
    });
    this.state = this.#algorithm.init(this.node.context);
  }

  start(): NodeRequest[] {
    return this.#after(() => this.#algorithm.on.start(this.node.context, this.state));
  }

  receive(from: number, type: string, round: number): NodeRequest[] {
    const message = { from, type, round, body: `${type}${round}` };
    return this.#after(() => this.#algorithm.on.message!(this.node.context, this.state, message));
  }

  computed(output: unknown = null): NodeRequest[] {
    this.node.computing = false;
    const result = { name: 'work', output };
    return this.#after(() => this.#algorithm.on.computed!(this.node.context, this.state, result));
  }

  deadline(): NodeRequest[] {
    return this.#after(() => this.#algorithm.on.timer!(this.node.context, this.state, 'rounds/deadline'));
  }

  notify(event: 'up' | 'topology'): NodeRequest[] {
    return this.#after(() => this.#algorithm.on[event]!(this.node.context, this.state));
  }

  get combined(): readonly string[] {
    return this.state.own.combined;
  }

  #after(event: () => void): NodeRequest[] {
    event();
    const requests = this.node.taken();
    this.cancelled += requests.filter((item) => item.request === 'cancel').length;
    return requests.filter((item) => item.request !== 'cancel');
  }
}

const sent = (type: string, round: number, to = [1, 2]): NodeRequest => ({
  request: 'send',
  type,
  body: `${type}${round}`,
  to,
});
const ignored = (from: number, round: number): NodeRequest => ({ request: 'ignore', from, round });

test('a node waits for a message of every in-neighbour, then starts the next round', () => {
  const subject = new Subject([exchange('m')]);
  assert.deepEqual(subject.start(), [sent('m', 0)]);
  assert.deepEqual(subject.receive(2, 'm', 0), []);
  assert.deepEqual(subject.receive(1, 'm', 0), [sent('m', 1)]);
  assert.deepEqual(subject.combined, ['m0 1:m0 2:m0']);
  assert.equal(subject.node.round, 1);
});

test('a phase may send each receiver a different body, or nothing at all', () => {
  const bodies = [{ body: 'one', to: [1] }, { body: 'all' }];
  const subject = new Subject([
    exchange('m', { send: () => bodies }),
    exchange('n', { send: () => [], expect: () => [] }),
  ]);
  assert.deepEqual(subject.start(), [
    { request: 'send', type: 'm', body: 'one', to: [1] },
    { request: 'send', type: 'm', body: 'all', to: [1, 2] },
  ]);
  subject.receive(1, 'm', 0);
  assert.deepEqual(
    subject.receive(2, 'm', 0).map(({ request }) => request),
    ['send', 'send'],
  );
  assert.equal(subject.node.round, 1);
});

test('a message that comes twice counts once', () => {
  for (const options of [PATIENT, HASTY]) {
    const subject = new Subject([exchange('m')], { options });
    subject.start();
    for (const from of [1, 1, 1]) subject.receive(from, 'm', 0);
    assert.equal(subject.node.round, 0);
    subject.receive(2, 'm', 0);
    assert.equal(subject.node.round, 1);
  }
});

test('messages that come before their round are counted when it begins', () => {
  const subject = new Subject([exchange('m')], { neighbors: [1, 2, 3] });
  subject.start();
  for (const from of [1, 2]) subject.receive(from, 'm', 0);
  for (const from of [1, 2]) subject.receive(from, 'm', 1);
  subject.receive(3, 'm', 0);
  assert.equal(subject.node.round, 1);
  subject.receive(3, 'm', 1);
  assert.equal(subject.node.round, 2);
});

test('a message of a later round waits for its round', () => {
  const subject = new Subject([exchange('m')]);
  subject.start();
  subject.receive(1, 'm', 0);
  assert.deepEqual(subject.receive(1, 'm', 1), []);
  assert.deepEqual(subject.receive(2, 'm', 0), [sent('m', 1)]);
  assert.deepEqual(subject.receive(2, 'm', 1), [sent('m', 2)]);
  assert.deepEqual(subject.combined, ['m0 1:m0 2:m0', 'm1 1:m1 2:m1']);
});

test('a node does not wait for messages that arrived while it computed', () => {
  const subject = new Subject([exchange('m', { task, input: () => 'input' })]);
  assert.deepEqual(subject.start(), [{ request: 'compute', name: 'work', input: 'input' }]);
  subject.receive(1, 'm', 0);
  assert.deepEqual(subject.receive(2, 'm', 0), []);
  const [first, second] = subject.computed();
  assert.deepEqual(first, sent('m', 0));
  assert.equal(second?.request, 'compute');
  assert.equal(subject.node.round, 1);
});

test('a phase with overlap sends before its task is done, and one without sends after', () => {
  const work = { task, input: () => 0 };
  const early = new Subject([exchange('m', { ...work, overlap: true })]);
  assert.deepEqual(
    early.start().map(({ request }) => request),
    ['send', 'compute'],
  );
  assert.deepEqual(early.computed(), []);
  const late = new Subject([exchange('m', work)]);
  assert.deepEqual(
    late.start().map(({ request }) => request),
    ['compute'],
  );
  assert.deepEqual(late.computed(), [sent('m', 0)]);
});

test('a phase gets the output of its task, and its body as receivers will see it', () => {
  const seen: unknown[] = [];
  const phase = exchange('m', {
    task,
    input: () => 0,
    computed: (_node, _state, output) => void seen.push(output),
    sent: (_node, _state, body) => void seen.push(body),
  });
  const subject = new Subject([phase]);
  subject.start();
  subject.computed('output');
  assert.deepEqual(seen, ['output', { seen: 'm0' }]);
});

test('phases follow each other, and only the last one ends the round', () => {
  const subject = new Subject([exchange('a'), exchange('b')]);
  assert.deepEqual(subject.start(), [sent('a', 0)]);
  subject.receive(1, 'a', 0);
  subject.receive(1, 'b', 0);
  assert.deepEqual(subject.receive(2, 'a', 0), [sent('b', 0)]);
  assert.equal(subject.node.round, 0);
  assert.deepEqual(subject.receive(2, 'b', 0), [sent('a', 1)]);
  assert.deepEqual(subject.combined, ['a0 1:a0 2:a0', 'b0 1:b0 2:b0']);
});

test('a phase that does not take place in a round is skipped without a message', () => {
  const subject = new Subject([exchange('a'), exchange('b', { when: (node) => node.round === 1 })]);
  subject.start();
  subject.receive(1, 'a', 0);
  assert.deepEqual(subject.receive(2, 'a', 0), [sent('a', 1)]);
  subject.receive(1, 'a', 1);
  assert.deepEqual(subject.receive(2, 'a', 1), [sent('b', 1)]);
});

test('a phase may send to, and expect, others than the neighbours', () => {
  const phase = exchange('m', {
    send: (node) => ({ body: `m${node.round}`, to: [3] }),
    expect: () => [3],
  });
  const subject = new Subject([phase]);
  assert.deepEqual(subject.start(), [sent('m', 0, [3])]);
  assert.deepEqual(subject.receive(1, 'm', 0), []);
  assert.deepEqual(subject.receive(3, 'm', 0), [sent('m', 1, [3])]);
  assert.deepEqual(subject.combined, ['m0 3:m0']);
});

test('rounds without virtual time run to the last one without a deep stack', () => {
  const subject = new Subject([exchange('m')], { neighbors: [], rounds: 100_000 });
  assert.equal(subject.start().length, 100_000);
  assert.equal(subject.node.round, 100_000);
  assert.equal(subject.state.status, 'done');
});

test('a node that has finished its rounds ignores later messages', () => {
  const subject = new Subject([exchange('m')], { rounds: 1 });
  subject.start();
  subject.receive(1, 'm', 0);
  assert.deepEqual(subject.receive(2, 'm', 0), []);
  assert.equal(subject.state.status, 'done');
  assert.deepEqual(subject.receive(1, 'm', 1), [ignored(1, 1)]);
});

test('at the deadline a node combines the messages that have arrived, and ignores later ones', () => {
  const subject = new Subject([exchange('m')], { options: HASTY });
  assert.deepEqual(subject.start(), [
    sent('m', 0),
    { request: 'timer', name: 'rounds/deadline', delay: 1000 },
  ]);
  subject.receive(2, 'm', 0);
  assert.equal(subject.deadline()[0]?.request, 'send');
  assert.deepEqual(subject.combined, ['m0 2:m0']);
  assert.deepEqual(subject.receive(1, 'm', 0), [ignored(1, 0)]);
});

test('the deadline is cancelled when all messages have arrived, and has no effect while the node computes', () => {
  const subject = new Subject([exchange('m', { task, input: () => 0 })], { options: HASTY });
  subject.start();
  subject.computed();
  subject.receive(1, 'm', 0);
  assert.equal(subject.cancelled, 0);
  subject.receive(2, 'm', 0);
  assert.equal(subject.cancelled, 1);
  assert.equal(subject.state.status, 'computing');
  assert.deepEqual(subject.deadline(), []);
  assert.equal(subject.node.round, 1);
  assert.deepEqual(subject.combined, ['m0 1:m0 2:m0']);
});

test('with a deadline, a node does not wait for a neighbour that is in a later round', () => {
  const hasty = new Subject([exchange('m')], { options: HASTY });
  hasty.start();
  hasty.receive(2, 'm', 0);
  assert.equal(hasty.receive(1, 'm', 1)[0]?.request, 'send');
  assert.deepEqual(hasty.combined, ['m0 2:m0']);
  assert.deepEqual(hasty.receive(1, 'm', 0), [ignored(1, 0)], 'its old message may still come');
});

test('without a deadline, a node waits for a neighbour even if that is in a later round', () => {
  const patient = new Subject([exchange('m')]);
  patient.start();
  patient.receive(2, 'm', 0);
  assert.deepEqual(patient.receive(1, 'm', 1), []);
  assert.deepEqual(patient.receive(1, 'm', 0), [sent('m', 1)]);
});

test('a node does not wait for a neighbour whose link is removed, and does not combine its messages', () => {
  const subject = new Subject([exchange('m')]);
  subject.start();
  subject.receive(1, 'm', 0);
  subject.receive(3, 'm', 0);
  subject.node.neighbors = { in: Int32Array.of(1), out: Int32Array.of(1) };
  assert.deepEqual(subject.notify('topology'), [sent('m', 1, [1])]);
  assert.deepEqual(subject.combined, ['m0 1:m0']);
});

test('a task that was lost while the node was down is submitted again, a paused one is not', () => {
  const subject = new Subject([exchange('m', { task, input: () => 'again' })]);
  subject.start();
  assert.deepEqual(subject.notify('up'), []);
  subject.node.computing = false;
  assert.deepEqual(subject.notify('up'), [{ request: 'compute', name: 'work', input: 'again' }]);
  subject.computed();
  assert.deepEqual(subject.notify('up'), [], 'a node that waits continues to wait');
});

test('with a deadline, messages of a hundred rounds are kept, or of as many as `ahead` says, and others are ignored', () => {
  for (const [options, first] of [
    [HASTY, 100],
    [{ ...HASTY, ahead: 2 }, 2],
  ] as const) {
    const subject = new Subject([exchange('m')], { options, rounds: 200 });
    subject.start();
    assert.deepEqual(subject.receive(1, 'm', first - 1), []);
    assert.deepEqual(subject.receive(1, 'm', first), [ignored(1, first)]);
    assert.equal(subject.state.inbox.length, 1);
  }
});
