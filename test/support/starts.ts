/** Projects that `mycel init` and `mycel new` make in a temporary folder, with this build of Mycel as their dependency. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../tidy/source.js';
import { bin } from './cli.js';

const root = projectRoot();

/** The kinds of starts that are modules. */
export const MODULES = ['algorithm', 'probe', 'data', 'model', 'topology'] as const;

/** Links what `npm install` would bring into the project: Mycel, and the types of Node. */
export function installHere(): void {
  mkdirSync('node_modules');
  symlinkSync(root, join('node_modules', 'mycel'), 'dir');
  symlinkSync(join(root, 'node_modules', '@types'), join('node_modules', '@types'), 'dir');
}

/** Runs a program of Node in the current folder. Returns what it printed; throws where it fails. */
function node(...args: string[]): string {
  // The runner of these tests would take the output of one below it for its own.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`node ${args.join(' ')}: exit code ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

export const mycelHere = (...args: string[]): string => node(bin, ...args);
export const compileHere = (...args: string[]): string =>
  node(join(root, 'node_modules', 'typescript', 'bin', 'tsc'), ...args);

/** Runs tests; returns the numbers of those that passed and of those that did not. */
export function testHere(...files: string[]): { readonly passed: number; readonly others: number } {
  const printed = node('--test', '--test-reporter=tap', ...files);
  const count = (name: string) => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(printed)?.[1]);
  return {
    passed: count('pass'),
    others: count('fail') + count('cancelled') + count('skipped') + count('todo'),
  };
}
