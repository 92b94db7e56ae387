/** Settings of options that a search tries: a Latin hypercube or a grid, the same ones for all methods that share the options. */
import { UsageError } from '../../errors.js';
import { Streams } from '../../random.js';
import type { Candidates, Tune } from '../../scenario/tune.js';

/** A value for each path. */
export type Setting = ReadonlyMap<string, unknown>;

/** Candidates by path: those of all methods, and those of one. */
export function optionsOf({ options, methods }: Tune, method: string | undefined): Map<string, Candidates> {
  const own = method === undefined ? {} : (methods[method] ?? {});
  return new Map([...Object.entries(options), ...Object.entries(own)]);
}

/** Most settings of a grid. */
const GRID_MAX = 10_000;

/** All combinations of the listed values; the last path's change fastest. Throws UsageError where a path has a range. */
export function gridSettings(candidates: ReadonlyMap<string, Candidates>, where: string): Setting[] {
  const refuse = (reason: string) => new UsageError('no-grid', `${where}: ${reason}`);
  let settings: Setting[] = [new Map()];
  for (const [path, values] of candidates) {
    if (!Array.isArray(values))
      throw refuse(`expected a list of values for ${path}, of which search: grid tries each, got a range`);
    if (settings.length * values.length > GRID_MAX)
      throw refuse(
        `expected at most ${GRID_MAX} combinations of values with search: grid: take fewer values, or search: random`,
      );
    settings = settings.flatMap((setting) => values.map((value) => new Map([...setting, [path, value]])));
  }
  return settings;
}

/** How many orders of the parts are drawn for each path, of which the least correlated one is taken. */
const ORDERS = 100;

/**
 * As many settings as there are trials. The first is empty: the scenario as it stands. The others are a Latin hypercube: each
 * range is cut into as many parts as there are settings, and each part has one value (M. D. McKay, R. J. Beckman,
 * W. J. Conover, Technometrics 21(2), 1979). The order of a path's parts is, of many random ones, that which correlates least
 * with the paths before it, so that few trials tell their effects apart. Each path has a random stream of its own, so further
 * paths change no draw of those before. Numbers of ranges have three significant digits.
 */
export function drawSettings(
  candidates: ReadonlyMap<string, Candidates>,
  trials: number,
  seed: number,
): Setting[] {
  const streams = new Streams(seed);
  const settings = Array.from({ length: trials }, () => new Map<string, unknown>());
  const drawn = settings.slice(1);
  const before: number[][] = [];
  for (const [path, range] of candidates) {
    const random = streams.stream(`tune/${path}`);
    const orders = Array.from({ length: ORDERS }, () => random.shuffle(drawn.map((_, part) => part)));
    const worst = orders.map((order) =>
      Math.max(0, ...before.map((other) => Math.abs(covariance(order, other)))),
    );
    const order = before.length === 0 ? orders[0]! : orders[worst.indexOf(Math.min(...worst))]!;
    before.push(order);
    for (const [k, setting] of drawn.entries())
      setting.set(path, draw(range, (order[k]! + random.uniform()) / drawn.length));
  }
  return settings;
}

/** Of two orders of the same numbers, times their count: the correlation but for a factor. */
function covariance(a: readonly number[], b: readonly number[]): number {
  const middle = (a.length - 1) / 2;
  return a.reduce((sum, value, k) => sum + (value - middle) * (b[k]! - middle), 0);
}

/** `share`: in [0, 1). */
function draw(range: Candidates, share: number): unknown {
  if (Array.isArray(range)) return range[Math.floor(share * range.length)];
  const { from, to, scale, whole } = range;
  const value = scale === 'log' ? from * (to / from) ** share : from + (to - from) * share;
  if (whole) return Math.min(to, Math.max(from, Math.round(value)));
  return Math.min(to, Math.max(from, Number(value.toPrecision(3))));
}

/** Where the best value lies at an end of its range or its list of numbers, so that a better one may lie beyond. */
export function edges(candidates: ReadonlyMap<string, Candidates>, setting: Setting): string[] {
  return [...setting].flatMap(([path, value]) => {
    const range = candidates.get(path)!;
    if (typeof value !== 'number') return [];
    if (Array.isArray(range)) return listEdge(path, range, value);
    const { from, to, scale } = range;
    const place =
      scale === 'log' ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
    if (place > 0.1 && place < 0.9) return [];
    return [`${path} ${value} is next to the ${place <= 0.1 ? 'lower' : 'upper'} end of its range`];
  });
}

/** Of two or three values one is at an end in most cases, which says little. */
const LONG = 4;

function listEdge(path: string, values: readonly unknown[], value: number): string[] {
  const numbers = values.filter((one) => typeof one === 'number');
  if (numbers.length < Math.max(LONG, values.length)) return [];
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  if (value > least && value < most) return [];
  return [`${path} ${value} is the ${value === least ? 'least' : 'greatest'} of its values`];
}
