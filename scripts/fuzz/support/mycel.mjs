// The command line: as a process, and in this process.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EXIT, UsageError } from '../../../dist/src/errors.js';
import { Failure } from './inputs.mjs';

const cli = (name) => fileURLToPath(new URL(`../../../dist/src/cli/${name}.js`, import.meta.url));

/** `main` is the command; `supervised` is its process that works, by itself, which starts faster. */
const PROGRAMS = { main: cli('main'), supervised: cli('supervised') };

/** What a process of the fuzzer's loads first: it follows what the command does to files. */
const FOLLOW = new URL('./follow-files.mjs', import.meta.url).href;

/**
 * Starts the command in a group of its own; `follow` are settings of follow-files.mjs. Returns the process, and a promise of
 * `{ code, signal, out, err }` once it and all that it has started are gone.
 */
export function start(program, args, { cwd, env = {}, follow, node = process.execPath, flags = [] }) {
  const preload = follow === undefined ? [] : ['--import', FOLLOW];
  const child = spawn(node, [...flags, ...preload, PROGRAMS[program], ...args], {
    cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env, ...(follow && { MYCEL_FOLLOW_FILES: JSON.stringify(follow) }) },
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (text) => {
    said.out += text;
  });
  child.stderr.on('data', (text) => {
    said.err += text;
  });
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      groupOver(child.pid).then(() => resolve({ code, signal, ...said }), reject);
    });
  });
  return { child, ended };
}

/** Runs the command to its end. */
export function run(program, args, options) {
  return start(program, args, options).ended;
}

/** Ends all processes of a group; those that are gone already do not matter. */
export function killGroup(pid, signal = 'SIGKILL') {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

async function groupOver(pid) {
  for (let tries = 0; ; tries++) {
    try {
      process.kill(-pid, 0);
    } catch {
      return;
    }
    if (tries === 3000) {
      killGroup(pid);
      throw new Failure('a process that the command has started did not end within 30 seconds after it');
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/**
 * Calls a command in this process. Returns its exit code and what it said; a UsageError is exit code 2, as on the command line.
 * Other errors are thrown.
 */
export async function inProcess(command) {
  const said = { out: '', err: '' };
  const { log, error } = console;
  console.log = (text = '') => {
    said.out += `${text}\n`;
  };
  console.error = (text = '') => {
    said.err += `${text}\n`;
  };
  try {
    return { code: await command(), ...said };
  } catch (thrown) {
    const cause = thrown?.name === 'RunFailure' ? thrown.cause : thrown;
    if (!(cause instanceof UsageError)) throw cause;
    return { code: EXIT.usage, ...said, err: `${said.err}${cause.message}\n` };
  } finally {
    Object.assign(console, { log, error });
  }
}
