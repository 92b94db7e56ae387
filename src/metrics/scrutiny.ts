/** Checks the numbers of probes before they are written: whether two of them collide, and which are not finite. */
import { PluginError, shortened, UsageError } from '../errors.js';
import type { Nanoseconds, Round } from '../units.js';
import type { EvaluationRequest, Measured } from './probe.js';

/** A probe that gave numbers that are not finite: the first of them, and how many there were in all. @public */
export interface NotFinite {
  readonly probe: string;
  readonly metric: string;
  /** Undefined for a figure of the whole run. */
  readonly node: number | undefined;
  readonly round: Round;
  readonly time: Nanoseconds;
  /** NaN, Infinity or −Infinity. */
  readonly value: number;
  readonly count: number;
}

/** The numbers of one probe. */
export interface Answer {
  readonly probe: string;
  readonly measured: readonly Measured[];
}

/** Throws a PluginError unless these are numbers of metrics, of existing nodes or of the whole run. */
export function checkMeasured(measured: unknown, nodes: ReadonlySet<number>, place: () => string): void {
  if (!Array.isArray(measured))
    throw new PluginError(`${place()}: expected measure to return an array, got ${String(measured)}`, PLACED);
  for (const one of measured as Partial<Measured>[]) {
    const { metric, value, node } = one ?? {};
    const isOf = node === undefined || nodes.has(node);
    if (typeof metric === 'string' && metric !== '' && typeof value === 'number' && isOf) continue;
    throw new PluginError(
      `${place()}: expected { metric, value, node? } with a name, a number and an existing node, got ${shortened(formatted(one))}`,
      PLACED,
    );
  }
}

/** Throws a PluginError unless these ask for evaluations of existing nodes on rows of the data set. */
export function checkRequests(
  requests: readonly EvaluationRequest[],
  { nodes, rows: rowCount }: { readonly nodes: ReadonlySet<number>; readonly rows: number },
  place: () => string,
): void {
  if (!Array.isArray(requests))
    throw new PluginError(
      `${place()}: expected requests to return an array, got ${String(requests)}`,
      PLACED,
    );
  const checked = new Set<Uint32Array>();
  for (const { node, label, set, evaluated, rows } of requests as readonly EvaluationRequest[]) {
    if (!nodes.has(node) || typeof label !== 'string' || typeof set !== 'string' || !evaluated)
      throw new PluginError(
        `${place()}: expected requests { node, label, set, evaluated, rows } with an existing node, got node ${String(node)}, label ${String(label)}, set ${String(set)}`,
        PLACED,
      );
    if (checked.has(rows)) continue;
    checked.add(rows);
    const wrong = rows instanceof Uint32Array ? rows.find((row) => row >= rowCount) : String(rows);
    if (wrong !== undefined)
      throw new PluginError(
        `${place()}: expected requests for rows from 0 to ${rowCount - 1} as a Uint32Array, got ${wrong}`,
        PLACED,
      );
  }
}

/** The message begins with the event of the run at which it happened. */
const PLACED = { isPlaced: true };

function formatted(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? `{ ${Object.entries(value)
        .map(([key, item]) => `${key}: ${String(item)}`)
        .join(', ')} }`
    : String(value);
}

/**
 * Refuses two numbers of the same metric and node, since a reader of the results could not tell them apart. Throws a
 * UsageError `same-metric` that names the probes.
 */
export function refuseCollisions(answers: readonly Answer[]): void {
  const owners = new Map<string, Map<number | undefined, number>>();
  for (const [p, { probe, measured }] of answers.entries()) {
    for (const { metric, node } of measured) {
      const ofMetric = owners.get(metric) ?? new Map<number | undefined, number>();
      owners.set(metric, ofMetric);
      const first = ofMetric.get(node);
      if (first !== undefined)
        throw collision({ metric, node, first: answers[first]!.probe, second: probe, p });
      ofMetric.set(node, p);
    }
  }
}

/**
 * Adds the numbers of one measurement that are not finite to those `known` already: one entry per probe, in order of
 * appearance.
 */
export function withNotFinite(
  known: readonly NotFinite[],
  answers: readonly Answer[],
  at: { readonly round: Round; readonly time: Nanoseconds },
): readonly NotFinite[] {
  let entries = known;
  for (const { probe, measured } of answers) {
    const wrong = measured.filter(({ value }) => !Number.isFinite(value));
    if (wrong.length === 0) continue;
    const { metric, node, value } = wrong[0]!;
    const before = entries.find((entry) => entry.probe === probe);
    const entry = before ?? { probe, metric, node, round: at.round, time: at.time, value, count: 0 };
    const counted = { ...entry, count: entry.count + wrong.length };
    entries = before ? entries.map((one) => (one === before ? counted : one)) : [...entries, counted];
  }
  return entries;
}

function collision(found: {
  metric: string;
  node: number | undefined;
  first: string;
  second: string;
  p: number;
}): UsageError {
  const { metric, node, first, second, p } = found;
  const whose = node === undefined ? 'for the whole run' : `of node ${node}`;
  const who =
    first === second ? `probe "${first}" writes it twice` : `probes "${first}" and "${second}" write it`;
  return new UsageError(
    'same-metric',
    `expected each metric to be written once, got "${metric}" ${whose} twice: ${who}; remove one of them, or give its metric another name`,
    `measure.probes.${p}`,
  );
}
