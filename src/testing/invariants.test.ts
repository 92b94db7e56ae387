/** Invariants that no plugin can break, on parts of a run that were tampered with. The others: test/check.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyAlgorithm } from '../learning/algorithm.js';
import { Random } from '../random.js';
import { Simulation } from '../simulation/simulation.js';
import type { World } from '../simulation/world.js';
import type { CodecMemory } from '../wire/codec.js';
import { delta } from '../wire/delta.js';
import { float32 } from '../wire/float32.js';
import { packedMask } from '../wire/packed-mask.js';
import { topK } from '../wire/top-k.js';
import { invariants, watchesOf } from './invariants.js';
import { planOf } from './plans.js';
import { CHECKED } from './run.js';
import type { AnyCodec } from './spy.js';
import type { InvariantWatch } from './watched.js';

/** A run that has come some events far, and what looks at it. */
async function subject(change: Partial<AnyAlgorithm> = {}): Promise<{
  world: World;
  watch: (id: string) => InvariantWatch;
  close(): Promise<void>;
}> {
  let world: World | undefined;
  const { algorithm, ...rest } = planOf();
  const plan = { ...rest, algorithm: { ...algorithm, entry: { ...algorithm.entry, ...change } } };
  const simulation = await Simulation.create(plan, {
    ...CHECKED,
    onWorld(one: World) {
      world = one;
    },
  } as never);
  await simulation.step(10);
  const watches = watchesOf(world!);
  return { world: world!, watch: (id) => watches.get(id)!, close: () => simulation.close() };
}

const EVENT = { time: 1, kind: 'message-arrival', target: 2, priority: 128 };

test('a message in the ledger that is not under way breaks conservation', async () => {
  const { world, watch, close } = await subject();
  watch('conservation').event!(EVENT);
  const body = world.messages.encode(
    0,
    { values: new Float32Array(39) },
    { from: 0, round: 0, random: world.constants.streams.fresh('x') },
  );
  world.ledger.attempt({ type: 0, from: 0, to: 1, round: 0 }, body, false);
  assert.throws(
    () => watch('conservation').event!(EVENT),
    /link 0>1, round 0: 2 messages booked as in flight, 1 under way/,
  );
  assert.throws(() => watch('conservation').end!({} as never));
  await close();
});

test('a message that is sent by a node that is down, or delivered to it, breaks "down"', async () => {
  const { world, watch, close } = await subject();
  const { sent, event } = watch('down');
  sent!({ from: 1, to: [2], type: 'model', round: 0, body: null });
  event!({ ...EVENT, attempt: 0 });
  event!(EVENT);
  world.network.isUp = () => false;
  assert.throws(
    () => sent!({ from: 1, to: [2], type: 'model', round: 0, body: null }),
    /node 1 sent "model" while it was down/,
  );
  event!({ ...EVENT, attempt: 0 });
  event!({ ...EVENT, attempt: 1 });
  const totals = world.ledger.totals();
  world.ledger.totals = () => ({
    ...totals,
    messages: { ...totals.messages, delivered: totals.messages.delivered + 1 },
  });
  assert.throws(() => event!(EVENT), /a message was delivered to node 2, which was down/);
  await close();
});

/** Encodes a body, and lets an invariant look at it. */
function look(watch: InvariantWatch, codec: AnyCodec, body: unknown): void {
  const { bytes, indexBytes } = codec.encode(body as never, new Random('codec'));
  watch.encoded!('model', body, bytes, codec, indexBytes);
}

test('a body of a sparse codec comes back the same each time', async () => {
  const { watch, close } = await subject();
  const values = Float32Array.from({ length: 39 }, (_, k) => k - 20);
  assert.doesNotThrow(() => look(watch('codecs'), topK({ k: 4, indices: 'u32' }, values.length), { values }));
  await close();
});

/** Gives back a vector of another length. */
const brokenCodec: AnyCodec = { ...float32(3), decode: () => ({ length: 2, values: new Float32Array(2) }) };

test('differences come back where all before them have, whoever sends in between; a body that does not breaks "codecs"', async () => {
  const { watch, close } = await subject();
  const codec = delta({ refresh: 9 }, float32(2), 2);
  const { sent, encoded } = watch('codecs');
  const memories: CodecMemory[] = [{ value: undefined }, { value: undefined }];
  const send = (from: number, body: unknown) => {
    sent!({ from, to: [2], type: 'model', round: 0, body });
    const { bytes, indexBytes } = codec.encode(body as never, new Random('codec'), memories[from]);
    encoded!('model', body, bytes, codec, indexBytes);
  };
  const vector = (...values: number[]) => ({ values: Float32Array.from(values) });
  send(0, vector(1, 2));
  send(1, vector(8, -9));
  send(0, vector(3, 1));
  send(1, vector(7, 7));
  const short = { values: new Float32Array(3) };
  assert.throws(() => look(watch('codecs'), brokenCodec, short), /a body of "model" does not come back/);
  await close();
});

test('a mask that is no mask, has other ones than it should or values where it is 0 breaks "masks"', async () => {
  const { world, watch, close } = await subject();
  const part = { from: 1, length: 3, ones: 2 };
  world.actors.masks = () => ({ model: [part] });
  const { sent } = watch('masks');
  sent!({ from: 1, to: [2], type: 'model', round: 0, body: null });
  const decoding = (decoded: unknown) => ({ ...packedMask(4), decode: () => decoded }) as never;
  const seen = (decoded: unknown, body: unknown = Uint8Array.of(1, 0, 1, 1)) =>
    look(watch('masks'), decoding(decoded), body);
  seen(Uint8Array.of(0, 0, 1, 1));
  seen({ mask: Uint8Array.of(1, 0, 1, 1), values: Float32Array.of(7, 0, 7, 7) });
  assert.throws(() => seen(Uint8Array.of(0, 0, 2, 0)), /element 2 of a mask is 2/);
  assert.throws(() => seen(Uint8Array.of(1, 0, 0, 1)), /elements 1 to 3 of a mask have 1 ones, expected 2/);
  assert.throws(
    () => seen({ mask: Uint8Array.of(1, 0, 1, 1), values: Float32Array.of(7, 1, 7, 7) }),
    /value 1 is 1, where the mask is 0/,
  );
  world.actors.masks = () => ({ model: [{ ...part, atMost: true }] });
  seen(Uint8Array.of(1, 0, 0, 1));
  assert.throws(() => seen(Uint8Array.of(0, 1, 1, 1)), /have 3 ones, expected at most 2/);
  await close();
});

test('numbers that a node has from the start are not personal, and those that it has learned are', async () => {
  const numbers = (from: number) => Float32Array.from({ length: 39 }, (_, k) => (from + k) / 7);
  let own = numbers(1);
  const personal: Partial<AnyAlgorithm> = { personal: () => [own] };
  const { watch, close } = await subject(personal);
  const codec = float32(own.length);
  look(watch('personal'), codec, { values: own });
  own = numbers(100);
  look(watch('personal'), codec, { values: numbers(1) });
  assert.throws(() => look(watch('personal'), codec, { values: own }), /personal numbers of node 0/);
  await close();
});

test('every invariant has a name of its own and one sentence', () => {
  assert.equal(new Set(invariants.map(({ id }) => id)).size, invariants.length);
  for (const { id, says } of invariants) {
    assert.match(id, /^[a-z]+(-[a-z]+)*$/);
    assert.ok(says.length > 20 && !says.endsWith('.') && !says.includes('\n'), says);
  }
});
