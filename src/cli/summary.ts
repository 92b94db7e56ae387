/** The content of summary.json. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { BACKEND_NAMES } from '../compute/backend.js';
import { UsageError } from '../errors.js';
import { formatJson } from '../report/json.js';
import type { PlannedRun } from '../scenario/plan.js';
import type { Execution } from '../simulation/plan.js';
import type { Result } from '../simulation/result.js';
import type { Nanoseconds, Round } from '../units.js';
import type { Fork } from './checkpoints.js';
import { mycelVersion, thisMachine } from './machine.js';

/** What a summary says beside the plan and the result. */
interface SummaryContext {
  readonly forks?: readonly Fork[] | undefined;
  readonly spans?: Round | undefined;
  /** Of the run; none where it was forked. */
  readonly key?: string | undefined;
}

/**
 * The summary of a run as plain data in a fixed order. It has no wall-clock time, and everything that may differ between
 * machines is under `machine`, so that two results are compared by ignoring that key alone.
 */
export function summaryOf(
  plan: PlannedRun,
  result: Result,
  { forks = [], spans, key }: SummaryContext,
): Summary {
  const { name: backend, engine } = result.backend;
  const { tasks, groups, meanGroupSize } = result.compute;
  const summary = {
    title: plan.title,
    ...(plan.variant.name === undefined ? {} : { variant: plan.variant.name }),
    seed: plan.seed,
    mycel: mycelVersion(),
    computed: computedBy(result),
    stopped: result.stopped,
    ...(result.explanation === undefined ? {} : { explanation: result.explanation }),
    time_ns: result.time,
    rounds: result.rounds,
    events: result.events,
    fingerprints: result.fingerprints,
    traffic: result.traffic,
    work: workOf(result),
    measured_at: result.measuredAt,
    final: result.final,
    ...(plan.measure.target === undefined ? {} : { target: targetOf(plan.measure.target, result) }),
    diverged: result.diverged.map(({ node, round, time }) => ({ node, round, time_ns: time })),
    ...(result.notFinite.length === 0 ? {} : { notFinite: result.notFinite.map(notFiniteOf) }),
    ...(Object.keys(result.leftOut).length === 0 ? {} : { artifacts_left_out: result.leftOut }),
    ...(spans === undefined ? {} : { spans }),
    ...(forks.length === 0 ? {} : { forked: forks }),
    scenario: plan.resolved,
    // The groups depend on the number of workers, the path on where the scenario lies, the key on the code; nothing else does.
    machine: {
      ...thisMachine(),
      file: plan.file,
      backend,
      ...(engine === undefined ? {} : { engine }),
      compute: { tasks, groups, meanGroupSize },
      ...(key === undefined ? {} : { key }),
    },
  };
  // As it stands in the file, where numbers that are not finite are text.
  return JSON.parse(formatJson(summary)) as Summary;
}

/** What decides the last bits: of step programs, no library does. */
function computedBy({ path, backend: { name, versions, threads } }: Result) {
  if (path !== 'TensorFlow.js') return { by: path };
  const { node: _node, ...libraries } = versions;
  const backend = name === 'native' ? 'wasm' : name;
  return { by: path, backend, versions: libraries, ...(threads === undefined ? {} : { threads }) };
}

function workOf({ work: { steps, samples, passes, flops } }: Result) {
  return { gradient_steps: steps, samples, passes, flops };
}

function notFiniteOf({ time, ...rest }: Result['notFinite'][number]) {
  return { ...rest, time_ns: time };
}

function targetOf(accuracy: number, { target }: Result) {
  if (target === undefined) return { accuracy, reached: false };
  return { accuracy, reached: true, sent_bytes: target.bytes, time_ns: target.time };
}

/** What is read of a summary. */
export interface Summary {
  readonly title: string;
  readonly mycel: string;
  readonly seed: number;
  readonly variant?: string;
  readonly stopped: Result['stopped'];
  readonly explanation?: string;
  readonly time_ns: Nanoseconds;
  readonly rounds: Round;
  readonly events: number;
  readonly fingerprints: Result['fingerprints'];
  readonly traffic: Readonly<Record<'messages' | 'bytes' | 'parts', Readonly<Record<string, number>>>>;
  readonly work: Readonly<Record<'gradient_steps' | 'samples' | 'passes' | 'flops', number>>;
  /** By metric; numbers that are not finite are text. */
  readonly final: Readonly<Record<string, number | string>>;
  readonly measured_at: string;
  readonly target?: {
    readonly accuracy: number;
    readonly sent_bytes?: number;
    readonly time_ns?: Nanoseconds;
  };
  readonly diverged: ReadonlyArray<{ readonly node: number; readonly round: Round }>;
  /** Numbers are text. */
  readonly notFinite?: ReadonlyArray<
    Omit<Result['notFinite'][number], 'value' | 'time'> & { readonly value: string }
  >;
  /** Why, by the artifact's name. */
  readonly artifacts_left_out?: Readonly<Record<string, string>>;
  readonly computed: {
    readonly by: string;
    readonly backend?: Execution['backend'];
    readonly threads?: number;
    readonly versions?: Readonly<Record<string, string>>;
  };
  readonly scenario: Readonly<Record<string, unknown>>;
  /** Rounds of which there are spans: every k-th. */
  readonly spans?: Round;
  readonly forked?: readonly Fork[];
  readonly machine: {
    readonly file?: string;
    readonly node?: string;
    readonly platform?: string;
    readonly cpu?: string;
    readonly backend?: string;
    readonly engine?: string;
    /** Of the run: see run-key.ts. */
    readonly key?: string;
  };
}

const optional = z.string().optional();

/** As {@link Summary}, as far as it is used. */
const summarySchema = z.looseObject({
  mycel: z.string(),
  variant: optional,
  stopped: z.string(),
  computed: z.looseObject({ backend: z.enum(['auto', ...BACKEND_NAMES]).optional() }),
  scenario: z.looseObject({}),
  forked: z.array(z.unknown()).optional(),
  machine: z.looseObject({ file: optional, node: optional, platform: optional, cpu: optional }),
});

/** The summary in a folder. Throws UsageError where there is none, or one of an interrupted run. */
export function readSummary(folder: string): Summary {
  const file = join(folder, 'summary.json');
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(
      'no-result',
      `expected a folder with a result, got ${folder}: ${(error as Error).message}`,
      folder,
    );
  }
  const parsed = summarySchema.safeParse(value);
  if (!parsed.success) {
    const place = parsed.error.issues[0]!.path.join('.');
    throw new UsageError(
      'no-result',
      `expected a summary of a run in ${file}, got another JSON${place && `: look at ${place}`}`,
      folder,
    );
  }
  const summary = value as Summary;
  if (summary.stopped === 'interrupted')
    throw new UsageError(
      'interrupted-result',
      `expected a complete result, got ${folder}, whose run was interrupted: run it again`,
      folder,
    );
  return summary;
}
