import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { type Asked, FakeNode } from '../../test/support/fake-node.js';
import type { AnyTask } from '../compute/task.js';
import { numbers } from '../wire/control.js';
import type { Algorithm } from './algorithm.js';
import { messageType } from './messages.js';
import type { Phase } from './phases.js';
import { type RoundOptions, type RoundState, rounds } from './rounds.js';

/** What its `combine` was given, phase by phase. */
interface Log {
  combined: string[];
}

type Options = RoundOptions;
type Phases = ReadonlyArray<Phase<Log, Options>>;

const task = { id: 'work' } as AnyTask;

const PATIENT: Options = { reliable: false };
const HASTY: Options = { reliable: false, deadline: 1000 };

/** A phase that sends its name and the round, and logs who was heard. */
function talk(name: string, more: Partial<Phase<Log, Options>> = {}): Phase<Log, Options> {
  return {
    message: messageType(name, () => numbers('u32', 1)),
    send: (node) => ({ body: `${name}${node.round}` }),
    combine: (node, state, received) => {
      const heard = received.map(({ from, body }) => `${from}:${body}`).join(' ');
      state.combined.push(`${name}${node.round} ${heard}`);
    },
    ...more,
  };
}

/** One node with neighbours 1 and 2 that runs an algorithm of these phases. */
class Subject {
  readonly node: FakeNode<Options>;
  readonly state: RoundState<Log>;
  /** How often a timer was called off. */
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
      evaluate: () => ({}),
    });
    this.state = this.#algorithm.init(this.node.context);
  }

  start(): Asked[] {
    return this.#after(() => this.#algorithm.on.start(this.node.context, this.state));
  }

  hear(from: number, type: string, round: number): Asked[] {
    const message = { from, type, round, body: `${type}${round}` };
    return this.#after(() => this.#algorithm.on.message!(this.node.context, this.state, message));
  }

  computed(output: unknown = null): Asked[] {
    this.node.computing = false;
    const result = { name: 'work', output };
    return this.#after(() => this.#algorithm.on.computed!(this.node.context, this.state, result));
  }

  deadline(): Asked[] {
    return this.#after(() => this.#algorithm.on.timer!(this.node.context, this.state, 'rounds/deadline'));
  }

  tell(event: 'up' | 'topology'): Asked[] {
    return this.#after(() => this.#algorithm.on[event]!(this.node.context, this.state));
  }

  get combined(): readonly string[] {
    return this.state.own.combined;
  }

  #after(event: () => void): Asked[] {
    event();
    const asked = this.node.taken();
    this.cancelled += asked.filter((item) => item.asked === 'cancel').length;
    return asked.filter((item) => item.asked !== 'cancel');
  }
}

const sent = (type: string, round: number, to = [1, 2]): Asked => ({
  asked: 'send',
  type,
  body: `${type}${round}`,
  to,
});
const ignored = (from: number, round: number): Asked => ({ asked: 'ignore', from, round });

test('a node waits until every in-neighbour has been heard, then goes on to the next round', () => {
  const subject = new Subject([talk('m')]);
  assert.deepEqual(subject.start(), [sent('m', 0)]);
  assert.deepEqual(subject.hear(2, 'm', 0), []);
  assert.deepEqual(subject.hear(1, 'm', 0), [sent('m', 1)]);
  assert.deepEqual(subject.combined, ['m0 1:m0 2:m0']);
  assert.equal(subject.node.round, 1);
});

test('a phase may send each receiver a body of its own, or nothing at all', () => {
  const bodies = [{ body: 'one', to: [1] }, { body: 'all' }];
  const subject = new Subject([
    talk('m', { send: () => bodies }),
    talk('n', { send: () => [], expect: () => [] }),
  ]);
  assert.deepEqual(subject.start(), [
    { asked: 'send', type: 'm', body: 'one', to: [1] },
    { asked: 'send', type: 'm', body: 'all', to: [1, 2] },
  ]);
  subject.hear(1, 'm', 0);
  assert.deepEqual(
    subject.hear(2, 'm', 0).map(({ asked }) => asked),
    ['send', 'send'],
  );
  assert.equal(subject.node.round, 1);
});

test('a message of a later round waits for its round', () => {
  const subject = new Subject([talk('m')]);
  subject.start();
  subject.hear(1, 'm', 0);
  assert.deepEqual(subject.hear(1, 'm', 1), []);
  assert.deepEqual(subject.hear(2, 'm', 0), [sent('m', 1)]);
  assert.deepEqual(subject.hear(2, 'm', 1), [sent('m', 2)]);
  assert.deepEqual(subject.combined, ['m0 1:m0 2:m0', 'm1 1:m1 2:m1']);
});

test('messages that came while the node computed end its wait at once', () => {
  const subject = new Subject([talk('m', { task, input: () => 'input' })]);
  assert.deepEqual(subject.start(), [{ asked: 'compute', name: 'work', input: 'input' }]);
  subject.hear(1, 'm', 0);
  assert.deepEqual(subject.hear(2, 'm', 0), []);
  const [first, second] = subject.computed();
  assert.deepEqual(first, sent('m', 0));
  assert.equal(second?.asked, 'compute');
  assert.equal(subject.node.round, 1);
});

test('a phase with overlap sends before its task is done, another one after', () => {
  const work = { task, input: () => 0 };
  const early = new Subject([talk('m', { ...work, overlap: true })]);
  assert.deepEqual(
    early.start().map(({ asked }) => asked),
    ['send', 'compute'],
  );
  assert.deepEqual(early.computed(), []);
  const late = new Subject([talk('m', work)]);
  assert.deepEqual(
    late.start().map(({ asked }) => asked),
    ['compute'],
  );
  assert.deepEqual(late.computed(), [sent('m', 0)]);
});

