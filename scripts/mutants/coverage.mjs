// Which test files execute which places of the compiled modules, by V8's coverage of all their processes and threads.
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runTest } from './workshop.mjs';

/** Sets the places of a script that ran: inner ranges follow outer ones and overrule them. */
function paint(places, { functions }) {
  const own = new Uint8Array(places.length);
  for (const { ranges } of functions)
    for (const { startOffset, endOffset, count } of ranges)
      own.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  for (let i = 0; i < own.length; i++) places[i] |= own[i];
}

/** `[start, end, start, end …]` of the places that are set. */
function stretchesOf(places) {
  const stretches = [];
  for (let i = 0; i < places.length; i++) {
    if (places[i] !== (places[i - 1] ?? 0)) stretches.push(i);
  }
  if (stretches.length % 2 === 1) stretches.push(places.length);
  return stretches;
}

export function holds(stretches, place) {
  return stretches.some((start, k) => k % 2 === 0 && start <= place && place < stretches[k + 1]);
}

/**
 * Runs a test file as it is: `{ ms, ok, modules }`, with the stretches of each module that it executes. Longer than `limit`
 * milliseconds it is not waited for.
 */
export async function coverageOf(workshop, file, modules, limit) {
  const folder = join(workshop.folder, '..', 'coverage');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const { outcome, ms } = await runTest(workshop, file, { limit, env: { NODE_V8_COVERAGE: folder } });
  if (outcome !== 'passed') return { ms, outcome, modules: {} };
  const paths = new Map(modules.map((path) => [pathToFileURL(join(workshop.folder, path)).href, path]));
  const places = new Map();
  for (const name of readdirSync(folder)) {
    const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    for (const script of result) {
      const path = paths.get(script.url);
      if (path === undefined) continue;
      if (!places.has(path))
        places.set(path, new Uint8Array(readFileSync(join(workshop.folder, path), 'utf8').length));
      paint(places.get(path), script);
    }
  }
  return {
    ms,
    outcome,
    modules: Object.fromEntries([...places].map(([path, set]) => [path, stretchesOf(set)])),
  };
}
