import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entryKinds, listEntries } from '../scenario/list.js';
import { listCommand } from './list.js';

test('the overview has a line for every entry of every kind, below the place where a scenario names it', () => {
  const lines = listCommand().split('\n');
  assert.equal(lines[0], 'algorithms (algorithm)');
  assert.ok(lines.includes('codecs (algorithm.codec, for vectors)'));
  for (const kind of entryKinds) {
    for (const { id, description } of listEntries(kind)) {
      assert.ok(
        lines.some((line) => line.startsWith(`  ${id} `) && line.endsWith(description)),
        id,
      );
    }
  }
});

test('an entry is listed with its reference, and its options with units and defaults', () => {
  const lines = listCommand('algorithms', 'd-psgd').split('\n');
  assert.match(lines[0]!, /^d-psgd: decentralized parallel SGD/);
  assert.match(lines[1]!, /^ {2}reference: Lian et al/);
  assert.match(
    lines.find((line) => line.startsWith('  batch '))!,
    /^ {2}batch +whole number ≥ 1 +32 +samples per step/,
  );
  assert.match(
    lines.find((line) => line.startsWith('  deadline '))!,
    /^ {2}deadline +duration, such as "35ms" +– +how long/,
  );
  assert.equal(listCommand('topologies', 'ring').split('\n')[1], '  no options');
  assert.match(
    listCommand('latencies'),
    /\n {2}median +duration, such as "35ms" +\(required\) +median latency: half of/,
  );
});

test('the error for an unknown kind or entry proposes the nearest', () => {
  assert.throws(() => listCommand('codec'), {
    name: 'UsageError',
    message: /^unknown kind or entry "codec"\. Did you mean "codecs"\? Known kinds: algorithms, /,
  });
  assert.throws(() => listCommand('d-psg'), { message: /Did you mean "d-psgd"\?/ });
  assert.throws(() => listCommand('topologies', 'rign'), {
    name: 'UsageError',
    message: /Did you mean "ring"\?/,
  });
});

test('an entry is found without its kind, and in each of its kinds', () => {
  assert.equal(listCommand('d-psgd'), `algorithms (algorithm)\n${listCommand('algorithms', 'd-psgd')}`);
  const [profile, latency, ...others] = listCommand('constant').split('\n\n');
  assert.equal(profile, `profiles (compute)\n${listCommand('profiles', 'constant')}`);
  assert.equal(latency, `latencies (network.latency)\n${listCommand('latencies', 'constant')}`);
  assert.deepEqual(others, []);
});
