import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionError, PluginError, UsageError } from '../errors.js';
import { errorFields, errorFrom } from './worker-protocol.js';

/** What arrives in another thread. */
const sent = (thrown: unknown) => errorFrom(structuredClone(errorFields(thrown)));

test('an error arrives as one of its own kind, with its message and the stack of where it was thrown', () => {
  for (const Kind of [AssertionError, PluginError, RangeError]) {
    const thrown = new Kind('no such luck');
    const { name, message, stack } = sent(thrown);
    assert.deepEqual(
      { name, message, stack },
      { name: Kind.name, message: 'no such luck', stack: thrown.stack },
    );
  }
  assert.ok(sent(new AssertionError('x')) instanceof AssertionError);
  assert.ok(sent(new PluginError('x')) instanceof PluginError);
});

test('a usage error keeps its code and path', () => {
  const error = sent(new UsageError('bad-luck', 'x', 'algorithm.luck'));
  assert.ok(error instanceof UsageError);
  assert.deepEqual([error.code, error.path, error.message], ['bad-luck', 'algorithm.luck', 'x']);
});

test('what is thrown and is no error arrives as one with its text', () => {
  const error = sent('a string');
  assert.deepEqual([error.name, error.message], ['Error', 'a string']);
});

test('an error without a stack gets one', () => {
  const error = new Error('x');
  delete error.stack;
  assert.match(sent(error).stack!, /errorFrom|create/);
});
