// Feeds the program what nobody should: `npm run fuzz -- [kind …] [--runs N] [--seed S] [--for 5min] [--only INDEX] [--keep FOLDER]`.
// Kinds are in scripts/fuzz/kinds.mjs; without one, all are tried. `--runs` and `--for` are for each kind. What fails is kept in FOLDER
// (default: a new one in the folder for temporary files), with what repeats it.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseDuration } from '../dist/src/units.js';
import { KINDS, loadKind } from './fuzz/kinds.mjs';
import { tryWatched } from './fuzz/support/watched.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    for: { type: 'string' },
    only: { type: 'string' },
    keep: { type: 'string' },
  },
});
const names = positionals.length === 0 ? KINDS : positionals;
const unknown = names.find((name) => !KINDS.includes(name));
if (unknown !== undefined) fail(`expected kinds among ${KINDS.join(', ')}, got ${unknown}`);
const seed = number('seed');
const only = number('only');
if (only !== undefined && names.length !== 1) fail('expected one kind with --only');
const runs = number('runs');
const milliseconds = values.for === undefined ? Number.POSITIVE_INFINITY : duration(values.for);
const folder = values.keep === undefined ? mkdtempSync(join(tmpdir(), 'mycel-fuzz-')) : resolve(values.keep);

let passed = 0;
let failed = 0;
for (const name of names) {
  const kind = await loadKind(name);
  const started = Date.now();
  const [from, to] = only === undefined ? [0, runs ?? kind.runs] : [only, only + 1];
  const deadline = started + milliseconds;
  const { inputs, accepted, refused, failures, skipped } = await tryWatched(kind, {
    seed,
    from,
    to,
    deadline,
    folder,
  });
  if (skipped !== undefined) {
    console.log(`${name}: skipped: ${skipped}`);
    continue;
  }
  for (const { index, message, folder: place } of failures)
    console.log(`${name} ${index}: ${message}\n  kept in ${place}`);
  const words = { accepted: 'accepted', refused: 'refused', ...kind.words };
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(
    `${name}: ${inputs} inputs, ${accepted} ${words.accepted}, ${refused} ${words.refused}, ${failures.length} failures (seed ${seed}, ${seconds} s)`,
  );
  passed += inputs - failures.length;
  failed += failures.length;
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

function number(name) {
  if (values[name] === undefined) return undefined;
  if (/^\d+$/.test(values[name])) return Number(values[name]);
  return fail(`--${name}: expected a whole number, got ${values[name]}`);
}

function duration(text) {
  try {
    return parseDuration(text) / 1e6;
  } catch (error) {
    return fail(`--for: ${error.message}`);
  }
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
