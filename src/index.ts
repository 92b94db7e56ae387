/**
 * `mycel`: runs experiments, from a scenario file or from an object with the same keys.
 *
 * ```ts
 * import { planScenario, runToEnd, toScenario } from 'mycel';
 *
 * const scenario = await toScenario({
 *   title: 'a ring of four',
 *   seed: 1,
 *   nodes: 4,
 *   data: { use: 'blobs', train: 200, test: 60, split: 'iid' },
 *   model: 'softmax',
 *   topology: 'ring',
 *   network: { latency: { use: 'constant', value: '10ms' }, uplink: '10Mbps', downlink: '10Mbps' },
 *   algorithm: 'd-psgd',
 *   stop: { after: '5 rounds' },
 * });
 * for (const plan of planScenario(scenario)) {
 *   const { result, samples } = await runToEnd(plan);
 * }
 * ```
 *
 * Entries of your own (algorithms, topologies, splits, …) are written with `mycel/plugin` and `mycel/models`, and tested
 * with `mycel/testing`.
 */
export type { BackendReport } from './compute/backend.js';
export type { ComputeStatistics } from './compute/queue.js';
export { AssertionError, EXIT, PluginError, UsageError } from './errors.js';
export type { NotFinite } from './metrics/scrutiny.js';
export type { LedgerTotals, TrafficRow } from './network/traffic.js';
export {
  type EntryKind,
  entryKinds,
  type ListedEntry,
  type ListedOption,
  listEntries,
} from './scenario/list.js';
export {
  type LoadOptions,
  loadScenario,
  type ObjectOptions,
  readScenario,
  type Scenario,
  type ScenarioVariant,
  toScenario,
} from './scenario/load.js';
export { type PlannedRun, planScenario } from './scenario/plan.js';
export type { Execution, Interval, Plan, TraceEvent } from './simulation/plan.js';
export type {
  Divergence,
  Progress,
  Result,
  RunUpdate,
  Sample,
  StopReason,
  TopologyChange,
} from './simulation/result.js';
export { type FinishedRun, run, runToEnd } from './simulation/run.js';
export { Simulation, type SimulationState } from './simulation/simulation.js';
export { formatBytes, formatDuration } from './units.js';
