/** Figures over seeds: means, confidence intervals, and paired differences. */

/** Two-sided 95 % quantiles of Student's t for 1, 2, … 30 degrees of freedom. */
const STUDENT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** The two-sided 95 % quantile of the normal distribution. */
const NORMAL = 1.959964;

/** The two-sided 95 % quantile of Student's t, to three digits. `freedom`: degrees of freedom, at least 1. */
export function studentQuantile(freedom: number): number {
  // Above the table: the first terms of the Cornish–Fisher expansion.
  const z = NORMAL;
  const first = (z ** 3 + z) / (4 * freedom);
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
  return STUDENT[freedom - 1] ?? z + first + second;
}

/** A mean, and how far its 95 % confidence interval goes to either side. */
interface Estimate {
  readonly mean: number;
  /** NaN for a single value. */
  readonly margin: number;
}

/** The mean with its 95 % confidence interval, by Student's t over the values, which are taken as independent draws. */
export function estimate(values: readonly number[]): Estimate {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { mean, margin: Number.NaN };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  return { mean, margin: studentQuantile(count - 1) * Math.sqrt(variance / count) };
}

/** A difference of two methods over the same seeds. */
export interface PairedDifference extends Estimate {
  /** How many of the differences have the sign of the mean. */
  readonly agree: number;
  readonly count: number;
}

/** What `values` are more than `others`, pair by pair: the same place in both is the same seed. */
export function pairedDifference(values: readonly number[], others: readonly number[]): PairedDifference {
  const differences = values.map((value, i) => value - others[i]!);
  const { mean, margin } = estimate(differences);
  const agree = differences.filter((difference) => Math.sign(difference) === Math.sign(mean)).length;
  return { mean, margin, agree, count: differences.length };
}

/** A number of a run with a seed; undefined where the run lacks it. */
interface OfSeed {
  readonly seed: number;
  readonly value: number | undefined;
}

/** What `values` are more than `others`, over the seeds that have a number in both; undefined if none has. */
export function differenceBySeed(
  values: readonly OfSeed[],
  others: readonly OfSeed[],
): PairedDifference | undefined {
  const bySeed = new Map(others.map(({ seed, value }) => [seed, value]));
  const pairs = values.flatMap(({ seed, value }) => {
    const other = bySeed.get(seed);
    return value === undefined || other === undefined ? [] : [{ value, other }];
  });
  if (pairs.length === 0) return undefined;
  return pairedDifference(
    pairs.map(({ value }) => value),
    pairs.map(({ other }) => other),
  );
}

/** A difference as text: with its sign, and a minus that is one. */
export function signed(value: number, digits: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
}
