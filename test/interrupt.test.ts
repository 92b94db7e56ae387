/** The command line is ended: by signals at any time, by the system, and by a module that never ends. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PLUGIN } from './support/own-modules.js';
import { scenarioText } from './support/scenario-base.js';

const bin = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'mycel-interrupt-'));
test.after(() => rmSync(folder, { recursive: true }));

/** Starts `mycel run` on a scenario whose probe does this at every measurement. */
function start(name: string, measure: string) {
  writeFileSync(
    join(folder, `${name}.mjs`),
    `import { z } from ${PLUGIN};
    export default {
      id: 'mine',
      description: 'a probe of a test',
      options: z.strictObject({}),
      measure() { ${measure} return []; },
    };`,
  );
  const probes = `measure: { probes: [accuracy, { use: ./${name}.mjs }] }`;
  return command(name, { measure: probes, stop: 'stop: { after: 1000000 rounds }' });
}

function command(name: string, lines: Readonly<Record<string, string>>) {
  writeFileSync(join(folder, `${name}.yaml`), scenarioText(lines));
  const args = ['run', `${name}.yaml`, '--workers', '0', '--backend', 'cpu'];
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder });
  const said = { err: '', out: '' };
  child.stderr.on('data', (text) => {
    said.err += text;
  });
  const out = new Promise<void>((resolve) =>
    child.stdout.on('data', (text) => {
      said.out += text;
      resolve();
    }),
  );
  const exit = once(child, 'exit') as Promise<[number | null, string | null]>;
  return { child, said, out, exit };
}

const BUSY = "process.stdout.write('busy'); for (const end = Date.now() + 60000; Date.now() < end; ) ;";

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} ends the program in the middle of a computation of a minute`, async () => {
    const { child, said, out, exit } = start(`busy-${signal}`, BUSY);
    await out;
    const before = performance.now();
    child.kill(signal);
    assert.deepEqual(await exit, [130, null]);
    assert.ok(performance.now() - before < 30_000, 'long before the minute is over');
    assert.match(
      said.err,
      /^ended: there was no answer within two seconds, so what the unfinished run had measured since .* is dropped$/m,
    );
    assert.equal(readdirSync(join(folder, 'results')).includes(`busy-${signal}`), true);
  });
}

test('a second signal ends the program at once', async () => {
  const { child, said, out, exit } = start('twice', BUSY);
  await out;
  child.kill('SIGTERM');
  child.kill('SIGINT');
  assert.deepEqual(await exit, [130, null]);
  assert.match(said.err, /ended at once, so what the unfinished run had measured .* is dropped/);
});

test('SIGTERM keeps what was measured, as a folder that says so', async () => {
  const { child, said, out, exit } = start('kept', "process.stdout.write('measured');");
  await out;
  child.kill('SIGTERM');
  assert.deepEqual(await exit, [130, null]);
  assert.match(said.err, /what kept.yaml had measured in \d+ rounds is in results.kept.1\.interrupted/);
  const summary = readFileSync(join(folder, 'results/kept/1.interrupted/summary.json'), 'utf8');
  assert.equal((JSON.parse(summary) as { stopped: string }).stopped, 'interrupted');
  assert.deepEqual(readdirSync(join(folder, 'results/kept')), ['1.interrupted']);
});

test('the end of the supervising process is an interrupt too', async () => {
  const { child, out, exit } = start('orphan', "process.stdout.write('measured');");
  await out;
  child.kill('SIGKILL');
  await exit;
  const kept = join(folder, 'results/orphan');
  for (let tries = 0; !readdirSync(kept).includes('1.interrupted'); tries++) {
    assert.ok(tries < 300, 'the working process goes on without its supervisor');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});

test('a process that the system ends says so', async () => {
  const { said, exit } = start('aborted', 'process.abort();');
  assert.deepEqual(await exit, [134, null]);
  assert.match(
    said.err,
    /the process was ended by SIGABRT: probably there was not enough memory\. Expected a smaller scenario/,
  );
});

test('a module whose top-level await never ends is named', async () => {
  writeFileSync(join(folder, 'never.mjs'), 'await new Promise(() => {}); export default {};');
  const { said, exit } = command('never', { topology: 'topology: { use: ./never.mjs }' });
  assert.deepEqual(await exit, [2, null]);
  assert.equal(said.err, 'expected a module that loads, got ./never.mjs, whose top-level await never ends\n');
});
