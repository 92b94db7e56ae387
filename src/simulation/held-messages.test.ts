import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NetworkMessage } from '../network/message.js';
import { OutOfStepError } from '../wire/codec.js';
import { HeldMessages } from './held-messages.js';

/** A message whose body is a number: it can be read by who has read all below it, and never after a larger one. */
const message = (number: number, from = 0): NetworkMessage => ({
  from,
  to: 9,
  type: 0,
  round: number,
  sequence: number,
  sentAt: 0,
  reliable: false,
  body: { bytes: Uint8Array.of(number), indexBytes: 0, valuesBytes: 1, headerBytes: 0, crc32: 0 },
});

function reader() {
  const next = new Map<number, number>();
  const held = new HeldMessages((_type, body, { from }) => {
    const [number] = body.bytes;
    const expected = next.get(from) ?? 0;
    if (number! !== expected) throw new OutOfStepError('not yet', number! > expected);
    next.set(from, expected + 1);
    return number;
  });
  const arrive = (number: number, from = 0) =>
    held.arrived(message(number, from)).map(({ message: { from: sender, round }, body }) => ({
      sender,
      round,
      value: body?.value,
    }));
  return { held, arrive };
}

test('a message that comes too early is read after the one that it builds on, in order', () => {
  const { arrive } = reader();
  assert.deepEqual(arrive(2), []);
  assert.deepEqual(arrive(1), []);
  assert.deepEqual(arrive(3), []);
  assert.deepEqual(
    arrive(0).map(({ value }) => value),
    [0, 1, 2, 3],
  );
});

test('links do not wait for each other', () => {
  const { arrive } = reader();
  assert.deepEqual(arrive(1, 5), []);
  assert.deepEqual(arrive(0, 6), [{ sender: 6, round: 0, value: 0 }]);
  assert.deepEqual(
    arrive(0, 5).map(({ sender, value }) => [sender, value]),
    [
      [5, 0],
      [5, 1],
    ],
  );
});

test('a message that will never be readable is given back without a body', () => {
  const { arrive } = reader();
  arrive(0);
  assert.deepEqual(arrive(0), [{ sender: 0, round: 0, value: undefined }]);
});

test('what is held is saved', () => {
  const first = reader();
  first.arrive(1);
  const { held, arrive } = reader();
  held.load(structuredClone(first.held.save()));
  assert.deepEqual(
    arrive(0).map(({ value }) => value),
    [0, 1],
  );
});

test('other errors are not caught', () => {
  const held = new HeldMessages(() => {
    throw new RangeError('mine');
  });
  assert.throws(() => held.arrived(message(0)), RangeError);
});
