// Where kills and deaths take place: a small scenario with two runs, commands on it, and what must be so after one was killed.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { carryOut } from '../../../dist/src/cli/carry-out.js';
import { silent } from '../../../dist/src/cli/progress.js';
import { resumeCommand } from '../../../dist/src/cli/resume.js';
import { runCommand } from '../../../dist/src/cli/run.js';
import { hasCheckpoint } from '../../../dist/src/report/checkpoint-file.js';
import { loadScenario } from '../../../dist/src/scenario/load.js';
import { planScenario } from '../../../dist/src/scenario/plan.js';
import { expect } from './inputs.mjs';
import { inProcess } from './mycel.mjs';
import { expectSameFiles, filesOf, scenarioText } from './results.mjs';

const SEEDS = [1, 2];
const EVERY = { events: 60 };
/** What a run removes that is begun after a kill. */
const UNFINISHED = /\.(running|partial-|older)/;
/** A file that is no result. */
const NOTE = 'note.txt';
const LEFT_BEHIND =
  /^\d+(\.running|\.interrupted|\.older|\.interrupted\.older|\.lock.*|\.partial-\d+-[0-9a-f]{8}|\.writable-.*)$/;

/** Computes the undisturbed results in `folder`, and an unfinished run for `resume`. */
export async function makeScene(folder) {
  const file = join(folder, 'kill.yaml');
  writeFileSync(file, scenarioText());
  const input = join(folder, 'input');
  const parent = join(input, 'kill');
  const flags = { out: input, workers: 0, set: [], quiet: true, seed: SEEDS };
  await inProcess(() => runCommand([file], flags));
  const expected = new Map(SEEDS.map((seed) => [seed, filesOf(join(parent, String(seed)))]));
  const earlier = join(folder, 'earlier');
  cpSync(parent, earlier, { recursive: true });
  for (const seed of SEEDS) writeFileSync(join(earlier, String(seed), NOTE), 'of the user');
  const unfinished = join(folder, 'unfinished');
  await leaveUnfinished(file, unfinished);

  const words = ['--out', input, '--quiet', '--no-tables', '--workers', '0'];
  /** What is killed, as arguments of the command line. */
  const commands = {
    run: ['run', file, '--seed', '1', ...words],
    two: ['run', file, '--seed', '1..2', ...words],
    checkpoints: ['run', file, '--seed', '1', '--checkpoint', 'events=60', ...words],
    resume: ['resume', join(parent, '1'), '--quiet', '--workers', '0'],
  };
  /** The same in this process. */
  const calls = {
    run: () => runCommand([file], { ...flags, seed: [1] }),
    two: () => runCommand([file], flags),
    checkpoints: () => runCommand([file], { ...flags, seed: [1], checkpoint: EVERY }),
    resume: () => resumeCommand([join(parent, '1')], { workers: 0, quiet: true }),
  };
  return { commands, calls, parent, reset, look, finish };

  /** Files as they are before a command; `hasEarlier`: with earlier results of the same runs, and files of the user in them. */
  function reset(name, hasEarlier = false) {
    rmSync(input, { recursive: true, force: true });
    mkdirSync(parent, { recursive: true });
    if (hasEarlier) cpSync(earlier, parent, { recursive: true });
    if (name === 'resume') cpSync(unfinished, join(parent, '1.running'), { recursive: true });
  }

  /** A folder with the name of a result is that result, and all else has a name that says that it is none. */
  function look({ hasEarlier, mayInterrupt, what }) {
    for (const found of readdirSync(parent)) {
      const seed = Number(found);
      if (expected.has(seed)) expectResult(seed, { hasEarlier, what });
      else expect(LEFT_BEHIND.test(found), `expected no ${found} ${what}`);
      if (!found.endsWith('.interrupted')) continue;
      expect(mayInterrupt, `expected no ${found} ${what}`);
      const { stopped } = JSON.parse(readFileSync(join(parent, found, 'summary.json'), 'utf8'));
      expect(stopped === 'interrupted', `expected ${found} to say that it was interrupted, got ${stopped}`);
    }
  }

  /** Files of the user that stand in a folder of results stay there. */
  function expectResult(seed, { hasEarlier, what }) {
    const result = join(parent, String(seed));
    const { [NOTE]: moved, ...files } = filesOf(result);
    // Until the next run, where one was killed just after the results had got their name.
    const older = join(`${result}.older`, NOTE);
    const note = moved ?? (existsSync(older) ? readFileSync(older, 'utf8') : undefined);
    expect(!hasEarlier || note === 'of the user', `${what}: expected ${NOTE} to stay in ${result}`);
    expectSameFiles(files, expected.get(seed), `${what}: ${result}`);
  }

  /** What was begun is run or resumed to its end. */
  async function finish({ hasEarlier, seeds = [1] }) {
    for (const seed of seeds) {
      const result = join(parent, String(seed));
      const isBegun = readdirSync(parent).some(
        (name) => name.startsWith(`${seed}.`) && UNFINISHED.test(name),
      );
      // What is whole was looked at.
      if (existsSync(result) && !isBegun) continue;
      const isResumed = hasCheckpoint(`${result}.running`);
      const { code, err } = await inProcess(() =>
        isResumed
          ? resumeCommand([result], { workers: 0, quiet: true })
          : runCommand([file], { ...flags, seed: [seed], checkpoint: EVERY }),
      );
      expect(code === 0, `${isResumed ? 'resume' : 'run'} after the kill: exit code ${code}: ${err}`);
      expectResult(seed, { hasEarlier, what: isResumed ? 'resumed' : 'run again' });
    }
    const more = readdirSync(parent).filter((name) => UNFINISHED.test(name));
    expect(more.length === 0, `expected no unfinished run beside the results, got ${more.join(', ')}`);
  }
}

/** A run that was stopped after some checkpoints, as the folder `unfinished`. */
export async function leaveUnfinished(file, unfinished, { seed = 1, trace = false, checkpoints = 4 } = {}) {
  const [plan] = planScenario(await loadScenario(file, { seeds: [seed] }));
  const folder = `${unfinished}-result`;
  const controller = new AbortController();
  let count = 0;
  const execution = { backend: 'auto', workers: 0, signal: controller.signal };
  await carryOut(
    { plan, folder },
    {
      execution,
      progress: silent,
      trace,
      interval: EVERY,
      onCheckpoint() {
        if (++count === checkpoints) controller.abort();
      },
    },
  );
  cpSync(`${folder}.running`, unfinished, { recursive: true });
  rmSync(`${folder}.running`, { recursive: true });
  return plan;
}
