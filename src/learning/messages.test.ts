/** Message types: their names, how they are distinguished, and in which order algorithms number them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { empty } from '../wire/control.js';
import { float32 } from '../wire/float32.js';
import type { CodecContext, Message } from './algorithm.js';
import { codecsOf, isMessage, messageType } from './messages.js';
import { phase } from './phases.js';
import { type RoundOptions, rounds } from './rounds.js';

const context = (options: RoundOptions = { reliable: false }) =>
  ({ options, nodes: 4 }) as CodecContext<RoundOptions>;
const COUNTS = messageType('counts', ({ nodes }) => float32(nodes));
const DONE = messageType('done', () => empty);

test('a message has the type of its name, and its body is what the codec decodes', () => {
  const body = { length: 1, values: Float32Array.of(3) };
  const received: Message = { from: 1, type: 'counts', round: 0, body };
  assert.ok(!isMessage(DONE, received));
  assert.ok(isMessage(COUNTS, received));
  assert.equal(received.body.values[0], 3);
});

test('two types of one name are refused', () => {
  assert.deepEqual(Object.keys(codecsOf([DONE, COUNTS], context())), ['done', 'counts']);
  assert.throws(() => codecsOf([DONE, COUNTS, messageType('done', () => empty)], context()), {
    name: 'PluginError',
    message: /two message types with the name "done"/,
  });
});

test('rounds declare the types of the phases that the options choose, then those in addition', () => {
  const algorithm = rounds<object, RoundOptions>({
    id: 'subject',
    description: '',
    reference: '',
    options: z.any(),
    messages: () => [DONE],
    init: () => ({}),
    phases: ({ reliable }) => [phase({}), ...(reliable ? [phase({ message: COUNTS })] : [])],
    evaluate: (_state, { model }) => ({ mixed: { params: new Float32Array(model.length) } }),
  });
  assert.deepEqual(Object.keys(algorithm.messages(context())), ['done']);
  const reliable = algorithm.messages(context({ reliable: true }));
  assert.deepEqual(Object.keys(reliable), ['counts', 'done']);
});
