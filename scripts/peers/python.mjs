// A Python with the libraries that peers need: that of --python, or a virtual environment of our own.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** PyTorch 2.8 is the last version for Python 3.9. On Linux its wheel brings libraries for GPUs with it: some 7 GB. */
const TORCH = 'torch==2.8.0';
const OTHERS = ['numpy<3', 'simpy==4.1.2'];

const quiet = (python, args) => spawnSync(python, args, { encoding: 'utf8' });
const has = (python, library) => quiet(python, ['-c', `import ${library}`]).status === 0;

/**
 * The interpreter, and which of the libraries `torch` and `simpy` it has. Installs what is missing into `folder`/venv, unless
 * an interpreter is given; says what cannot be had.
 */
export function findPython({ python, folder, index, wanted }) {
  const own = python === undefined;
  const interpreter = python ?? environmentIn(folder);
  if (interpreter === undefined) return { interpreter, libraries: new Set() };
  const missing = wanted.filter((library) => !has(interpreter, library));
  if (own && missing.length > 0) {
    if (missing.includes('simpy') || !has(interpreter, 'numpy')) install(interpreter, OTHERS, []);
    if (missing.includes('torch'))
      install(interpreter, [TORCH], index === undefined ? [] : ['--index-url', index]);
  }
  const libraries = new Set(wanted.filter((library) => has(interpreter, library)));
  for (const library of wanted)
    if (!libraries.has(library))
      console.error(`skipping what needs ${library}: ${interpreter} does not load it`);
  return { interpreter, libraries };
}

function environmentIn(folder) {
  const venv = join(folder, 'venv');
  const interpreter = join(venv, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  if (existsSync(interpreter)) return interpreter;
  mkdirSync(folder, { recursive: true });
  const made = quiet('python3', ['-m', 'venv', venv]);
  if (made.status === 0) return interpreter;
  console.error(`skipping all peers: no virtual environment: ${(made.error?.message ?? made.stderr).trim()}`);
  return undefined;
}

function install(interpreter, packages, options) {
  console.error(`installing ${packages.join(', ')}`);
  const args = ['-m', 'pip', 'install', '--quiet', '--no-cache-dir', ...options, ...packages];
  const { status, stderr } = quiet(interpreter, args);
  if (status !== 0)
    console.error(`pip install ${packages.join(' ')} failed: ${stderr.trim().split('\n').at(-1)}`);
}
