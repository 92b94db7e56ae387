import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { readCheckpoints } from './checkpoint-file.js';
import { OutputFile, type Written } from './output-file.js';
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
  const metrics = directory.table('metrics.csv', ['time', 'value']);
  for (let time = 0; time < 3000; time++) metrics.write({ time, value: time / 7 });
  directory.table('traffic.csv', ['from', 'sent_bytes']).write({ from: 0, sent_bytes: 32 });
  directory.table('topology.csv', ['time_ns']);
  directory.summary({ seed });
}

test('a run writes to a folder of its own, which gets its name at commit', (context) => {
  const parent = join(temporary(context), 'quickstart', 'ring');
  const folder = join(parent, '1');
  const directory = new ResultDirectory(folder);
  fill(directory, 1);
  directory.trace().write({ time: 0 });
  const names = list(parent);
  assert.equal(names.length, 2);
  assert.equal(names[0], '1.lock');
  assert.match(names[1]!, /^1\.partial-\d+-[0-9a-f]{8}$/);
  directory.commit();
  assert.deepEqual(list(parent), ['1']);
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

test('an older result remains until commit; then nothing of it remains but files that are no results', (context) => {
  const folder = join(temporary(context), '1');
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
  assert.deepEqual(list(join(folder, '..')), ['1']);
});

test('what an interrupted run has measured is kept beside a complete result, until the next complete one', (context) => {
  const parent = temporary(context);
  const folder = join(parent, '1');
  for (const seed of [1, 2, 3]) {
    const directory = new ResultDirectory(folder);
    fill(directory, seed);
    if (seed === 1) directory.commit();
    else assert.equal(directory.commitInterrupted(), `${folder}.interrupted`);
  }
  assert.deepEqual(list(parent), ['1', '1.interrupted']);
  assert.equal(read(folder, 'summary.json'), '{\n  "seed": 1\n}\n');
  assert.equal(read(`${folder}.interrupted`, 'summary.json'), '{\n  "seed": 3\n}\n');
  const last = new ResultDirectory(folder);
  fill(last, 4);
  last.commit();
  assert.deepEqual(list(parent), ['1']);
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

/** Starts a process that writes results to the folder, from its first row on until it is killed. */
async function startWriter(folder: string): Promise<ChildProcess> {
  const module = new URL('./result-directory.js', import.meta.url).href;
  const program = `
    const { ResultDirectory } = await import(${JSON.stringify(module)});
    const directory = new ResultDirectory(${JSON.stringify(folder)});
    const metrics = directory.table('metrics.csv', ['time', 'value']);
    directory.summary({ seed: 1 });
    for (let time = 0; ; time++) {
      metrics.write({ time, value: 0.5 });
      if (time === 20000) process.stdout.write('written');
      if (time % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (time > 20000) await new Promise((resolve) => setTimeout(resolve, 5));
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  const [, signal] = await once(child, 'exit');
  assert.equal(signal, 'SIGKILL');
}

/** Writes a lock as another process would. */
function lock(folder: string, holder: object): void {
  const all = {
    pid: process.pid,
    host: hostname(),
    since: '2026-01-01T00:00:00.000Z',
    token: 'x',
    ...holder,
  };
  writeFileSync(`${folder}.lock`, `${JSON.stringify(all)}\n`);
}

test('a second run into the folder is refused, in one sentence that names the first', async (context) => {
  const folder = join(temporary(context), '1');
  const child = await startWriter(folder);
  try {
    for (const attempt of [() => new ResultDirectory(folder), () => checkWritable(folder)]) {
      assert.throws(attempt, (error: Error & { code: string }) => {
        assert.equal(error.code, 'results-in-use');
        assert.match(
          error.message,
          new RegExp(
            `^cannot write .*/1: another run writes there, process ${child.pid} since 2.*: wait for it`,
          ),
        );
        return true;
      });
    }
  } finally {
    await kill(child);
  }
  const next = new ResultDirectory(folder);
  assert.throws(() => new ResultDirectory(folder), { code: 'results-in-use' });
  next.abort();
  assert.deepEqual(list(join(folder, '..')), []);
});

test('a run that is killed leaves no folder of results, and the next one removes what it has left', async (context) => {
  const parent = temporary(context);
  const folder = join(parent, '1');
  writeFileSync(join(parent, '1.partial-mine'), '');
  await kill(await startWriter(folder));
  const left = list(parent);
  assert.equal(left.length, 3);
  const partial = left.find((name) => /^1\.partial-\d/.test(name))!;
  assert.ok(read(parent, partial, 'metrics.csv').startsWith('time,value\r\n0,0.5\r\n'));
  const next = new ResultDirectory(folder);
  fill(next, 2);
  next.commit();
  assert.deepEqual(list(parent), ['1', '1.partial-mine']);
});

test('the lock of another process with the same id is stale, that of another machine is not', {
  skip: !existsSync('/proc/self/stat') && 'this system does not say when a process was started',
}, (context) => {
  const folder = join(temporary(context), '1');
  lock(folder, { start: '1' });
  new ResultDirectory(folder).abort();
  lock(folder, { host: 'elsewhere' });
  assert.throws(
    () => new ResultDirectory(folder),
    /on elsewhere since 2026-01-01.*delete .*1\.lock if it no longer runs/,
  );
  writeFileSync(`${folder}.lock`, 'mine');
  assert.throws(() => new ResultDirectory(folder), /1\.lock is not a lock that this version has written/);
});

test('a run whose lock was taken away does not commit', (context) => {
  const folder = join(temporary(context), '1');
  const directory = new ResultDirectory(folder);
  fill(directory, 1);
  lock(folder, {});
  assert.throws(() => directory.commit(), { code: 'results-in-use' });
  directory.abort();
  assert.deepEqual(list(join(folder, '..')), ['1.lock']);
});

test('a commit that was killed half way is ended by the next run', (context) => {
  const parent = temporary(context);
  const folder = join(parent, '1');
  const first = new ResultDirectory(folder);
  fill(first, 1);
  first.commit();
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  renameSync(folder, `${folder}.older`);
  new ResultDirectory(folder).abort();
  assert.equal(read(folder, 'summary.json'), '{\n  "seed": 1\n}\n');
  cpSync(folder, `${folder}.older`, { recursive: true });
  rmSync(join(folder, 'notes.txt'));
  new ResultDirectory(folder).abort();
  assert.deepEqual(list(folder), ['metrics.csv', 'notes.txt', 'summary.json', 'topology.csv', 'traffic.csv']);
  assert.deepEqual(list(parent), ['1']);
});

test('nothing is written by way of a link', (context) => {
  const folder = temporary(context);
  writeFileSync(join(folder, 'target'), 'mine');
  symlinkSync(join(folder, 'target'), join(folder, 'metrics.csv'));
  assert.throws(() => new OutputFile(join(folder, 'metrics.csv')), { code: 'unwritable-output' });
  assert.equal(read(folder, 'target'), 'mine');
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

test('a folder that cannot be renamed is a usage error, and the older result stays', (context) => {
  const folder = join(temporary(context), '1');
  const older = new ResultDirectory(folder);
  fill(older, 1);
  older.commit();
  const directory = new ResultDirectory(folder);
  fill(directory, 2);
  mkdirSync(join(`${folder}.older`, 'occupied'), { recursive: true });
  assert.throws(() => directory.commit(), { name: 'UsageError', code: 'unwritable-output' });
  directory.abort();
  assert.equal(read(folder, 'summary.json'), '{\n  "seed": 1\n}\n');
  assert.deepEqual(list(join(folder, '..')), ['1', '1.older']);
});

test('a result without a summary, and a file written twice or too late, fail an assertion', (context) => {
  const directory = new ResultDirectory(join(temporary(context), '1'));
  const metrics = directory.table('metrics.csv', ['time']);
  assert.throws(() => directory.commit(), /expected a summary before commit/);
  assert.throws(() => directory.table('metrics.csv', ['time']), /metrics.csv: expected to be written once/);
  directory.summary({});
  directory.commit();
  assert.throws(() => directory.summary({}), /expected no write after commit or abort/);
  assert.throws(() => {
    metrics.write({ time: 0 });
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

test('a run with checkpoints stays where it is when it ends early, and is continued from what they know', (context) => {
  const folder = join(temporary(context), '1');
  const directory = new ResultDirectory(folder, { resumable: true });
  const table = directory.table('metrics.csv', ['time']);
  directory.trace().write({ n: 1 });
  table.write({ time: 1 });
  for (const number of [1, 2, 3]) directory.checkpoint(number, { files: directory.sync() });
  table.write({ time: 2 });
  directory.sync();
  assert.ok(directory.isResumable);
  directory.abort();
  assert.deepEqual(list(join(folder, '..')), ['1.running']);
  assert.deepEqual(list(`${folder}.running`), [
    'checkpoint-2',
    'checkpoint-3',
    'metrics.csv',
    'trace.ndjson',
  ]);
  for (const attempt of [() => new ResultDirectory(folder), () => checkWritable(folder)]) {
    assert.throws(attempt, {
      code: 'unfinished-run',
      message: new RegExp(`Expected \`mycel resume ${folder}\`, which goes on with it`),
    });
  }
  const [last] = [...readCheckpoints(`${folder}.running`)];
  assert.ok(last && 'value' in last);
  assert.equal(last.number, 3);
  const { files } = last.value as { files: Record<string, Written> };
  const again = new ResultDirectory(folder, { resumable: true, from: files });
  again.table('metrics.csv', ['time']).write({ time: 3 });
  again.trace();
  again.summary({});
  again.commit();
  assert.deepEqual(list(join(folder, '..')), ['1']);
  assert.deepEqual(list(folder), ['metrics.csv', 'summary.json', 'trace.ndjson']);
  assert.equal(read(folder, 'metrics.csv'), 'time\r\n1\r\n3\r\n');
});

