import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import type { Codec } from '../wire/codec.js';
import { number } from '../wire/control.js';
import { Messages } from './messages.js';

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
  const body = messages.encode(0, 3, new Random('x'));
  assert.deepEqual([messages.decode(0, body), messages.decode(0, body)], [3, 3]);
  assert.equal(decoded, 1);
});
