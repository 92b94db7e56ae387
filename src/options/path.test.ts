import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatPath, parsePath, valueAt, withValue } from './path.js';

const root = { network: { drop: '1%' }, faults: [{ at: '1s' }, { at: '2s' }] };

test('a value is set at any path, and nothing else changes', () => {
  assert.deepEqual(withValue(root, ['network', 'drop'], '5%'), {
    root: { network: { drop: '5%' }, faults: root.faults },
  });
  assert.deepEqual(withValue(root, ['faults', '1', 'at'], '9s'), {
    root: { network: { drop: '1%' }, faults: [{ at: '1s' }, { at: '9s' }] },
  });
  assert.deepEqual(root.network, { drop: '1%' });
});

test('maps that are missing on the way are created, and a list grows only at its end', () => {
  assert.deepEqual(withValue({}, ['stop', 'after'], '3 rounds'), { root: { stop: { after: '3 rounds' } } });
  assert.deepEqual(withValue({ a: [1] }, ['a', '1'], 2), { root: { a: [1, 2] } });
  assert.deepEqual(withValue({ a: [1] }, ['a', '2'], 2), { blocked: ['a'] });
  assert.deepEqual(withValue({ a: [1] }, ['a', 'x'], 2), { blocked: ['a'] });
  assert.deepEqual(withValue({ a: { b: 1 } }, ['a', 'b', 'c'], 2), { blocked: ['a', 'b'] });
});

test('a list is created before the index 0, and a map before a name', () => {
  assert.deepEqual(withValue({}, ['a', '0', 'b'], 2), { root: { a: [{ b: 2 }] } });
  assert.deepEqual(withValue({ a: null }, ['a', '0'], 2), { root: { a: [2] } });
  assert.deepEqual(withValue({ a: {} }, ['a', '0'], 2), { root: { a: { 0: 2 } } });
  assert.deepEqual(withValue({}, ['a', '1'], 2), { blocked: ['a'] });
});

test('undefined removes a key or an item', () => {
  assert.deepEqual(withValue(root, ['network'], undefined), { root: { faults: root.faults } });
  assert.deepEqual(withValue({ a: [1, 2, 3] }, ['a', '1'], undefined), { root: { a: [1, 3] } });
});

test('a value that was set at a path is found there', () => {
  const key = fc.stringMatching(/^[a-z]{1,3}$/);
  const path = fc.array(key, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      path,
      fc.integer(),
      fc.dictionary(key, fc.dictionary(key, fc.constant({}))),
      (at, value, start) => {
        const result = withValue(start, at, value);
        assert.ok('root' in result);
        assert.equal(valueAt(result.root, at), value);
        assert.deepEqual(parsePath(formatPath(at)), at);
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});

test('a path has no empty key, and inherited names are not keys', () => {
  assert.equal(parsePath('a..b'), undefined);
  assert.equal(parsePath(''), undefined);
  assert.deepEqual(parsePath('faults.0.at'), ['faults', '0', 'at']);
  assert.equal(valueAt({}, ['constructor']), undefined);
});

test('a key that would break a line of text is written in quotes, and shortened', () => {
  assert.equal(formatPath(['data', 'a b', 0, 'é']), 'data.a b.0.é');
  assert.equal(formatPath(['a\nb', '\u001b[2J']), '"a\\nb"."\\u001b[2J"');
  assert.equal(formatPath(['x'.repeat(500)]).length, 58);
});
