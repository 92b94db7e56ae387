/** What probes get to see of a run: copies and counters, nothing that they could change. */
import type { Evaluated } from '../learning/algorithm.js';
import type { ProbeNode, ProbeView } from '../metrics/probe.js';
import type { World } from './world.js';

/** By label. */
type Models = Readonly<Record<string, Evaluated>>;

/**
 * The function that shows a run to its probes as it is when it is called. Shards, and what generated data were made
 * from, are copied for the probes once, when the function is made.
 */
export function viewOf(world: World): () => ProbeView {
  const { constants } = world;
  const shards = constants.shards.map((shard) => structuredClone(shard));
  const { id, classes, train, test } = constants.dataset;
  const dataset = { id, classes, train, test, truth: structuredClone(constants.dataset.truth ?? {}) };

  /** `shared` is what roles evaluate. */
  const learner = (node: number, shared: Models): ProbeNode => {
    const own = copies(world.evaluate(node));
    return {
      id: node,
      round: world.rounds.of(node),
      up: world.network.isUp(node),
      shard: shards[node]!,
      // The learner's own come first: its first label is the main one.
      evaluated: { ...own, ...shared, ...own },
      measures: { ...world.actors.measure(node) },
      busy: { compute: world.processors.busy(node), ...world.network.busy(node) },
    };
  };

  return () => {
    const { kernel, rounds, ledger } = world;
    const shared: Record<string, Evaluated> = {};
    const learners: number[] = [];
    for (const [node, role] of constants.roles.entries()) {
      if (role === 'learner') learners.push(node);
      else Object.assign(shared, copies(world.evaluate(node)));
    }
    const { bytes, parts } = ledger.totals();
    return {
      time: kernel.now,
      round: rounds.least,
      dataset: { ...dataset },
      traffic: { ...parts, sent: bytes.sent, delivered: bytes.delivered },
      model: constants.model.spec,
      nodes: learners.map((node) => learner(node, shared)),
    };
  };
}

function copies(models: Models): Models {
  return Object.fromEntries(
    Object.entries(models).map(([label, evaluated]) => [
      label,
      { ...evaluated, params: Float32Array.from(evaluated.params) },
    ]),
  );
}
