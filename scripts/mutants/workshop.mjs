// Copies of the project in which compiled modules are changed and tests are run, while the project itself stays as it is.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Never written to, and large. */
const LINKED = ['node_modules', 'build'];
const LEFT_OUT = ['.git', 'out', ...LINKED];
const MEMORY_MAX = 4 * 2 ** 30;
const PAGE = 4096;

/** A copy of the project, with a folder for temporary files of tests. */
export function openWorkshop(root) {
  const base = mkdtempSync(join(tmpdir(), 'mycel-mutants-'));
  const folder = join(base, 'mycel');
  mkdirSync(folder);
  for (const name of readdirSync(root).filter((name) => !LEFT_OUT.includes(name)))
    cpSync(join(root, name), join(folder, name), { recursive: true });
  for (const name of LINKED) symlinkSync(join(root, name), join(folder, name));
  const temporary = join(base, 'tmp');
  mkdirSync(temporary);
  const running = new Set();
  const close = () => {
    for (const child of running) kill(child);
    rmSync(base, { recursive: true, force: true, maxRetries: 5 });
  };
  return { folder, temporary, running, close };
}

/** Ends a process and what it has started. */
function kill({ pid }) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** What a process holds in memory; 0 where the system does not say. */
function memoryOf(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE;
  } catch {
    return 0;
  }
}

/**
 * Runs one test file until it ends, a test of it fails, or `limit` milliseconds have passed. `passed` and `failed` are what they say;
 * `timeout` also stands for a process that takes more than 4 GB.
 */
export function runTest({ folder, temporary, running }, file, { limit, env = {} }) {
  const begin = performance.now();
  const child = spawn(process.execPath, ['--test-reporter=tap', file], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, TMPDIR: temporary, ...env },
  });
  running.add(child);
  return new Promise((resolve) => {
    let outcome;
    const stop = (why) => {
      outcome ??= why;
      kill(child);
    };
    const timer = setTimeout(() => stop('timeout'), limit);
    const watch = setInterval(() => memoryOf(child.pid) > MEMORY_MAX && stop('timeout'), 500);
    let tail = '';
    child.stdout.on('data', (data) => {
      tail = (tail + data).slice(-20_000);
      if (/^\s*not ok /m.test(tail)) stop('failed');
    });
    child.on('close', (code) => {
      running.delete(child);
      clearTimeout(timer);
      clearInterval(watch);
      stop(code === 0 ? 'passed' : 'failed');
      for (const name of readdirSync(temporary))
        rmSync(join(temporary, name), { recursive: true, force: true });
      resolve({ outcome, ms: performance.now() - begin });
    });
  });
}
