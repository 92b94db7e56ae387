import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkWritable, ResultDirectory } from './result-directory.js';

function temporary(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'mycel-results-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const list = (folder: string) => readdirSync(folder).sort((a, b) => (a < b ? -1 : 1));
const read = (...path: string[]) => readFileSync(join(...path), 'utf8');

/** Writes one of each file but the trace. */
function fill(directory: ResultDirectory, seed: number): void {
  const metrics = directory.metrics();
  for (let time = 0; time < 3000; time++) metrics.write({ time, metric: 'loss', value: time / 7 });
  directory.table('traffic.csv', ['from', 'sent_bytes'], [{ from: 0, sent_bytes: 32 }]);
  directory.table('topology.csv', ['time_ns'], []);
  directory.summary({ seed });
}

test('files have partial names until commit, and their own afterwards', (context) => {
  const folder = join(temporary(context), 'quickstart', 'ring', '1');
  const directory = new ResultDirectory(folder);
  fill(directory, 1);
  directory.trace().write({ time: 0 });
  assert.deepEqual(list(folder), [
    'metrics.csv.partial',
    'summary.json.partial',
    'topology.csv.partial',
    'trace.ndjson.partial',
    'traffic.csv.partial',
  ]);
  directory.commit();
  assert.deepEqual(list(folder), [
    'metrics.csv',
    'summary.json',
    'topology.csv',
    'trace.ndjson',
    'traffic.csv',
  ]);
  assert.equal(read(folder, 'metrics.csv').split('\r\n').length, 3002);
  assert.equal(read(folder, 'summary.json'), '{\n  "seed": 1\n}\n');
});

test('equal runs leave byte-identical folders', (context) => {
  const folder = temporary(context);
  for (const name of ['a', 'b']) {
    const directory = new ResultDirectory(join(folder, name));
    fill(directory, 1);
    directory.commit();
  }
  assert.deepEqual(list(join(folder, 'a')), list(join(folder, 'b')));
  for (const name of list(join(folder, 'a'))) {
    assert.deepEqual(readFileSync(join(folder, 'a', name)), readFileSync(join(folder, 'b', name)));
  }
});

test('an older result remains until commit, and nothing of it remains afterwards', (context) => {
  const folder = temporary(context);
  const older = new ResultDirectory(folder);
  older.trace().write({});
  fill(older, 1);
  older.commit();
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  const newer = new ResultDirectory(folder);
  fill(newer, 2);
  assert.equal(read(folder, 'summary.json'), '{\n  "seed": 1\n}\n');
  newer.commit();
  assert.equal(read(folder, 'summary.json'), '{\n  "seed": 2\n}\n');
  assert.deepEqual(list(folder), ['metrics.csv', 'notes.txt', 'summary.json', 'topology.csv', 'traffic.csv']);
});

test('abort removes the partial files and the folders that the run created, and keeps an older result', (context) => {
  const folder = temporary(context);
  const fresh = new ResultDirectory(join(folder, 'a', 'b', '1'));
  fill(fresh, 1);
  fresh.abort();
  fresh.abort();
  assert.deepEqual(list(folder), []);
  const kept = new ResultDirectory(join(folder, 'a', '1'));
  fill(kept, 1);
  kept.commit();
  const aborted = new ResultDirectory(join(folder, 'a', '1'));
  fill(aborted, 2);
  aborted.abort();
  assert.deepEqual(list(join(folder, 'a', '1')), [
    'metrics.csv',
    'summary.json',
    'topology.csv',
    'traffic.csv',
  ]);
  assert.equal(read(folder, 'a', '1', 'summary.json'), '{\n  "seed": 1\n}\n');
});

test('the start of a run removes the partial files of a killed one, and nothing else', (context) => {
  const folder = temporary(context);
  writeFileSync(join(folder, 'metrics.csv.partial'), 'time_ns');
  writeFileSync(join(folder, 'film.partial'), 'mine');
  new ResultDirectory(folder);
  assert.deepEqual(list(folder), ['film.partial']);
});

test('a run that is killed leaves partial files only', async (context) => {
  const folder = join(temporary(context), 'killed');
  const module = new URL('./result-directory.js', import.meta.url).href;
  const program = `
    const { ResultDirectory } = await import(${JSON.stringify(module)});
    const directory = new ResultDirectory(${JSON.stringify(folder)});
    const metrics = directory.metrics();
    directory.table('traffic.csv', ['from'], [{ from: 1 }]);
    directory.summary({ seed: 1 });
    for (let time = 0; ; time++) {
      metrics.write({ time, metric: 'loss', value: 0.5 });
      if (time === 20000) process.stdout.write('written');
      if (time % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (time > 20000) await new Promise((resolve) => setTimeout(resolve, 5));
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  const [, signal] = await once(child, 'exit');
  assert.equal(signal, 'SIGKILL');
  assert.deepEqual(list(folder), ['metrics.csv.partial', 'summary.json.partial', 'traffic.csv.partial']);
  assert.ok(
    read(folder, 'metrics.csv.partial').startsWith('time_ns,round,node,metric,value\r\n0,,,loss,0.5\r\n'),
  );
});

test('a folder that cannot be written to is refused at the start, with its name and the reason', (context) => {
  const folder = temporary(context);
  writeFileSync(join(folder, 'file'), '');
  const path = join(folder, 'file', '1');
  for (const attempt of [() => new ResultDirectory(path), () => checkWritable(path)]) {
    assert.throws(attempt, (error: Error & { code: string; path: string }) => {
      assert.equal(error.name, 'UsageError');
      assert.equal(error.code, 'unwritable-output');
      assert.equal(error.path, path);
      assert.match(error.message, /^cannot write .*file\/1: ENOTDIR: .* choose another folder/);
      return true;
    });
  }
});

test('the check of a folder leaves nothing behind, in an existing folder or a new one', (context) => {
  const folder = temporary(context);
  checkWritable(join(folder, 'a', 'b'));
  checkWritable(folder);
  assert.deepEqual(list(folder), []);
});

test('a file that cannot be renamed is a usage error, and leaves no summary', (context) => {
  const folder = temporary(context);
  const directory = new ResultDirectory(folder);
  fill(directory, 1);
  mkdirSync(join(folder, 'traffic.csv', 'occupied'), { recursive: true });
  assert.throws(() => directory.commit(), { name: 'UsageError', code: 'unwritable-output' });
  assert.equal(existsSync(join(folder, 'summary.json')), false);
  directory.abort();
  assert.deepEqual(
    list(folder).filter((name) => name.endsWith('.partial')),
    [],
  );
});

test('a result without a summary, and a file written twice or too late, fail an assertion', (context) => {
  const directory = new ResultDirectory(temporary(context));
  const metrics = directory.metrics();
  assert.throws(() => directory.commit(), /expected a summary before commit/);
  assert.throws(() => directory.metrics(), /metrics.csv: expected to be written once/);
  directory.summary({});
  directory.commit();
  assert.throws(() => directory.summary({}), /expected no write after commit or abort/);
  assert.throws(() => {
    metrics.write({ time: 0, metric: 'late', value: 0 });
    metrics.flush();
  }, /expected no write after close/);
});

test('a folder that cannot be created below /proc is an error, not an endless loop', {
  skip: !existsSync('/proc/self') && 'this system has no /proc',
}, () => {
  assert.throws(() => checkWritable('/proc/mycel/results'), {
    name: 'UsageError',
    code: 'unwritable-output',
  });
});
