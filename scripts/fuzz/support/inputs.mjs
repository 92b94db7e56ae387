// Tries the inputs of one kind, one after another, and keeps those that fail.
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Draw } from './draw.mjs';

/** What did not come out as it must. */
export class Failure extends Error {
  name = 'Failure';
}

/** Throws a Failure unless it holds. */
export function expect(holds, message) {
  if (!holds) throw new Failure(typeof message === 'function' ? message() : message);
}

/**
 * Tries the inputs from `from` to `to` − 1, until `deadline` (milliseconds since 1970). An input is decided by kind, seed and number alone.
 * `begun` hears of each before it is tried. Returns `{ inputs, accepted, refused, failures: [{ index, message, folder }], skipped }`.
 */
export async function tryInputs(
  kind,
  { seed, from = 0, to, deadline = Number.POSITIVE_INFINITY, folder, begun },
) {
  const work = join(folder, `work-${kind.name}`);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const tally = { inputs: 0, accepted: 0, refused: 0, failures: [], skipped: undefined };
  const subject = await kind.open({ folder: work, seed });
  if (subject.skipped) return { ...tally, skipped: subject.skipped };
  try {
    for (let index = from; index < to && Date.now() < deadline; index++) {
      begun?.(index, tally);
      const kept = new Map();
      tally.inputs++;
      try {
        const draw = new Draw(`${kind.name} ${seed} ${index}`);
        const outcome = await subject.try(draw, { index, keep: (name, content) => kept.set(name, content) });
        tally[outcome]++;
      } catch (error) {
        tally.failures.push(saved(error, { kind, seed, index, folder, kept, work }));
      }
    }
  } finally {
    await subject.close?.();
    rmSync(work, { recursive: true, force: true });
  }
  return tally;
}

/** Writes down a failure, with all that the input consists of. */
function saved(error, { kind, seed, index, folder, kept, work }) {
  const message = error instanceof Failure ? error.message : (error?.stack ?? String(error));
  const place = join(folder, 'failures', `${kind.name}-${seed}-${index}`);
  mkdirSync(place, { recursive: true });
  const again = `npm run fuzz -- ${kind.name} --seed ${seed} --only ${index}`;
  writeFileSync(join(place, 'failure.txt'), `${message}\n\nagain: ${again}\n`);
  for (const [name, content] of kept) writeFileSync(join(place, name), content);
  if (existsSync(join(work, 'input'))) cpSync(join(work, 'input'), join(place, 'input'), { recursive: true });
  return { index, message, folder: place };
}
