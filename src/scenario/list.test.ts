import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entryKinds, listEntries } from './list.js';
import { lists } from './lists.js';

test('every kind has entries with unique ids and described options', () => {
  for (const kind of entryKinds) {
    const entries = listEntries(kind);
    assert.ok(entries.length > 0, kind);
    assert.equal(new Set(entries.map(({ id }) => id)).size, entries.length, kind);
    for (const { id, description, options } of entries) {
      assert.notEqual(description, '', `${kind} ${id} has a description`);
      for (const option of options) {
        assert.notEqual(option.description, '', `${kind} ${id} ${option.name} has a description`);
        assert.ok(!(option.required && option.default !== undefined), `${kind} ${id} ${option.name}`);
      }
    }
  }
});

test('every entry of every list is listed with its description', () => {
  for (const [kind, { entries }] of Object.entries(lists)) {
    const listed = listEntries(kind as keyof typeof lists);
    assert.deepEqual(
      listed.map(({ id, description }) => [id, description]),
      entries.map(({ id, description }) => [id, description]),
    );
  }
});

test('options are listed with units, bounds, defaults and choices', () => {
  const option = (kind: Parameters<typeof listEntries>[0], id: string, name: string) => {
    const entry = listEntries(kind).find((candidate) => candidate.id === id);
    const {
      type,
      default: fallback,
      required,
    } = entry!.options.find((candidate) => candidate.name === name)!;
    return { type, fallback, required };
  };
  assert.deepEqual(option('latencies', 'uniform', 'from'), {
    type: 'duration, such as "35ms"',
    fallback: undefined,
    required: true,
  });
  assert.deepEqual(option('profiles', 'constant', 'speed'), {
    type: 'speed, such as "2GFLOPS"',
    fallback: '10GFLOPS',
    required: false,
  });
  assert.deepEqual(option('algorithms', 'd-psgd', 'batch'), {
    type: 'whole number ≥ 1',
    fallback: '32',
    required: false,
  });
  const names = (kind: Parameters<typeof listEntries>[0]) =>
    listEntries(kind)
      .map(({ id }) => id)
      .join(' | ');
  const averaging = names('mixing-rules').replace('out-degree | ', '');
  assert.equal(option('algorithms', 'd-psgd', 'mixing').type, `mixing rule: ${averaging}`);
  assert.equal(option('algorithms', 'd-psgd', 'codec').type, `codec: ${names('codecs')}`);
  assert.equal(option('faults', 'node-down', 'at').required, true);
});
