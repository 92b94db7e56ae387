/** `mycel trace`: a run as a timeline for Perfetto, and its topology over time for Gephi. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, UsageError } from '../errors.js';
import { type DynamicNetwork, formatGexf, type Period } from '../report/gexf.js';
import { orUnwritable } from '../report/output-file.js';
import { type Count, formatPerfetto, type Instant, type Slice, type Track } from '../report/perfetto.js';
import { type ParquetRow, readCsv, readParquet } from '../report/read-table.js';
import { MESSAGE_SPAN_COLUMNS, NODE_SPAN_COLUMNS } from '../report/span-columns.js';
import { formatBytes, type Nanoseconds } from '../units.js';
import { readSummary } from './summary.js';

/** Options of `mycel trace` as commander gives them. */
export interface TraceFlags {
  readonly out?: string;
}

/** More than Perfetto draws without waiting. */
const MESSAGES_MAX = 2_000_000;

/** Writes trace.pftrace and topology.gexf. Returns the exit code. */
export async function traceCommand(folder: string, { out = folder }: TraceFlags): Promise<number> {
  const { time_ns: end } = readSummary(folder);
  const samples = readCsv(join(folder, 'metrics.csv'));
  const network = networkOf(readCsv(join(folder, 'topology.csv')), samples, end);
  write(join(out, 'topology.gexf'), formatGexf(network), 'opens in Gephi');
  if (!existsSync(join(folder, 'message-spans.parquet'))) {
    console.log(`${folder} has no spans, so there is no timeline: run it again with --spans`);
    return EXIT.ok;
  }
  const nodes = await readParquet(join(folder, 'node-spans.parquet'), NODE_SPAN_COLUMNS);
  const messages = await readParquet(join(folder, 'message-spans.parquet'), MESSAGE_SPAN_COLUMNS);
  if (messages.length > MESSAGES_MAX)
    throw new UsageError(
      'too-many-spans',
      `expected at most ${MESSAGES_MAX.toLocaleString('en')} messages, which is what Perfetto draws, got ${messages.length.toLocaleString('en')}: ` +
        'run it again with --spans 10, which logs every tenth round',
      folder,
    );
  const content = timeline(nodes, messages, samples, network.nodes.length);
  write(
    join(out, 'trace.pftrace'),
    formatPerfetto(content),
    'opens at https://ui.perfetto.dev, which reads it in the browser and sends it nowhere',
  );
  return EXIT.ok;
}

function write(path: string, content: string | Uint8Array, use: string): void {
  orUnwritable(path, () => writeFileSync(path, content));
  console.log(`${path}: ${formatBytes(Buffer.byteLength(content))}, ${use}`);
}

type Samples = ReturnType<typeof readCsv>;

/** Links and accuracies of nodes as they change; the end of the run is that of the last period. */
function networkOf(changes: Samples, samples: Samples, end: Nanoseconds): DynamicNetwork {
  const links = new Map<string, { from: number; to: number; periods: Period[] }>();
  const open = new Map<string, { start: Nanoseconds; value: number | undefined }>();
  const close = (key: string, at: Nanoseconds) => {
    const period = open.get(key);
    open.delete(key);
    if (period && at > period.start) links.get(key)!.periods.push({ ...period, end: at });
  };
  let nodes = 0;
  for (const { time_ns, change, from, to, weight } of changes) {
    const key = `${from}>${to}`;
    nodes = Math.max(nodes, Number(from) + 1, Number(to) + 1);
    if (!links.has(key)) links.set(key, { from: Number(from), to: Number(to), periods: [] });
    close(key, Number(time_ns));
    const value = weight === '' ? undefined : Number(weight);
    if (change === 'add') open.set(key, { start: Number(time_ns), value });
  }
  for (const key of [...open.keys()]) close(key, end);
  const figures = new Map<string, Period[]>();
  for (const { time_ns, node, metric, value } of samples) {
    if (metric !== 'accuracy' || node === '') continue;
    nodes = Math.max(nodes, Number(node) + 1);
    const periods = figures.get(node!) ?? [];
    figures.set(node!, periods);
    const last = periods.at(-1);
    if (last) periods[periods.length - 1] = { ...last, end: Number(time_ns) };
    periods.push({ start: Number(time_ns), end, value: Number(value) });
  }
  const all = Array.from({ length: nodes }, (_, node) => {
    const accuracy = figures.get(String(node));
    return accuracy ? { accuracy: accuracy.filter(({ start, end: over }) => over > start) } : {};
  });
  return { nodes: all, links: [...links.values()].filter(({ periods }) => periods.length > 0) };
}

