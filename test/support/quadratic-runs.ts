/** Runs on given quadratics, whose numbers a test works out by itself. */
import { algorithms } from '../../src/algorithms/index.js';
import { type PlanSketch, paramsProbe, planOf } from '../../src/testing/index.js';
import { type FinishedRun, runToEnd } from '../../src/testing/run.js';
import { givenQuadratics } from './given-quadratics.js';

/** What a test of a method varies: the rows (a, b_1 … b_d), those of each node, and everything else of a scenario. */
interface QuadraticRun extends Omit<PlanSketch, 'data' | 'algorithm'> {
  readonly rows: readonly (readonly number[])[];
  /** By node, its rows; default: row i is node i's. */
  readonly own?: readonly (readonly number[])[];
  readonly algorithm: NonNullable<Exclude<PlanSketch['algorithm'], string>>;
}

/** Runs a method on quadratics with one sample a step and measures all params at the end of each round. */
export function runOnQuadratics({ rows, own, algorithm, ...more }: QuadraticRun): Promise<FinishedRun> {
  const plan = planOf({
    nodes: own?.length ?? rows.length,
    data: givenQuadratics(rows, own),
    model: 'quadratic',
    measure: { at: 'mixed', probes: [{ use: paramsProbe }] },
    ...more,
    algorithm: { ...withLocalSteps(algorithm.use), batch: 1, ...algorithm } as typeof algorithm,
  });
  return runToEnd(plan, { backend: 'cpu', workers: 0 });
}

/** One local step, for methods that have them. */
function withLocalSteps(use: unknown) {
  const entry = algorithms.find(({ id }) => id === use);
  return entry && !entry.options.safeParse({ localSteps: 1 }).success ? {} : { localSteps: 1 };
}

/** Throws unless two lists of params agree up to `tolerance`, relative to the largest. */
export function assertNear(
  got: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
  tolerance = 1e-5,
): void {
  const largest = Math.max(1e-30, ...expected.flat().map(Math.abs));
  for (const [node, params] of expected.entries())
    for (const [k, wanted] of params.entries()) {
      const value = got[node]?.[k];
      if (value === undefined || !(Math.abs(value - wanted) <= tolerance * largest))
        throw new Error(`param ${k} of node ${node}: expected ${wanted}, got ${value}`);
    }
}