test('an early end before the first checkpoint leaves nothing, and a file that was changed since its checkpoint is refused', (context) => {
  const folder = join(temporary(context), '1');
  const directory = new ResultDirectory(folder, { resumable: true });
  directory.table('metrics.csv', ['time']);
  directory.abort();
  assert.deepEqual(list(join(folder, '..')), []);
  const second = new ResultDirectory(folder, { resumable: true });
  second.table('metrics.csv', ['time']);
  second.checkpoint(1, { files: second.sync() });
  second.abort();
  const known = { bytes: 6, crc32: crc32('time\r\n') };
  const refused = (from: Written, message: RegExp) => {
    const third = new ResultDirectory(folder, { resumable: true, from: { 'metrics.csv': from } });
    assert.throws(() => third.table('metrics.csv', ['time']), { code: 'changed-output', message });
    third.abort();
  };
  refused({ ...known, bytes: 7 }, /metrics\.csv: expected the 7 bytes that the run has .* got only 6:/);
  writeFileSync(join(`${folder}.running`, 'metrics.csv'), 'tame\r\n');
  refused(known, /metrics\.csv: expected the 6 bytes that the run has .* got others: the file was changed/);
});

test('files of the end that a killed run has written after its last checkpoint do not stop it from being continued', (context) => {
  const folder = join(temporary(context), '1');
  const directory = new ResultDirectory(folder, { resumable: true });
  const table = directory.table('metrics.csv', ['time']);
  const from = directory.sync();
  directory.checkpoint(1, { files: from });
  table.write({ time: 1 });
  directory.table('traffic.csv', ['type']);
  directory.summary({});
  // What remains of a process that is killed here, but for its lock.
  directory.abort();
  const again = new ResultDirectory(folder, { resumable: true, from });
  again.table('metrics.csv', ['time']);
  again.table('traffic.csv', ['type']);
  again.summary({});
  again.commit();
  assert.equal(read(folder, 'metrics.csv'), 'time\r\n');
});

test('a check of a folder removes nothing: another run may have begun there since', (context) => {
  const folder = join(temporary(context), '1');
  mkdirSync(`${folder}.running`);
  checkWritable(folder);
  assert.ok(existsSync(`${folder}.running`));
  const directory = new ResultDirectory(folder, { resumable: true });
  directory.summary({});
  directory.commit();
});

test('a file is removed where it could not be written to its end, and stays once it is closed', (context) => {
  const folder = temporary(context);
  const file = new OutputFile(join(folder, 'a'));
  file.write('half');
  file.remove();
  assert.deepEqual(list(folder), []);
  const whole = new OutputFile(join(folder, 'a'));
  whole.write('whole');
  whole.close();
  whole.remove();
  assert.equal(read(folder, 'a'), 'whole');
});