type NodeRow = ParquetRow<typeof NODE_SPAN_COLUMNS>;
type MessageRow = ParquetRow<typeof MESSAGE_SPAN_COLUMNS>;

/** For each node a track of what it does, with tracks of what it sends, of arrivals and of its accuracy below. */
function timeline(
  nodeSpans: readonly NodeRow[],
  messages: readonly MessageRow[],
  samples: Samples,
  nodes: number,
): { tracks: Track[]; slices: Slice[]; instants: Instant[]; counts: Count[] } {
  const [tracks, slices, instants, counts]: [Track[], Slice[], Instant[], Count[]] = [[], [], [], []];
  const add = (track: Omit<Track, 'id'>): number => {
    tracks.push({ id: tracks.length + 1, ...track });
    return tracks.length;
  };
  const whole = new Map<string, number>();
  for (const { time_ns, node, metric, value } of samples) {
    if (node !== '') continue;
    const track = whole.get(metric!) ?? add({ name: metric!, unit: metric! });
    whole.set(metric!, track);
    counts.push({ track, at: Number(time_ns), value: Number(value) });
  }
  const own = Array.from({ length: nodes }, (_, node) => add({ name: `node ${node}` }));
  const arrivals = own.map((parent) => add({ name: 'arrivals', parent }));
  const accuracies = own.map((parent) => add({ name: 'accuracy', parent, unit: 'accuracy' }));
  for (const { time_ns, node, metric, value } of samples)
    if (metric === 'accuracy' && node !== '')
      counts.push({ track: accuracies[Number(node)]!, at: Number(time_ns), value: Number(value) });
  for (const { node, kind, start_ns: start, end_ns: end, round } of nodeSpans)
    slices.push({ track: own[node]!, name: kind, start, end, facts: { round } });
  // Transfers that overlap, as with `fair`, stand on lanes of their own.
  const lanes = own.map((): Array<{ track: number; until: Nanoseconds }> => []);
  const started = messages.flatMap((message, flow) =>
    message.tx_start_ns === undefined ? [] : [{ ...message, start: message.tx_start_ns, flow: flow + 1 }],
  );
  started.sort((a, b) => a.start - b.start);
  for (const { flow, start, tx_end_ns: end = start, from, to, arrived_ns, ...message } of started) {
    let lane = lanes[from]!.find(({ until }) => until <= start);
    if (lane === undefined) {
      lane = { track: add({ name: 'uplink', parent: own[from]! }), until: 0 };
      lanes[from]!.push(lane);
    }
    lane.until = end;
    const { type, round, sequence, attempt, outcome } = message;
    const bytes = message.values_bytes + message.index_bytes + message.header_bytes + message.framing_bytes;
    const waited = (start - message.queued_ns) / 1e6;
    const facts = { to, round, sequence, attempt, bytes, outcome, 'queued for, ms': waited };
    slices.push({ track: lane.track, name: `${type} to ${to}`, start, end, flow, facts });
    if (arrived_ns !== undefined)
      instants.push({ track: arrivals[to]!, name: `${type} from ${from}: ${outcome}`, at: arrived_ns, flow });
  }
  return { tracks, slices, instants, counts };
}