test('the phase gets the task’s output, and what receivers will see of its body', () => {
  const seen: unknown[] = [];
  const phase = talk('m', {
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
  const subject = new Subject([talk('a'), talk('b')]);
  assert.deepEqual(subject.start(), [sent('a', 0)]);
  subject.hear(1, 'a', 0);
  subject.hear(1, 'b', 0);
  assert.deepEqual(subject.hear(2, 'a', 0), [sent('b', 0)]);
  assert.equal(subject.node.round, 0);
  assert.deepEqual(subject.hear(2, 'b', 0), [sent('a', 1)]);
  assert.deepEqual(subject.combined, ['a0 1:a0 2:a0', 'b0 1:b0 2:b0']);
});

test('a phase that does not take place in a round is skipped without a message', () => {
  const subject = new Subject([talk('a'), talk('b', { when: (node) => node.round === 1 })]);
  subject.start();
  subject.hear(1, 'a', 0);
  assert.deepEqual(subject.hear(2, 'a', 0), [sent('a', 1)]);
  subject.hear(1, 'a', 1);
  assert.deepEqual(subject.hear(2, 'a', 1), [sent('b', 1)]);
});

test('a phase may send to, and expect, others than the neighbours', () => {
  const phase = talk('m', {
    send: (node) => ({ body: `m${node.round}`, to: [3] }),
    expect: () => [3],
  });
  const subject = new Subject([phase]);
  assert.deepEqual(subject.start(), [sent('m', 0, [3])]);
  assert.deepEqual(subject.hear(1, 'm', 0), []);
  assert.deepEqual(subject.hear(3, 'm', 0), [sent('m', 1, [3])]);
  assert.deepEqual(subject.combined, ['m0 3:m0']);
});

test('rounds that take no time run to the last one without a deep stack', () => {
  const subject = new Subject([talk('m')], { neighbors: [], rounds: 100_000 });
  assert.equal(subject.start().length, 100_000);
  assert.equal(subject.node.round, 100_000);
  assert.equal(subject.state.status, 'done');
});

test('a node that has done its rounds ignores what still comes', () => {
  const subject = new Subject([talk('m')], { rounds: 1 });
  subject.start();
  subject.hear(1, 'm', 0);
  assert.deepEqual(subject.hear(2, 'm', 0), []);
  assert.equal(subject.state.status, 'done');
  assert.deepEqual(subject.hear(1, 'm', 1), [ignored(1, 1)]);
});

test('at the deadline a node combines what is there, and ignores what comes late', () => {
  const subject = new Subject([talk('m')], { options: HASTY });
  assert.deepEqual(subject.start(), [sent('m', 0), { asked: 'timer', name: 'rounds/deadline', delay: 1000 }]);
  subject.hear(2, 'm', 0);
  assert.equal(subject.deadline()[0]?.asked, 'send');
  assert.deepEqual(subject.combined, ['m0 2:m0']);
  assert.deepEqual(subject.hear(1, 'm', 0), [ignored(1, 0)]);
});

test('the deadline is called off when all are there, and rings unheard while the node computes', () => {
  const subject = new Subject([talk('m', { task, input: () => 0 })], { options: HASTY });
  subject.start();
  subject.computed();
  subject.hear(1, 'm', 0);
  assert.equal(subject.cancelled, 0);
  subject.hear(2, 'm', 0);
  assert.equal(subject.cancelled, 1);
  assert.equal(subject.state.status, 'computing');
  assert.deepEqual(subject.deadline(), []);
  assert.equal(subject.node.round, 1);
  assert.deepEqual(subject.combined, ['m0 1:m0 2:m0']);
});

test('with a deadline, who is heard from later is waited for no longer', () => {
  const hasty = new Subject([talk('m')], { options: HASTY });
  hasty.start();
  hasty.hear(2, 'm', 0);
  assert.equal(hasty.hear(1, 'm', 1)[0]?.asked, 'send');
  assert.deepEqual(hasty.combined, ['m0 2:m0']);
  assert.deepEqual(hasty.hear(1, 'm', 0), [ignored(1, 0)], 'its old message may still come');
});

test('without a deadline, who is heard from later is still waited for', () => {
  const patient = new Subject([talk('m')]);
  patient.start();
  patient.hear(2, 'm', 0);
  assert.deepEqual(patient.hear(1, 'm', 1), []);
  assert.deepEqual(patient.hear(1, 'm', 0), [sent('m', 1)]);
});

test('a neighbour that leaves is waited for no longer, and what it sent is not combined', () => {
  const subject = new Subject([talk('m')]);
  subject.start();
  subject.hear(1, 'm', 0);
  subject.hear(3, 'm', 0);
  subject.node.neighbors = { in: Int32Array.of(1), out: Int32Array.of(1) };
  assert.deepEqual(subject.tell('topology'), [sent('m', 1, [1])]);
  assert.deepEqual(subject.combined, ['m0 1:m0']);
});

test('a task that was lost while the node was down is asked for again, a paused one is not', () => {
  const subject = new Subject([talk('m', { task, input: () => 'again' })]);
  subject.start();
  assert.deepEqual(subject.tell('up'), []);
  subject.node.computing = false;
  assert.deepEqual(subject.tell('up'), [{ asked: 'compute', name: 'work', input: 'again' }]);
  subject.computed();
  assert.deepEqual(subject.tell('up'), [], 'a node that waits goes on waiting');
});
