/** How fast mixing brings nodes to agreement where the topology differs from round to round. */
import { Random } from '../random.js';
import type { Round } from '../units.js';
import { type MixingRule, mixingRows } from './mixing/index.js';
import type { Neighbors } from './neighbors.js';

/** Below this share of the beginning, what is left of the disagreement is near to rounding, and the search ends. */
const NOTHING = 1e-12;
/** A round that leaves less than this share of the disagreement was an exact average. */
const EXACT = 1e-6;

/** What rounds of mixing do to values that are drawn at random. */
export interface Contraction {
  /** Rounds that were looked at; fewer than asked for where the nodes agreed after them. */
  readonly rounds: Round;
  /** The factor by which the distance from the mean shrinks in a round, as a geometric mean; 0 where the nodes agree. */
  readonly factor: number;
}

/** Mixes random values for so many rounds. The counterpart of 1 − spectral gap. Throws UsageError if a round does not allow the rule. */
export function contractionOf(
  linksAt: (round: Round) => Neighbors,
  rule: MixingRule,
  rounds: Round,
): Contraction {
  const random = new Random('contraction');
  let values = new Float64Array(0);
  let first = 0;
  let last = 0;
  for (let round = 0; round < rounds; round++) {
    const neighbors = linksAt(round);
    if (round === 0) {
      values = centred(new Float64Array(neighbors.nodes).map(() => random.normal()));
      first = Math.hypot(...values);
      last = first;
    }
    const before = values;
    const mixed = mixingRows(neighbors, rule).map(({ self, neighbors: weights }, node) => {
      const incoming = neighbors.in[node]!;
      return weights.reduce((sum, w, k) => sum + w * before[incoming[k]!]!, self * before[node]!);
    });
    values = centred(Float64Array.from(mixed));
    const rest = Math.hypot(...values);
    if (rest <= EXACT * last) return { rounds: round + 1, factor: 0 };
    last = rest;
    if (rest <= NOTHING * first) return { rounds: round + 1, factor: (rest / first) ** (1 / (round + 1)) };
  }
  return { rounds, factor: (last / first) ** (1 / rounds) };
}

function centred(values: Float64Array): Float64Array<ArrayBuffer> {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Float64Array.from(values, (value) => value - mean);
}
