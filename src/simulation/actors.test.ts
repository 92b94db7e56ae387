import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { AssertionError, PluginError, UsageError } from '../errors.js';
import { Kernel } from '../kernel/kernel.js';
import { Trace } from '../kernel/trace.js';
import type { AnyAlgorithm } from '../learning/algorithm.js';
import type { NetworkMessage } from '../network/message.js';
import { Random } from '../random.js';
import { number } from '../wire/control.js';
import { withChecksum } from '../wire/header.js';
import { Actors } from './actors.js';
import { Messages } from './messages.js';
import type { NodeRuntime } from './node.js';

type Handlers = AnyAlgorithm['on'];

const messages = new Messages([{ name: 'count', codec: number('u32') }]);

/** Two nodes whose handlers log their calls, with the time. */
class Subject {
  readonly log: string[] = [];
  readonly kernel = new Kernel({ trace: new Trace() });
  readonly actors: Actors;
  readonly #down = new Set<number>();
  readonly #tick = this.kernel.kind('tick', () => undefined);

  constructor(handlers: Partial<Handlers> = {}, more: Partial<AnyAlgorithm> = {}) {
    const log = (id: number, what: string) => void this.log.push(`${this.kernel.now} ${id} ${what}`);
    const { kernel } = this;
    const algorithm: AnyAlgorithm = {
      id: 'subject',
      description: '',
      reference: '',
      options: z.any(),
      messages: () => ({}),
      init: ({ id }) => ({ id, seen: 0 }),
      evaluate: (_state, { model }) => ({ mixed: { params: new Float32Array(model.length) } }),
      on: {
        start: ({ id }) => log(id, 'start'),
        message: ({ id }, _state, { from, type, round, body }) =>
          log(id, `${type} ${body} of ${from} in ${round}`),
        timer: ({ id }, _state, name) => log(id, `timer ${name}`),
        computed: ({ id }, _state, { name, output }) => log(id, `computed ${name} ${output}`),
        topology: ({ id }) => log(id, 'topology'),
        down: ({ id }) => log(id, 'down'),
        up: ({ id }) => log(id, 'up'),
        undelivered: ({ id }, _state, { to, type }) => log(id, `undelivered ${type} to ${to}`),
        ...handlers,
      },
      ...more,
    };
    const nodes = [0, 1].map(
      (id) =>
        ({
          id,
          round: 3,
          get now() {
            return kernel.now;
          },
        }) as NodeRuntime,
    );
    const isUp = (node: number) => !this.#down.has(node);
    this.actors = new Actors({ algorithm, kernel, messages, nodes, isUp });
  }

  /** As the network does it: the node is down before its handler is called. */
  down(node: number): void {
    this.#down.add(node);
    this.actors.down(node);
  }

  up(node: number): void {
    this.#down.delete(node);
    this.actors.up(node);
  }

