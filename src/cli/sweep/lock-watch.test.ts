import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { dropLock, FolderLock, foreignLock } from '../../report/folder-lock.js';
import { LockWatch } from './lock-watch.js';

const folder = mkdtempSync(join(tmpdir(), 'mycel-lock-watch-'));
test.after(() => rmSync(folder, { recursive: true }));
const run = join(folder, 'run');
const MINUTE = 60_000;

test('the lock of a process on another machine is abandoned when it has not been renewed for three minutes', () => {
  const lock = { pid: 1, host: 'a machine that is gone', since: '2026-01-01T00:00:00.000Z', token: 'a' };
  writeFileSync(`${run}.lock`, `${JSON.stringify(lock)}\n`);
  let now = 0;
  const watch = new LockWatch({ stamp: () => foreignLock(run), now: () => now });
  assert.equal(watch.abandoned(), undefined);
  now = 2 * MINUTE;
  assert.equal(watch.abandoned(), undefined);
  utimesSync(`${run}.lock`, 1000, 1000);
  now = 4 * MINUTE;
  assert.equal(watch.abandoned(), undefined, 'it was renewed');
  now = 7 * MINUTE + 1;
  const abandoned = watch.abandoned();
  assert.equal(abandoned?.renewed, 1_000_000);
  // Somebody else has been faster: that lock stays.
  writeFileSync(`${run}.lock`, 'another lock');
  dropLock(run, abandoned!);
  assert.equal(readFileSync(`${run}.lock`, 'utf8'), 'another lock');
  dropLock(run, { text: 'another lock', renewed: 0 });
  assert.equal(existsSync(`${run}.lock`), false);
});

test('the lock of a process on this machine is not watched: whether it runs is known', () => {
  const lock = new FolderLock(run);
  assert.equal(foreignLock(run), undefined);
  lock.release();
  assert.equal(foreignLock(run), undefined);
});

test('a renewed lock has a new time and is still held', () => {
  const lock = new FolderLock(run);
  utimesSync(`${run}.lock`, 1000, 1000);
  lock.renew();
  assert.ok(Date.now() - statSync(`${run}.lock`).mtimeMs < 3_600_000);
  assert.ok(lock.isHeld);
  lock.release();
  assert.doesNotThrow(() => lock.renew());
});
