/** Recorded availability in the formats of FedScale and FLASH becomes a file for the fault `trace`. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from './tidy/source.js';

/** Converts a file with this content. */
function convert(format: string, content: string | Uint8Array, ...more: string[]) {
  const file = join(mkdtempSync(join(tmpdir(), 'mycel-convert-')), 'trace');
  writeFileSync(file, content);
  const script = join(projectRoot(), 'scripts/traces/convert.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, format, file, ...more], {
    encoding: 'utf8',
  });
  return { status, lines: stdout.trim().split('\n').slice(1), stderr };
}

test('a client of FedScale is up from active to inactive; who never is becomes no node', () => {
  const clients = {
    '17': { active: [0, 50.5], inactive: [10, 60], finish_time: 100 },
    '4': { active: [], inactive: [], finish_time: 100 },
    x: { active: [20, 90], inactive: [30], finish_time: 100 },
  };
  const { lines } = convert('fedscale', JSON.stringify(clients));
  // Keys that are whole numbers come first, as everywhere in JavaScript.
  assert.deepEqual(lines, ['0,0,10', '0,50.5,60', '1,20,30', '1,90,100']);
  const one = convert('fedscale', JSON.stringify(clients), '--nodes', '1');
  assert.deepEqual(one.lines, ['0,0,10', '0,50.5,60']);
});

test('a phone of FLASH is up while it is charged, on Wi-Fi, and off or locked', () => {
  const messages = (...lines: string[]) => ({
    model: 'any',
    messages: lines.map((line) => `2020-01-30 ${line.replace(' ', '\t')}`).join('\n'),
  });
  const users = {
    a: messages(
      '22:00:00 screen_off',
      '22:00:05 battery_charged_on',
      '22:00:10 wifi',
      '22:00:12 80.0%',
      '22:00:15 screen_on',
      '22:00:16 screen_lock',
      '22:00:20 4G',
      '22:00:30 wifi',
      '22:00:40 70.0%',
    ),
    b: messages(
      '22:00:20 wifi',
      '22:00:21 screen_lock',
      '22:00:22 battery_charged_on',
      '22:00:25 battery_charged_off',
    ),
  };
  const { lines } = convert('flash', JSON.stringify(users));
  assert.deepEqual(lines, ['0,0,5', '0,6,10', '0,20,30', '1,12,15']);
});

test('a pickle is not read, and times out of order are refused', () => {
  const pickle = convert('fedscale', Uint8Array.of(0x80, 4, 0x95, 0));
  assert.equal(pickle.status, 2);
  assert.match(pickle.stderr, /expected JSON, got a pickle/);
  const back = convert(
    'fedscale',
    JSON.stringify({ a: { active: [5, 1], inactive: [6, 2], finish_time: 9 } }),
  );
  assert.equal(back.status, 2);
  assert.match(back.stderr, /expected the times of client a in order/);
});
