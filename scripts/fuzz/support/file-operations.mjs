// What a process does to files, one operation after another: counted, delayed, or ended at one of them.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** Those that change something. */
const OPERATIONS = [
  'openSync',
  'writeSync',
  'writeFileSync',
  'fsyncSync',
  'ftruncateSync',
  'renameSync',
  'rmSync',
  'rmdirSync',
  'mkdirSync',
  'linkSync',
];

/**
 * Puts `around(name, real, args, number)` in place of every operation, which are numbered from 0; it returns what the operation returns.
 * Returns a function that puts everything back.
 */
export function follow(around) {
  const originals = {};
  let isInside = false;
  let count = 0;
  for (const name of OPERATIONS) {
    const real = fs[name];
    originals[name] = real;
    fs[name] = (...args) => {
      // Reading changes nothing, and what an operation does inside is a part of it.
      if (isInside || (name === 'openSync' && !/[wax+]/.test(args[1]))) return real(...args);
      isInside = true;
      try {
        return around(name, real, args, count++);
      } finally {
        isInside = false;
      }
    };
  }
  syncBuiltinESMExports();
  return () => {
    Object.assign(fs, originals);
    syncBuiltinESMExports();
  };
}

/** Does the operation as far as it comes where the process is killed: not at all, half of what is written, or all. */
export function cutShort(when, name, real, args) {
  if (when === 'after') real(...args);
  if (when !== 'middle' || !name.startsWith('write')) return;
  const bytes = Buffer.from(args[1]);
  real(args[0], bytes.subarray(0, bytes.length >> 1), ...args.slice(name === 'writeSync' ? 4 : 2));
}
