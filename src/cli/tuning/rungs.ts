/** How long trials run, and which of them go on: all to the end, or successive halving. */

/** A stage of a search: how many trials are in it, and for how many rounds they run. */
export interface Rung {
  readonly trials: number;
  readonly rounds: number;
}

/** Of every so many trials one goes on, for so many times as many rounds. */
const SURVIVORS = 3;

/**
 * Successive halving (Jamieson and Talwalkar, AISTATS 2016) with a third that goes on: rungs of 3ᵏ times fewer rounds for
 * `trials` trials, the last with all `rounds`. The lowest has a round at least, and the last a trial at least.
 */
export function halving(trials: number, rounds: number): Rung[] {
  const steps = Math.floor(Math.log(trials) / Math.log(SURVIVORS) + 1e-9);
  const rungs = Array.from({ length: steps + 1 }, (_, k) => ({
    trials: Math.max(1, Math.floor(trials / SURVIVORS ** k)),
    rounds: Math.max(1, Math.round(rounds / SURVIVORS ** (steps - k))),
  }));
  // Stages of as many rounds as the next one tell nothing new.
  return rungs.filter(({ rounds: own }, k) => own !== rungs[k + 1]?.rounds || k === 0);
}
