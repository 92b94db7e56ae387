/** The text that is printed when all runs are over: a short summary of one run, or a table of several. */
import { dirname } from 'node:path';
import { POINTS } from '../metrics/points.js';
import { formatTable } from '../report/index.js';
import { formatBytes, formatDuration } from '../units.js';
import { comparison } from './comparison.js';
import { finalOf, formatFlops, partsUsed, percent, percentText } from './figures.js';
import type { RunRequest } from './run.js';
import type { Summary } from './summary.js';

/** A finished run. */
export interface FinishedRun extends RunRequest {
  readonly summary: Summary;
  /** What is to be said of its backend. */
  readonly note?: string | undefined;
}

/** The report on the runs of a command, without a newline at its end. */
export function report(runs: readonly FinishedRun[]): string {
  const titles = [...new Set(runs.map(({ plan }) => plan.title))];
  const body = runs.length === 1 ? single(runs[0]!) : comparison(runs);
  const backendNotes = runs.flatMap(({ note }) => note ?? []);
  const isLong = runs.length > RUNS_IN_FULL;
  const notes = isLong
    ? [incidents(runs)]
    : runs.flatMap((run) =>
        notesOf(run).map((note) => `${runs.length > 1 ? `${labelOf(run)}: ` : ''}${note}`),
      );
  notes.unshift(...new Set(backendNotes));
  return [
    titles.join('\n'),
    body,
    ...(notes.join('') === '' ? [] : [notes.filter((note) => note !== '').join('\n')]),
    isLong ? origins(runs) : runs.map(origin).join('\n'),
  ].join('\n\n');
}

/** Runs that have lines of their own. */
const RUNS_IN_FULL = 4;

/** What went otherwise than planned in many runs: a row for each variant of which there is something to say. */
function incidents(runs: readonly FinishedRun[]): string {
  const variants = [...new Set(runs.map(({ plan }) => plan.variant))];
  const counts: ReadonlyArray<readonly [title: string, count: (summary: Summary) => number]> = [
    ['stalled', ({ stopped }) => Number(stopped === 'stalled')],
    ['ended by time', ({ stopped }) => Number(stopped === 'time')],
    ['diverged', ({ diverged }) => Number(diverged.length > 0)],
    ['not finite', ({ notFinite = [] }) => notFinite.reduce((sum, { count }) => sum + count, 0)],
    ['left out', (summary) => Object.keys(summary.artifacts_left_out ?? {}).length],
    ...LOSSES.map(([kind, title]) => [title, ({ traffic }: Summary) => traffic.messages[kind]!] as const),
  ];
  const rows = variants.map((variant) => {
    const own = runs.filter(({ plan }) => plan.variant === variant);
    return {
      own,
      sums: counts.map(([, count]) => own.reduce((sum, { summary }) => sum + count(summary), 0)),
    };
  });
  const used = counts.flatMap((_, k) => (rows.some(({ sums }) => sums[k]! > 0) ? [k] : []));
  if (used.length === 0) return '';
  const titles = ['', 'runs', ...used.map((k) => counts[k]![0])];
  const cells = rows.flatMap(({ own, sums }) =>
    used.some((k) => sums[k]! > 0)
      ? [[own[0]!.plan.variant.name ?? own[0]!.plan.title, own.length, ...used.map((k) => sums[k]!)]]
      : [],
  );
  return `Runs, numbers and messages that were not as planned:\n\n${formatTable(titles, cells).trimEnd()}`;
}

/** Where many results are; each has its fingerprints in a file. */
function origins(runs: readonly FinishedRun[]): string {
  const folders = new Map<string, number>();
  for (const { folder, plan } of runs) {
    const above = dirname(plan.variant.name === undefined ? folder : dirname(folder));
    folders.set(above, (folders.get(above) ?? 0) + 1);
  }
  const lines = [...folders].map(([folder, count]) => `${folder}: ${count} runs`);
  const { mycel, machine } = runs.at(-1)!.summary;
  return [...lines, `  mycel ${mycel}, node ${machine.node}, fingerprints in each summary.json`].join('\n');
}

/** A line for bug reports, with everything that the result depends on. */
function reportLine({ plan, summary }: FinishedRun): string {
  const { backend, engine, node } = summary.machine;
  const { by, threads, versions = {} } = summary.computed;
  const library = `TensorFlow.js ${versions['@tensorflow/tfjs-core']}`;
  const engines: Readonly<Record<string, string | undefined>> = {
    'step programs': engine,
    nothing: 'timing only',
  };
  return [
    `mycel ${summary.mycel}`,
    `node ${node}`,
    `backend ${backend} (${engines[by] ?? library})`,
    ...(threads === undefined ? [] : [`TensorFlow ${versions.tensorflow} (threads: ${threads})`]),
    `scenario ${plan.file}`,
    ...(plan.variant.name === undefined ? [] : [`variant ${plan.variant.name}`]),
    `seed ${plan.seed}`,
    `trace ${summary.fingerprints.trace}`,
    `params ${summary.fingerprints.params}`,
  ].join(', ');
}

