// Loaded before the command (`node --import`): counts what it does to files, and at one of these operations kills it, waits, or is slow.
// MYCEL_FOLLOW_FILES is JSON:
//   countTo     a file that gets the number of operations at the end
//   killAt      kills the process at the operation of this number
//   when        `before` it, in the `middle` of it (half of what is written), or `after` it
//   delays      a seed: waits up to some milliseconds before operations
//   gate, hold  files for which the process waits: before its first operation, of which it tells by `<gate>.<pid>`, and before a folder
//               gets its final name
import { existsSync, writeFileSync } from 'node:fs';
import { cutShort, follow } from './file-operations.mjs';

const { killAt, when, countTo, delays, gate, hold } = JSON.parse(process.env.MYCEL_FOLLOW_FILES ?? '{}');
let operations = 0;
let seed = delays ?? 0;

// The supervising process touches no files.
if (process.argv[1]?.endsWith('supervised.js')) {
  const restore = follow((name, real, args, number) => {
    operations++;
    if (number === 0 && gate) {
      writeFileSync(`${gate}.${process.pid}`, '');
      waitFor(gate);
    }
    if (hold && name === 'renameSync' && /\/\d+$/.test(String(args[1]))) waitFor(hold);
    if (delays !== undefined) pause(nextDelay());
    if (number !== killAt) return real(...args);
    cutShort(when, name, real, args);
    return process.kill(process.pid, 'SIGKILL');
  });
  process.on('exit', () => {
    restore();
    if (countTo) writeFileSync(countTo, String(operations));
  });
}

function waitFor(path) {
  for (let waited = 0; !existsSync(path) && waited < 60_000; waited += 2) pause(2);
}

function pause(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Mostly none, sometimes up to 8 ms. */
function nextDelay() {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return (seed >>> 24) % 4 === 0 ? (seed >>> 16) % 9 : 0;
}
