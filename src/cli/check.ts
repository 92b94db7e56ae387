/** `mycel check`: tries variations of a scenario, and checks in each what must always hold. */
import { type ChildProcess, fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { EXIT, UsageError } from '../errors.js';
import { formatTable } from '../report/index.js';
import { loadScenario, type ScenarioVariant } from '../scenario/load.js';
import { invariants } from '../testing/invariants.js';
import {
  type CheckedScenario,
  checkVariation,
  type Elsewhere,
  InvariantError,
  type Outcome,
  type Tried,
} from '../testing/scenario-check.js';
import { arbitraryVariation, type Variation, varied } from '../testing/variations.js';
import { formatBytes, formatDuration, parseDuration } from '../units.js';
import { listenForInterrupts } from './interrupt.js';

/** Options of `mycel check` as commander gives them. */
export interface CheckFlags {
  readonly runs: number;
  readonly seed: number;
  /** Milliseconds. */
  readonly for?: number;
  readonly algorithm?: string;
  readonly path?: string;
  readonly set: readonly string[];
  readonly quiet?: true;
}

/** A whole number of at least 1. Throws UsageError. */
export function parseRuns(text: string): number {
  const runs = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (runs >= 1 && Number.isSafeInteger(runs)) return runs;
  throw new UsageError('bad-runs', `expected a whole number of at least 1, got "${text}"`);
}

/** `5min` → milliseconds. Throws UsageError. */
export function parseTime(text: string): number {
  return Math.max(1, parseDuration(text) / 1e6);
}

/** Checks every variant of every file. Returns the exit code: `differs` if an invariant does not hold. */
export async function checkCommand(files: readonly string[], flags: CheckFlags): Promise<number> {
  const set = [
    ...flags.set,
    ...(flags.algorithm === undefined ? [] : [`algorithm={use: ${flags.algorithm}}`]),
  ];
  const variants: { readonly file: string; readonly variant: ScenarioVariant }[] = [];
  for (const file of files) {
    const scenario = await loadScenario(file, { set });
    for (const variant of scenario.variants) variants.push({ file, variant });
  }
  const other = new OtherProcess();
  const interruption = listenForInterrupts();
  let code: number = EXIT.ok;
  try {
    for (const { file, variant } of variants) {
      if (interruption.signal.aborted) return EXIT.interrupted;
      const isHeld = await checkVariant(file, variant, { flags, other, signal: interruption.signal });
      if (!isHeld) code = EXIT.differs;
    }
    return interruption.signal.aborted ? EXIT.interrupted : code;
  } finally {
    interruption.stop();
    other.close();
  }
}

interface CheckParts {
  readonly flags: CheckFlags;
  readonly other: OtherProcess;
  readonly signal: AbortSignal;
}

/** Checks one scenario, and prints what was found. Returns whether all invariants held. */
async function checkVariant(
  file: string,
  variant: ScenarioVariant,
  { flags, other, signal }: CheckParts,
): Promise<boolean> {
  const name = [file, variant.name].filter(Boolean).join(' ');
  const subject: CheckedScenario = {
    scenario: variant.plan.resolved as CheckedScenario['scenario'],
    algorithm: variant.plan.algorithm.entry,
    file,
    directory: dirname(resolve(file)),
  };
  const tally = new Tally();
  let first: string | undefined;
  const property = fc.asyncProperty(
    arbitraryVariation(subject.scenario, subject.algorithm),
    async (variation) => {
      if (signal.aborted) return;
      try {
        tally.add(
          variation,
          await checkVariation(subject, variation, { elsewhere: (job) => other.run(job), only: first }),
        );
      } catch (error) {
        if (!(error instanceof InvariantError)) throw error;
        first ??= error.invariant;
        // A smaller variation counts only where it breaks the same invariant.
        if (error.invariant === first) throw error;
      }
      if (!flags.quiet && process.stderr.isTTY) process.stderr.write(`\r${name}: ${tally.progress()}`);
    },
  );
  const details = await fc.check(property, {
    seed: flags.seed,
    numRuns: flags.runs,
    endOnFailure: false,
    ...(flags.path !== undefined && { path: flags.path }),
    ...(flags.for !== undefined && {
      interruptAfterTimeLimit: flags.for,
      markInterruptAsFailure: false,
      numRuns: 1e9,
    }),
  });
  if (!flags.quiet && process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  if (!details.failed) {
    if (tally.ran === 0)
      throw new UsageError(
        'nothing-ran',
        `${name}: expected a variation that runs, but all were refused:\n${tally.refusals()}`,
        file,
      );
    console.log(`${name}: all ${invariants.length} invariants hold\n${tally.table()}`);
    return true;
  }
  const error = details.errorInstance;
  if (!(error instanceof InvariantError)) throw error;
  const [variation] = details.counterexample as [Variation];
  const scenario = varied(subject.scenario, variation, subject.algorithm);
  const saved = `check-${basename(file).replace(/\.[^.]*$/, '')}-${error.invariant}.yaml`;
  writeFileSync(saved, stringify(scenario));
  const { says } = invariants.find(({ id }) => id === error.invariant)!;
  console.log(
    [
      `${name}: the invariant "${error.invariant}" does NOT hold: ${says}`,
      `  ${error.message}`,
      `  smallest variation found (${scenario.nodes} nodes): ${saved}: mycel run ${saved}`,
      `  again: mycel check ${file} --seed ${flags.seed} --path "${details.counterexamplePath}"`,
      tally.table(),
    ].join('\n'),
  );
  return false;
}

/** What was tried. */
class Tally {
  ran = 0;
  #refused = new Map<string, number>();
  readonly #nodes = new Set<number>();
  #events = 0;
  #messages = 0;
  #lost = 0;
  #bytes = 0;
  #faults = 0;
  #time = 0;

  add({ changes }: Variation, tried: Tried): void {
    if ('refused' in tried) {
      // The place is a line of no file.
      const reason = tried.refused.split('\n')[0]!;
      this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
      return;
    }
    const { messages, bytes } = tried.result.traffic;
    this.ran++;
    this.#nodes.add(tried.plan.nodes);
    this.#events += tried.result.events;
    this.#messages += messages.sent;
    this.#lost += messages.dropped + messages.cut;
    this.#bytes += bytes.sent;
    this.#faults += (changes.faults as readonly unknown[]).length;
    this.#time += tried.result.time;
  }

  progress(): string {
    return `${this.ran} variations`;
  }

  table(): string {
    const nodes = [...this.#nodes].sort((a, b) => a - b);
    const refused = [...this.#refused.values()].reduce((sum, count) => sum + count, 0);
    return formatTable(
      [
        'variations',
        'refused',
        'nodes',
        'events',
        'messages',
        'dropped or cut',
        'bytes',
        'nodes taken down',
        'virtual time',
      ],
      [
        [
          String(this.ran),
          String(refused),
          nodes.length === 0 ? '–' : `${nodes[0]}–${nodes.at(-1)}`,
          this.#events.toLocaleString('en'),
          this.#messages.toLocaleString('en'),
          this.#lost.toLocaleString('en'),
          formatBytes(this.#bytes),
          String(this.#faults),
          formatDuration(this.#time),
        ],
      ],
    );
  }

  /** The most frequent reasons. */
  refusals(): string {
    return [...this.#refused]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 5)
      .map(([reason, count]) => `  ${count} × ${reason}`)
      .join('\n');
  }
}

/** Runs scenarios in another process, which is started when it is first needed. */
class OtherProcess {
  #child: ChildProcess | undefined;
  #number = 0;

  run(job: Parameters<Elsewhere>[0]): Promise<Outcome> {
    this.#child ??= fork(fileURLToPath(new URL('./check-child.js', import.meta.url)));
    const child = this.#child;
    const number = this.#number++;
    const { scenario, file, directory } = job;
    return new Promise((resolved, rejected) => {
      const heard = (answer: { number: number; outcome?: Outcome; error?: string }) => {
        if (answer.number !== number) return;
        child.off('message', heard).off('exit', ended);
        if (answer.outcome) resolved(answer.outcome);
        else rejected(new InvariantError('repeated', `in another process: ${answer.error}`));
      };
      const ended = () => rejected(new InvariantError('repeated', 'the other process ended'));
      child.on('message', heard).on('exit', ended);
      child.send({ number, scenario, file, directory });
    });
  }

  close(): void {
    this.#child?.removeAllListeners();
    // It leaves SIGTERM to the first process.
    this.#child?.kill('SIGKILL');
  }
}