function origin(run: FinishedRun): string {
  return `${run.folder}\n  ${reportLine(run)}`;
}

function labelOf({ plan }: FinishedRun): string {
  return [plan.variant.name ?? plan.title, `seed ${plan.seed}`].join(', ');
}

function single({ summary }: FinishedRun): string {
  const { traffic, time_ns, rounds, events, work, target } = summary;
  const { bytes, parts, messages } = traffic;
  const split = partsUsed([summary]).map((part) => `${part} ${formatBytes(parts[part]!)}`);
  const lines: [string, string][] = [
    [
      'sent',
      `${formatBytes(bytes.sent!)} in ${messages.sent!.toLocaleString('en')} messages (${split.join(', ')})`,
    ],
    ['virtual time', `${formatDuration(time_ns)}, ${rounds} rounds, ${events.toLocaleString('en')} events`],
  ];
  if (work.flops > 0) {
    const gradients = `${work.gradient_steps.toLocaleString('en')} gradient steps, ${work.passes.toFixed(1)} passes over the data`;
    lines.push(['work', `${gradients}, ${formatFlops(work.flops)}`]);
  }
  lines.unshift(...accuracyLines(summary));
  if (target !== undefined) lines.push([`to ${percentText(target.accuracy)}`, targetText(target)]);
  return lines.map(([name, text]) => `${name.padEnd(12)}  ${text}`).join('\n');
}

function accuracyLines(summary: Summary): [string, string][] {
  if (finalOf(summary, 'accuracy-mean') === undefined) return [];
  const shares = (metric: string) =>
    `${percent(finalOf(summary, `${metric}-mean`))} mean, ${percent(finalOf(summary, `${metric}-worst`))} worst node`;
  const others = POINTS.filter((point) => finalOf(summary, `accuracy:${point}-mean`) !== undefined);
  return [
    ['accuracy', `${shares('accuracy')} (${describePoint(summary.measured_at)})`],
    ...others.map((point): [string, string] => [
      '',
      `${shares(`accuracy:${point}`)} (${describePoint(point)})`,
    ]),
  ];
}

/** In words, what models were measured. */
function describePoint(label: string): string {
  return { adapted: 'adapted: after local training', mixed: 'mixed: after averaging' }[label] ?? label;
}

/** What becomes of messages that do not arrive at once, and in words. */
const LOSSES: ReadonlyArray<readonly [kind: string, what: string, more?: string]> = [
  ['dropped', 'dropped'],
  ['cut', 'cut'],
  ['ignored', 'ignored', ' (delivered too late to be used)'],
  ['retried', 'retried'],
  ['inFlight', 'still in flight'],
];

/** Notes without which the numbers could mislead. */
function notesOf({ plan, summary }: FinishedRun): string[] {
  const notes: string[] = [];
  const { stopped, explanation, rounds, diverged, notFinite = [], artifacts_left_out = {} } = summary;
  const { messages } = summary.traffic;
  if (plan.timingOnly) notes.push(timingOnlyNote(plan));
  if (stopped === 'stalled') notes.push(`stalled: ${explanation ?? 'no event is pending'}`);
  if (stopped === 'time')
    notes.push(`ended by the time limit of ${formatDuration(plan.stop.at)}, in round ${rounds}`);
  if (diverged.length > 0) {
    const nodes = diverged.slice(0, 8).map(({ node, round }) => `node ${node} in round ${round}`);
    const more = diverged.length > nodes.length ? `, and ${diverged.length - nodes.length} more` : '';
    const end = stopped === 'diverged' ? 'the run stopped there' : 'the run continued';
    notes.push(`diverged (params no longer finite): ${nodes.join(', ')}${more}; ${end}`);
  }
  for (const { probe, metric, node, round, value } of notFinite) {
    const owner = node === undefined ? '' : ` of node ${node}`;
    notes.push(`not a finite number: probe "${probe}" gave ${value} as ${metric}${owner} in round ${round}`);
  }
  for (const [name, fault] of Object.entries(artifacts_left_out))
    notes.push(`artifact "${name}" is left out: ${fault}`);
  const counts = LOSSES.filter(([kind]) => messages[kind]! > 0).map(
    ([kind, what, more = '']) => `${messages[kind]!.toLocaleString('en')} ${what}${more}`,
  );
  if (counts.length > 0)
    notes.push(`of ${messages.sent!.toLocaleString('en')} messages: ${counts.join(', ')}`);
  return notes;
}

/** What a run without learning does not say. */
function timingOnlyNote({ measure }: FinishedRun['plan']): string {
  const silent = measure.probes.flatMap(({ entry }) => (entry.contentFree ? [] : [entry.id]));
  const without = silent.length === 0 ? '' : `, so these probes measure nothing: ${silent.join(', ')}`;
  return `timing only: nothing was learned${without}`;
}

function targetText({ sent_bytes, time_ns }: NonNullable<Summary['target']>): string {
  return sent_bytes === undefined || time_ns === undefined
    ? 'not reached'
    : `${formatBytes(sent_bytes)} in ${formatDuration(time_ns)}`;
}