  /** Runs the events up to that time, where the clock then stands, and takes the log. */
  async until(time: number): Promise<string[]> {
    this.kernel.schedule({ time, kind: this.#tick, target: 0, priority: 255 });
    await this.kernel.run({ until: time });
    return this.log.splice(0);
  }

  /** A subject whose nodes have started. */
  static async started(handlers: Partial<Handlers> = {}, more: Partial<AnyAlgorithm> = {}): Promise<Subject> {
    const subject = new Subject(handlers, more);
    subject.actors.init();
    await subject.until(0);
    return subject;
  }
}

function message(change: Partial<NetworkMessage> = {}): NetworkMessage {
  const body = withChecksum(number('u32').encode(42, new Random('')));
  return { from: 0, to: 1, type: 0, round: 2, body, reliable: true, sequence: 0, sentAt: 0, ...change };
}

test('every node starts at time 0, in order', async () => {
  const subject = new Subject();
  subject.actors.init();
  assert.deepEqual(await subject.until(0), ['0 0 start', '0 1 start']);
});

test('a timer fires once, after its delay, for the node that set it', async () => {
  const subject = await Subject.started();
  subject.actors.setTimer(1, 'tea', 50);
  subject.actors.setTimer(0, 'tea', 70);
  assert.deepEqual(await subject.until(100), ['50 1 timer tea', '70 0 timer tea']);
});

test('setting a timer again replaces it, and a cancelled timer does not fire', async () => {
  const subject = await Subject.started();
  subject.actors.setTimer(0, 'tea', 50);
  subject.actors.setTimer(0, 'coffee', 60);
  subject.actors.setTimer(0, 'tea', 80);
  subject.actors.cancelTimer(0, 'coffee');
  subject.actors.cancelTimer(0, 'never set');
  assert.deepEqual(await subject.until(100), ['80 0 timer tea']);
});

test('a timer with an impossible delay is refused', async () => {
  const { actors } = await Subject.started();
  for (const delay of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => actors.setTimer(0, 'tea', delay), PluginError, String(delay));
  }
});

test('events of a node that is down reach it when it comes up, in order, after `up`', async () => {
  const subject = await Subject.started();
  const { actors } = subject;
  actors.setTimer(1, 'tea', 50);
  actors.setTimer(1, 'late', 500);
  subject.down(1);
  actors.topologyChanged([0, 1]);
  assert.deepEqual(await subject.until(100), ['0 1 down', '0 0 topology']);
  subject.up(1);
  assert.deepEqual(await subject.until(600), [
    '100 1 up',
    '100 1 topology',
    '100 1 timer tea',
    '500 1 timer late',
  ]);
});

test('a node that is down from the beginning starts when it comes up, without `up`', async () => {
  const subject = new Subject();
  subject.actors.init();
  subject.down(1);
  assert.deepEqual(await subject.until(10), ['0 1 down', '0 0 start']);
  subject.up(1);
  assert.deepEqual(subject.log, ['10 1 start']);
});

test('a timer that came due while its node was down can still be cancelled or replaced by `up`', async () => {
  const subject = new Subject({
    up: () => {
      subject.actors.cancelTimer(1, 'tea');
      subject.actors.setTimer(1, 'coffee', 5);
    },
  });
  subject.actors.init();
  await subject.until(0);
  subject.actors.setTimer(1, 'tea', 50);
  subject.actors.setTimer(1, 'coffee', 60);
  subject.down(1);
  await subject.until(100);
  subject.log.length = 0;
  subject.up(1);
  assert.deepEqual(await subject.until(200), ['105 1 timer coffee']);
});

test('a handler gets a message decoded, with the name of its type and the round of its sender', async () => {
  const subject = await Subject.started();
  subject.actors.delivered(message());
  subject.actors.computed(0, { name: 'train', output: 7 });
  assert.deepEqual(subject.log, ['0 1 count 42 of 0 in 2', '0 0 computed train 7']);
});

test('a sender learns of an undelivered message, unless it is down itself', async () => {
  const subject = await Subject.started();
  subject.actors.undelivered(message());
  subject.down(0);
  subject.actors.undelivered(message());
  assert.deepEqual(subject.log, ['0 0 undelivered count to 1', '0 0 down']);
});

test('an error that a handler throws is wrapped with algorithm, handler, node, round and time', async () => {
  const cause = new TypeError('params is undefined');
  const subject = await Subject.started({
    timer: () => {
      throw cause;
    },
  });
  subject.actors.setTimer(1, 'tea', 1_250_000);
  await assert.rejects(subject.until(2_000_000), (error) => {
    assert.ok(error instanceof PluginError);
    assert.equal(
      error.message,
      'algorithm "subject", timer on node 1, round 3, at 1.25 ms (1250000 ns): params is undefined',
    );
    assert.equal(error.cause, cause);
    return true;
  });
});

test('failed assertions and the user’s mistakes are not wrapped', async () => {
  for (const error of [new AssertionError('ours'), new UsageError('code', 'theirs')]) {
    const subject = new Subject({
      start: () => {
        throw error;
      },
    });
    subject.actors.init();
    await assert.rejects(subject.until(0), (thrown) => thrown === error);
  }
});

test('an async handler is refused, and its rejection does not escape', async () => {
  const subject = new Subject({
    start: async () => {
      throw new Error('later');
    },
  });
  subject.actors.init();
  await assert.rejects(subject.until(0), /start on node 0, .*must not be async/);
});

test('errors of init, evaluate and series are wrapped too', async () => {
  const fail = (): never => {
    throw new Error('no');
  };
  const subject = await Subject.started({}, { evaluate: fail, series: fail });
  assert.throws(() => subject.actors.evaluate(1), /evaluate on node 1/);
  assert.throws(() => subject.actors.measure(0), /series on node 0/);
  assert.throws(() => new Subject({}, { init: fail }).actors.init(), /init on node 0/);
});

test('all handlers but `start` may be left out', async () => {
  const start = (): void => undefined;
  const subject = new Subject({}, { on: { start } });
  subject.actors.init();
  subject.actors.setTimer(0, 'tea', 5);
  subject.actors.topologyChanged([0]);
  await subject.until(10);
  subject.actors.delivered(message());
  subject.actors.undelivered(message());
  subject.actors.computed(0, { name: 'train', output: 7 });
  subject.down(0);
  subject.up(0);
  assert.deepEqual(subject.actors.measure(0), {});
});

test('saved actors continue with their states, their timers and the events that wait for them', async () => {
  const first = await Subject.started();
  first.actors.setTimer(0, 'tea', 50);
  first.actors.setTimer(1, 'coffee', 20);
  first.down(1);
  await first.until(30);
  const saved = structuredClone({ kernel: first.kernel.save(), actors: first.actors.save() });
  const second = new Subject();
  second.kernel.load(saved.kernel);
  second.actors.load(saved.actors);
  second.up(1);
  assert.deepEqual(await second.until(100), ['30 1 up', '30 1 timer coffee', '50 0 timer tea']);
  second.actors.setTimer(0, 'tea', 5);
  assert.deepEqual(await second.until(200), ['105 0 timer tea']);
});
