/** What probes see of a run: copies and counters, so that they cannot change it. */
import { rowsForTuning } from '../data/tuning.js';
import { PluginError } from '../errors.js';
import type { Evaluated } from '../learning/algorithm.js';
import { atPoints } from '../metrics/points.js';
import type { ProbeNode, ProbeView } from '../metrics/probe.js';
import { shown } from '../metrics/shown.js';
import type { World } from './world.js';

/** By label. */
type Models = ProbeNode['evaluated'];

/**
 * Makes the function that returns the view of a run at the moment when it is called. Shards, and the true parameters of
 * generated data, are copied once, when the function is made.
 */
export function viewOf(world: World): () => ProbeView {
  const { constants } = world;
  const { timingOnly } = world.plan;
  const shards = constants.shards.map((shard) => structuredClone(shard));
  const { id, classes, train, test } = constants.dataset;
  const dataset = { id, classes, train, test, truth: structuredClone(constants.dataset.truth ?? {}) };
  const tuningRows = world.plan.data.tuning === undefined ? undefined : rowsForTuning(constants.shards);
  const learners = constants.roles.flatMap((role, node) => (role === 'learner' ? [node] : []));

  /** `ofRoles` are the models that the nodes of roles evaluate. */
  const learner = (node: number, ofRoles: Models): ProbeNode => {
    const own = timingOnly ? {} : shownModels(world.evaluate(node));
    const models = { ...ofRoles, ...own };
    if (Object.keys(models).length === 0 && !timingOnly)
      throw new PluginError(
        `algorithm "${world.plan.algorithm.entry.id}", evaluate on node ${node}: expected at least one model, of the node or of a role, got none`,
      );
    return {
      id: node,
      round: world.rounds.of(node),
      up: world.network.isUp(node),
      shard: shards[node]!,
      evaluated: atPoints(models, world.plan.measure.at),
      measures: timingOnly ? {} : { ...world.actors.measure(node) },
      busy: { compute: world.processors.busy(node), ...world.network.busy(node) },
      work: { ...world.processors.work(node) },
    };
  };

  return () => {
    const { kernel, rounds, ledger } = world;
    const ofRoles = timingOnly ? {} : shownModels(modelsOfRoles(world));
    const { bytes, parts } = ledger.totals();
    return {
      time: kernel.now,
      round: rounds.least,
      dataset: { ...dataset },
      ...(tuningRows && { tuningRows }),
      traffic: { ...parts, sent: bytes.sent, delivered: bytes.delivered },
      model: structuredClone(constants.model.spec),
      nodes: learners.map((node) => learner(node, ofRoles)),
    };
  };
}

/** The label of the models that metrics with a plain name are about. */
export function measuredAt(world: World): string {
  const models = { ...modelsOfRoles(world), ...world.evaluate(0) };
  return Object.keys(atPoints(models, world.plan.measure.at))[0] ?? '';
}

/** What the nodes of roles evaluate, for every learner. */
function modelsOfRoles(world: World): Readonly<Record<string, Evaluated>> {
  const models: Record<string, Evaluated> = {};
  for (const [node, role] of world.constants.roles.entries())
    if (role !== 'learner') Object.assign(models, world.evaluate(node));
  return models;
}

function shownModels(models: Readonly<Record<string, Evaluated>>): Models {
  return Object.fromEntries(Object.entries(models).map(([label, evaluated]) => [label, shown(evaluated)]));
}
