/** Folders of results with made-up numbers, for tests of what is shown of them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatCsv } from '../../src/report/csv.js';

/** A made-up run. */
interface MadeRun {
  readonly variant: string;
  readonly seed: number;
  readonly title?: string;
  /** For each round: the accuracies of the nodes. The mean and the worst are written too. */
  readonly accuracy: ReadonlyArray<readonly number[]>;
  /** Bytes of a round. */
  readonly roundBytes: number;
  /** Nanoseconds of a round. */
  readonly roundTime: number;
}

/** Writes results as `mycel run` does, each into a folder of its own below `root`. Returns the folders. */
export function writeMadeResults(root: string, runs: readonly MadeRun[]): string[] {
  return runs.map((run, k) => {
    const folder = join(
      root,
      `variant-${runs.findIndex(({ variant }) => variant === run.variant)}`,
      String(run.seed),
    );
    mkdirSync(folder, { recursive: true });
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    write('metrics.csv', formatCsv([['time_ns', 'round', 'node', 'metric', 'value'], ...metricRows(run)]));
    write('traffic.csv', formatCsv([TRAFFIC, ...trafficRows(run)]));
    write(
      'topology.csv',
      formatCsv([
        ['time_ns', 'change', 'from', 'to', 'weight'],
        [0, 'add', 0, 1, 0.5],
      ]),
    );
    write('summary.json', JSON.stringify(summaryOf(run, k)));
    return folder;
  });
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function metricRows({ accuracy, roundTime }: MadeRun) {
  return accuracy.flatMap((nodes, round) => [
    ...nodes.map((value, node) => [round * roundTime, round, node, 'accuracy', value]),
    [round * roundTime, round, undefined, 'accuracy-mean', mean(nodes)],
    [round * roundTime, round, undefined, 'accuracy-worst', Math.min(...nodes)],
  ]);
}

const COUNTS = ['sent', 'delivered', 'dropped', 'cut', 'in_flight'];
const PARTS = ['values', 'index', 'header', 'framing'];
const TRAFFIC = [
  ...['type', 'from', 'to', 'round'],
  ...[...COUNTS, 'ignored', 'retried'].map((name) => `${name}_messages`),
  ...[...COUNTS, 'unsent', ...PARTS].map((name) => `${name}_bytes`),
];

/** Each round sends half of its bytes from node 0 to node 1, and half back. */
function trafficRows({ accuracy, roundBytes }: MadeRun) {
  const half = roundBytes / 2;
  const cells = [1, 1, 0, 0, 0, 0, 0, half, half, 0, 0, 0, 0, half - 32, 0, 32, 0];
  return accuracy.slice(1).flatMap((_, round) => [
    ['model', 0, 1, round, ...cells],
    ['mask', 1, 0, round, ...cells],
  ]);
}

function summaryOf(
  { variant, seed, title = 'Made up', accuracy, roundBytes, roundTime }: MadeRun,
  k: number,
) {
  const rounds = accuracy.length - 1;
  const messages = 2 * rounds;
  const last = accuracy.at(-1)!;
  const none = { dropped: 0, cut: 0, inFlight: 0 };
  return {
    ...{ title, variant, seed, mycel: '0.1.0', computed: { by: 'step programs' }, stopped: 'rounds' },
    ...{ time_ns: rounds * roundTime, rounds, events: 100 + k },
    fingerprints: { trace: `trace-${k}`, params: `params-${k}` },
    traffic: {
      messages: { sent: messages, delivered: messages, ...none, ignored: 0, retried: 0 },
      bytes: { sent: rounds * roundBytes, delivered: rounds * roundBytes, ...none, unsent: 0 },
      parts: { values: rounds * (roundBytes - 64), index: 0, header: rounds * 64, framing: 0 },
    },
    work: { gradient_steps: 1, samples: 1, passes: 1, flops: 1 },
    measured_at: 'mixed',
    final: { 'accuracy-mean': mean(last), 'accuracy-worst': Math.min(...last) },
    diverged: [],
    scenario: { title, seed, nodes: last.length, topology: { use: variant }, measure: { every: '1 round' } },
    machine: { node: 'v20.0.0', platform: 'linux x64', cpu: 'none', file: 'scenarios/made-up.yaml' },
  };
}
