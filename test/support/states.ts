/** For tests of what nodes keep: an algorithm that runs as before, and copies of its nodes' states. */
import type { Algorithm } from '../../src/learning/algorithm.js';
import type { RoundState } from '../../src/learning/rounds.js';

/** The algorithm, and a copy of a node's own state whenever one was evaluated, in order. */
export function watchStates<Own, Options>(
  algorithm: Algorithm<RoundState<Own>, Options>,
): { algorithm: Algorithm<RoundState<Own>, Options>; states: Own[] } {
  const states: Own[] = [];
  const watched: Algorithm<RoundState<Own>, Options> = {
    ...algorithm,
    evaluate(state) {
      states.push(structuredClone(state.own));
      return algorithm.evaluate(state);
    },
  };
  return { algorithm: watched, states };
}
