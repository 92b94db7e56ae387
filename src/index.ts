/**
 * The library: run scenarios from code, and write your own algorithms, topologies, data sources, splits, models,
 * profiles and probes. `mycel/testing` has the laws that they must keep.
 *
 * ```ts
 * import { loadScenario, planScenario, run } from 'mycel';
 *
 * for (const plan of planScenario(await loadScenario('scenarios/quickstart.yaml'))) {
 *   const updates = run(plan, { backend: 'wasm', workers: 0 });
 *   for await (const update of updates) if (update.kind === 'samples') console.log(update.samples);
 * }
 * ```
 */
export { z } from 'zod';
export { algorithms } from './algorithms/index.js';
export { type DeviceProfile, type ProfileEntry, profiles } from './compute/profiles.js';
export type { BackendName, TaskContext, TaskDefinition } from './compute/task.js';
export {
  type DataSource,
  type Dataset,
  type Shard,
  type SourceContext,
  type Split,
  type SplitContext,
  sources,
  splits,
  type View,
} from './data/index.js';
export { AssertionError, EXIT, PluginError, UsageError } from './errors.js';
export type {
  Algorithm,
  AnyAlgorithm,
  CodecContext,
  Computed,
  Evaluated,
  Handlers,
  Message,
  NodeContext,
  Role,
  ScenarioFacts,
  Undelivered,
} from './learning/algorithm.js';
export { type BatchCursor, nextBatches, startCursor } from './learning/batches.js';
export { bodyLength, bodyOf, withBody } from './learning/body.js';
export { type EvaluateInput, type EvaluateOutput, evaluate } from './learning/evaluate.js';
export {
  type ClientStep,
  type ClientUpdate,
  type FederatedAlgorithm,
  type FederatedOptions,
  type FederatedSpec,
  type FederatedState,
  federated,
  federatedOptions,
  type StepSpec,
  sampleWeightedMean,
  step,
} from './learning/federated.js';
export { type GradientInput, type GradientOutput, gradientOf } from './learning/gradient.js';
export {
  startTraining,
  type TrainingOptions,
  type TrainingSettings,
  type TrainingState,
  trained,
  trainingInput,
  trainingOptions,
} from './learning/local-training.js';
export { codecsOf, is, type MessageType, message } from './learning/messages.js';
export {
  fromNeighbors,
  others,
  type Phase,
  type PhaseMessage,
  type PhaseSpec,
  phase,
  type Sending,
} from './learning/phases.js';
export { publicRows } from './learning/public-rows.js';
export {
  type RoundOptions,
  type RoundState,
  type RoundsSpec,
  requireDeadline,
  roundOptions,
  rounds,
} from './learning/rounds.js';
export { type TrainInput, type TrainOutput, train } from './learning/train.js';
export { dot, mix, type Received, weightedSum } from './learning/vectors.js';
export { type AnyProbe, type Probe, probes } from './metrics/index.js';
export type {
  EvaluationRequest,
  EvaluationResult,
  Measured,
  ProbeNode,
  ProbeView,
} from './metrics/probe.js';
export type { NotFinite } from './metrics/scrutiny.js';
export { buildModel, models } from './models/index.js';
export { layered } from './models/layered.js';
export { dense } from './models/layers/dense.js';
export { elu } from './models/layers/elu.js';
export type { Layer } from './models/layers/layer.js';
export { relu } from './models/layers/relu.js';
export { softmaxCrossEntropy } from './models/losses.js';
export type {
  Gradient,
  Labels,
  Model,
  ModelEntry,
  ModelSpec,
  Representation,
  Slice,
  Trainable,
} from './models/model.js';
export { type OptimizerSpec, optimizerOptions, optimizerSpec } from './models/optimizers/index.js';
export { gatherBatch, stackSlices, unstackSlices } from './models/stack.js';
export {
  type AnyFault,
  type FaultActions,
  type FaultEntry,
  type FaultEvent,
  type FaultPlanning,
  type FaultSchedule,
  type FaultScope,
  faultEntries,
  type TaskFate,
} from './network/faults/index.js';
export { nodeSet } from './network/fields.js';
export { type LatencyEntry, latencies } from './network/latency/index.js';
export type { LedgerTotals, TrafficRow } from './network/ledger.js';
export type { NetworkOptions } from './network/options.js';
export {
  type AnySharing,
  type Attempt,
  type Capacities,
  type Sharing,
  type SharingEntry,
  type SharingKernel,
  type SharingParts,
  sharingEntries,
} from './network/sharing/index.js';
export { bandwidth, count, duration, type Entry, share, size, speed } from './options/index.js';
export { Random, Streams } from './random.js';
export { loadScenario, readScenario, type Scenario, toScenario } from './scenario/load.js';
export { type PlannedRun, planScenario } from './scenario/plan.js';
export type { Execution, Interval, Plan, TraceEvent } from './simulation/plan.js';
export type {
  Divergence,
  Progress,
  Result,
  Sample,
  StopReason,
  TopologyChange,
  Update,
} from './simulation/result.js';
export { type FinishedRun, run, runToEnd } from './simulation/run.js';
export { Simulation, type SimulationState } from './simulation/simulation.js';
export {
  mixingRows,
  neighborsOf,
  spectralGap,
  type TopologyContext,
  type TopologyEntry,
  topologies,
} from './topology/index.js';
export type { MixingRow, MixingRule } from './topology/mixing/index.js';
export type { Neighbors } from './topology/neighbors.js';
export {
  type BitsPerSecond,
  type Bytes,
  formatBytes,
  formatDuration,
  type Nanoseconds,
  parseBandwidth,
  parseBytes,
  parseDuration,
  type Round,
} from './units.js';
export type { Codec, EncodedBody, VectorBody, VectorCodec, VectorView } from './wire/codec.js';
export { CorruptBodyError } from './wire/codec.js';
export { empty, number, numbers } from './wire/control.js';
export {
  type ChosenCodec,
  type CodecEntry,
  codecOption,
  codecs,
  createCodec,
  float32,
} from './wire/index.js';
export { record } from './wire/record.js';
