import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import type { Codec, VectorView } from '../wire/codec.js';
import { number } from '../wire/control.js';
import { float16Entry } from '../wire/float16.js';
import { float32 } from '../wire/float32.js';
import { record } from '../wire/record.js';
import { Messages } from './messages.js';

const SENDER = { from: 2, round: 5, random: new Random('x') };

test('a type has a name and a number, and for an undeclared type the error lists the declared ones', () => {
  const messages = new Messages([
    { name: 'other', codec: number('float64') },
    { name: 'count', codec: number('u32') },
  ]);
  assert.deepEqual(messages.names, ['other', 'count']);
  assert.deepEqual([messages.numberOf('count'), messages.nameOf(1)], [1, 'count']);
  assert.throws(() => messages.numberOf('cuont'), {
    name: 'PluginError',
    message: 'expected a message type that the algorithm declares (other, count), got "cuont"',
  });
});

test('a body is decoded once for all receivers', () => {
  let decoded = 0;
  const codec: Codec<number, number> = {
    ...number('u32'),
    decode(bytes, indexBytes) {
      decoded++;
      return number('u32').decode(bytes, indexBytes);
    },
  };
  const messages = new Messages([{ name: 'count', codec }]);
  const body = messages.encode(0, 3, SENDER);
  assert.deepEqual([messages.decode(0, body), messages.decode(0, body)], [3, 3]);
  assert.equal(decoded, 1);
});

test('a decoded body is frozen', () => {
  const messages = new Messages([
    { name: 'model', codec: record({ params: float32(1), count: number('u32') }) },
  ]);
  const body = messages.encode(0, { params: { values: Float32Array.of(1) }, count: 1 }, SENDER);
  const decoded = messages.decode(0, body) as { params: VectorView; count: number };
  assert.throws(() => {
    decoded.count = 2;
  }, TypeError);
  assert.throws(() => Object.assign(decoded.params, { length: 3 }), TypeError);
});

const CHANGED =
  /^expected nobody to change arrays that were sent or received, but the body of message "model" that node 2 sent in round 5 was changed/;

for (const [name, codec] of [
  ['the bytes themselves', float32(3)],
  ['a copy', float16Entry.create({}, { length: 3 })],
] as const) {
  test(`a received array that is ${name} cannot be changed unnoticed`, () => {
    for (const notice of [
      (messages: Messages) => messages.audit(),
      (messages: Messages) => messages.encode(0, { values: new Float32Array(3) }, { ...SENDER, round: 6 }),
    ]) {
      const messages = new Messages([{ name: 'model', codec }]);
      const body = messages.encode(0, { values: Float32Array.of(1, 2, 3) }, SENDER);
      messages.audit();
      const { values } = messages.decode(0, body) as VectorView;
      messages.audit();
      values[1] = 7;
      // What another node sends, and another type, says nothing of this body.
      messages.encode(0, { values: new Float32Array(3) }, { ...SENDER, from: 1 });
      assert.throws(() => notice(messages), { name: 'PluginError', message: CHANGED });
    }
  });
}

test('what was sent cannot be changed unnoticed, whether anybody received it or not', () => {
  const messages = new Messages([{ name: 'model', codec: float32(2) }]);
  const values = Float32Array.of(1, 2);
  messages.encode(0, { values }, SENDER);
  values[0] = 3;
  assert.throws(() => messages.audit(), { name: 'PluginError', message: CHANGED });
});
