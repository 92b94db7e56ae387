import assert from 'node:assert/strict';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { byCodeUnit } from '../errors.js';
import { hasCheckpoint, isCheckpoint, readCheckpoints, writeCheckpoint } from './checkpoint-file.js';

const folder = mkdtempSync(join(tmpdir(), 'mycel-checkpoints-'));
test.after(() => rmSync(folder, { recursive: true }));

const VALUE = { params: Float32Array.of(1, Number.NaN), list: [1, { a: undefined }], text: 'é' };

test('the last two checkpoints are kept, and are read back as they were written, the last one first', () => {
  assert.ok(!hasCheckpoint(folder) && !hasCheckpoint(join(folder, 'missing')));
  for (const number of [1, 2, 9, 10]) writeCheckpoint(folder, number, { ...VALUE, number });
  assert.deepEqual(readdirSync(folder).sort(byCodeUnit), ['checkpoint-10', 'checkpoint-9']);
  assert.ok(hasCheckpoint(folder));
  assert.deepEqual(
    [...readCheckpoints(folder)],
    [10, 9].map((number) => ({ number, value: { ...VALUE, number } })),
  );
  assert.deepEqual(['checkpoint-3', 'checkpoint-3.new', 'metrics.csv', 'checkpoint-x'].map(isCheckpoint), [
    true,
    true,
    false,
    false,
  ]);
});

test('a checkpoint that was truncated or changed, at any byte, or has another format is not read', () => {
  const file = join(folder, 'checkpoint-10');
  const whole = readFileSync(file);
  const faultNow = () => {
    const [first] = [...readCheckpoints(folder)];
    return first && 'fault' in first ? first.fault : 'none';
  };
  for (let length = 0; length < whole.length; length += 7) {
    truncateSync(file, length);
    assert.match(faultNow(), /truncated|no checkpoint/, `${length} bytes`);
    writeFileSync(file, whole);
  }
  for (let at = 0; at < whole.length; at++) {
    const changed = Uint8Array.from(whole);
    changed[at]! ^= 1;
    writeFileSync(file, changed);
    assert.notEqual(faultNow(), 'none', `byte ${at}`);
  }
  writeFileSync(file, whole.toString('latin1').replace('checkpoint 1 ', 'checkpoint 2 '), 'latin1');
  assert.equal(faultNow(), 'it has the format 2, not 1');
  copyFileSync(join(folder, 'checkpoint-9'), file);
  assert.equal(faultNow(), 'none');
});
