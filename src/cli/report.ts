/** The text that is printed when all runs are over: a short summary of one run, or a table of several. */
import { dirname } from 'node:path';
import { POINTS } from '../metrics/points.js';
import { formatTable } from '../report/index.js';
import type { Result } from '../simulation/result.js';
import { formatBytes, formatDuration } from '../units.js';
import type { RunOutcome } from './carry-out.js';
import { comparison } from './comparison.js';
import { formatFlops, partsUsed, percent, percentText } from './figures.js';
import { mycelVersion } from './machine.js';

/** The report on the runs of a command, without a newline at its end. */
export function report(runs: readonly RunOutcome[]): string {
  const titles = [...new Set(runs.map(({ plan }) => plan.title))];
  const body = runs.length === 1 ? single(runs[0]!) : comparison(runs);
  const backendNotes = runs.flatMap(({ result }) => result.backend.note ?? []);
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
function incidents(runs: readonly RunOutcome[]): string {
  const variants = [...new Set(runs.map(({ plan }) => plan.variant))];
  const counts: ReadonlyArray<readonly [title: string, count: (run: RunOutcome) => number]> = [
    ['stalled', ({ result }) => Number(result.stopped === 'stalled')],
    ['ended by time', ({ result }) => Number(result.stopped === 'time')],
    ['diverged', ({ result }) => Number(result.diverged.length > 0)],
    ['not finite', ({ result }) => result.notFinite.reduce((sum, { count }) => sum + count, 0)],
    ['left out', ({ result }) => Object.keys(result.leftOut).length],
    ...LOSSES.map(
      ([kind, title]) => [title, ({ result }: RunOutcome) => result.traffic.messages[kind]] as const,
    ),
  ];
  const rows = variants.map((variant) => {
    const own = runs.filter(({ plan }) => plan.variant === variant);
    return { own, sums: counts.map(([, count]) => own.reduce((sum, run) => sum + count(run), 0)) };
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
function origins(runs: readonly RunOutcome[]): string {
  const folders = new Map<string, number>();
  for (const { folder, plan } of runs) {
    const above = dirname(plan.variant.name === undefined ? folder : dirname(folder));
    folders.set(above, (folders.get(above) ?? 0) + 1);
  }
  const lines = [...folders].map(([folder, count]) => `${folder}: ${count} runs`);
  return [
    ...lines,
    `  mycel ${mycelVersion()}, node ${process.version}, fingerprints in each summary.json`,
  ].join('\n');
}

/** A line for bug reports, with everything that the result depends on. */
function reportLine({ plan, result }: RunOutcome): string {
  const { name, versions, threads, engine } = result.backend;
  const library = `TensorFlow.js ${versions['@tensorflow/tfjs-core']}`;
  return [
    `mycel ${mycelVersion()}`,
    `node ${process.version}`,
    `backend ${name} (${result.path === 'step programs' ? engine : library})`,
    ...(threads === undefined ? [] : [`TensorFlow ${versions.tensorflow} (threads: ${threads})`]),
    `scenario ${plan.file}`,
    ...(plan.variant.name === undefined ? [] : [`variant ${plan.variant.name}`]),
    `seed ${plan.seed}`,
    `trace ${result.fingerprints.trace}`,
    `params ${result.fingerprints.params}`,
  ].join(', ');
}

function origin(run: RunOutcome): string {
  return `${run.folder}\n  ${reportLine(run)}`;
}

function labelOf({ plan }: RunOutcome): string {
  return [plan.variant.name ?? plan.title, `seed ${plan.seed}`].join(', ');
}

function single({ plan, result }: RunOutcome): string {
  const { bytes, parts, messages } = result.traffic;
  const accuracy = result.final['accuracy-mean'];
  const split = partsUsed([result]).map((part) => `${part} ${formatBytes(parts[part])}`);
  const lines: [string, string][] = [
    [
      'sent',
      `${formatBytes(bytes.sent)} in ${messages.sent.toLocaleString('en')} messages (${split.join(', ')})`,
    ],
    [
      'virtual time',
      `${formatDuration(result.time)}, ${result.rounds} rounds, ${result.events.toLocaleString('en')} events`,
    ],
  ];
  if (result.work.flops > 0) {
    const { steps, passes, flops } = result.work;
    const gradients = `${steps.toLocaleString('en')} gradient steps, ${passes.toFixed(1)} passes over the data`;
    lines.push(['work', `${gradients}, ${formatFlops(flops)}`]);
  }
  if (accuracy !== undefined) {
    const shares = (metric: string) =>
      `${percent(result.final[`${metric}-mean`])} mean, ${percent(result.final[`${metric}-worst`])} worst node`;
    const others = POINTS.filter((point) => result.final[`accuracy:${point}-mean`] !== undefined);
    lines.unshift(
      ['accuracy', `${shares('accuracy')} (${describePoint(result.measuredAt)})`],
      ...others.map((point): [string, string] => [
        '',
        `${shares(`accuracy:${point}`)} (${describePoint(point)})`,
      ]),
    );
  }
  const { target } = plan.measure;
  if (target !== undefined) lines.push([`to ${percentText(target)}`, targetText(result.target)]);
  return lines.map(([name, text]) => `${name.padEnd(12)}  ${text}`).join('\n');
}

/** In words, what models were measured. */
function describePoint(label: string): string {
  return { adapted: 'adapted: after local training', mixed: 'mixed: after averaging' }[label] ?? label;
}

/** What becomes of messages that do not arrive at once, and in words. */
const LOSSES: ReadonlyArray<
  readonly [kind: keyof Result['traffic']['messages'], what: string, more?: string]
> = [
  ['dropped', 'dropped'],
  ['cut', 'cut'],
  ['ignored', 'ignored', ' (delivered too late to be used)'],
  ['retried', 'retried'],
  ['inFlight', 'still in flight'],
];

/** Notes without which the numbers could mislead. */
function notesOf({ plan, result }: RunOutcome): string[] {
  const notes: string[] = [];
  const { messages } = result.traffic;
  if (result.stopped === 'stalled') notes.push(`stalled: ${result.explanation ?? 'no event is pending'}`);
  if (result.stopped === 'time')
    notes.push(`ended by the time limit of ${formatDuration(plan.stop.at)}, in round ${result.rounds}`);
  if (result.diverged.length > 0) {
    const nodes = result.diverged.slice(0, 8).map(({ node, round }) => `node ${node} in round ${round}`);
    const more =
      result.diverged.length > nodes.length ? `, and ${result.diverged.length - nodes.length} more` : '';
    const end = result.stopped === 'diverged' ? 'the run stopped there' : 'the run continued';
    notes.push(`diverged (params no longer finite): ${nodes.join(', ')}${more}; ${end}`);
  }
  for (const { probe, metric, node, round, value } of result.notFinite) {
    const owner = node === undefined ? '' : ` of node ${node}`;
    notes.push(`not a finite number: probe "${probe}" gave ${value} as ${metric}${owner} in round ${round}`);
  }
  for (const [name, fault] of Object.entries(result.leftOut))
    notes.push(`artifact "${name}" is left out: ${fault}`);
  const counts = LOSSES.filter(([kind]) => messages[kind] > 0).map(
    ([kind, what, more = '']) => `${messages[kind].toLocaleString('en')} ${what}${more}`,
  );
  if (counts.length > 0)
    notes.push(`of ${messages.sent.toLocaleString('en')} messages: ${counts.join(', ')}`);
  return notes;
}

function targetText(target: Result['target']): string {
  return target === undefined
    ? 'not reached'
    : `${formatBytes(target.bytes)} in ${formatDuration(target.time)}`;
}
