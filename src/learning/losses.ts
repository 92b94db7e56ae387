/** Refusals of networks that lose messages for good, by methods that never recover from a loss. */
import { UsageError } from '../errors.js';
import type { ScenarioFacts } from './algorithm.js';
import { roundOptions } from './rounds.js';

/** In place of `roundOptions`: without a deadline, after which messages would not be used. */
export const losslessOptions = { reliable: roundOptions.reliable };

/** What {@link losslessOptions} have not, as rounds expect it. */
export const noDeadline = { deadline: undefined, ahead: undefined };

/** What the check has to know. */
type Facts = Omit<ScenarioFacts<{ readonly reliable: boolean }>, 'nodes' | 'members'>;

/** Throws a UsageError with that code, which says what to do and why, where a message may be lost for good. */
export function refuseLosses(
  { options: { reliable }, drops, givesUp = false, faults }: Facts,
  { code, because }: { readonly code: string; readonly because: string },
): void {
  if (!faults && (!drops || (reliable && !givesUp))) return;
  const remedies = [
    ...(faults ? ['a scenario without faults'] : []),
    ...(drops && !reliable ? ['algorithm.reliable: true'] : []),
    ...(drops && givesUp ? ['network.retry without `tries`'] : []),
  ];
  throw new UsageError(code, `expected ${remedies.join(', and ')}: ${because}`, 'algorithm');
}

/** {@link refuseLosses} for push-sum, with the code `lost-mass`. */
export function refuseLostMass(facts: Facts): void {
  refuseLosses(facts, {
    code: 'lost-mass',
    because: 'push-sum never recovers from a lost message, which carries a part of the sum that it preserves',
  });
}
