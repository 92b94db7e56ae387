/** A sweep whose runs stop in their second round until they are let go, so that tests can kill what they like at leisure. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bin, mycel } from './cli.js';
import { PLUGIN } from './own-modules.js';
import { scenarioText } from './scenario-base.js';

/** Writes scenario.yaml in the current folder; its runs stop while the file `go` is missing. */
export function writeSlowScenario(): void {
  writeFileSync(
    'slow.mjs',
    `import { existsSync } from 'node:fs';
import { z } from ${PLUGIN};
const go = new URL('go', import.meta.url);
const pause = new Int32Array(new SharedArrayBuffer(4));
export default { id: 'slow', description: 'waits', options: z.strictObject({}), measure(view) {
  if (view.round > 1) do Atomics.wait(pause, 0, 0, 20); while (!existsSync(go));
  return [{ metric: 'waited', value: view.round }];
} };
`,
  );
  writeFileSync(
    'scenario.yaml',
    scenarioText({
      measure: 'measure: { probes: [accuracy, { use: ./slow.mjs }] }',
      compare: 'compare: { network.drop: [0%, 5%] }',
      algorithm: 'algorithm: { use: d-psgd, deadline: 1s }',
      // Enough of them for a run that is let go to hear an interrupt before it ends.
      stop: 'stop: { after: 12 rounds }',
    }),
  );
}

/** Lets all runs end. */
export function letGo(): void {
  writeFileSync('go', '');
}

/** Stops runs again. */
export function hold(): void {
  rmSync('go', { force: true });
}

/** A command in a process of its own. */
export interface Started {
  readonly child: ChildProcess;
  readonly said: { err: string };
  /** Exit code and signal. */
  readonly exit: Promise<[number | null, string | null]>;
}

/** Starts mycel in the current folder, in a group of its own, so that all of its processes can be killed at once. */
export function start(...args: readonly string[]): Started {
  const child = spawn(process.execPath, [bin, ...args], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = { err: '' };
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  const exit = once(child, 'close') as Started['exit'];
  running.add(child);
  void exit.then(() => running.delete(child));
  return { child, said, exit };
}

/** What a test that fails leaves. */
const running = new Set<ChildProcess>();
test.after(() => {
  for (const { pid } of running) process.kill(-pid!, 'SIGKILL');
});

/** Kills a command, so that it can leave nothing in order. */
export async function killAll({ child, exit }: Started): Promise<void> {
  process.kill(-child.pid!, 'SIGKILL');
  await exit;
}

/** Keys of the runs of a store that have a result. */
export function finished(store: string): string[] {
  return readdirSync(store).filter((name) => /^[0-9a-f]{32}$/.test(name));
}

/** The processes that carry out runs of a store now: keys and process ids. */
export function atWork(store: string): { readonly key: string; readonly pid: number }[] {
  return readdirSync(store)
    .filter((name) => /^[0-9a-f]{32}\.lock$/.test(name))
    .flatMap((name) => {
      try {
        const { pid } = JSON.parse(readFileSync(join(store, name), 'utf8')) as { pid: number };
        return [{ key: name.slice(0, 32), pid }];
      } catch {
        // It is just ending.
        return [];
      }
    });
}

/** Whether results are those of `mycel run`, and every run is there once. */
export async function assertSame(out: string, seeds: string): Promise<void> {
  assert.equal(
    (await mycel('run', 'scenario.yaml', '--seed', seeds, '--quiet', '--workers', '0', '--out', 'plain'))
      .code,
    0,
  );
  const rows = (folder: string) => readFileSync(`${folder}/scenario/runs.csv`, 'utf8').trim().split('\r\n');
  const prints = (folder: string) => {
    const [header, ...lines] = rows(folder);
    const columns = header!.split(',');
    const wanted = ['variant', 'seed', 'trace', 'params'].map((name) => columns.indexOf(name));
    assert.ok(
      wanted.every((column) => column >= 0),
      header,
    );
    return lines.map((line) => wanted.map((column) => line.split(',')[column]));
  };
  assert.deepEqual(prints(out), prints('plain'));
}
