/**
 * `mycel/plugin`: what entries of your own are written with: algorithms, topologies, mixing rules, data sources, splits,
 * profiles, latencies, sharing disciplines, faults, codecs and probes. Models, layers and optimizers: `mycel/models`.
 *
 * Two namespaces: `option` has the schemas of options with units (`option.duration()`), `wire` the codecs of message
 * bodies (`wire.float32(model.length)`).
 */
export { z } from 'zod';
export { algorithms } from './algorithms/index.js';
export type { Work } from './compute/processor.js';
export { type DeviceProfile, type ProfileEntry, profiles } from './compute/profiles.js';
export type { AnyTask, BackendName, Gradients, TaskContext, TaskDefinition } from './compute/task.js';
export {
  type DataSize,
  type DataSource,
  type Dataset,
  type Dealt,
  type Shard,
  type SourceContext,
  type Split,
  type SplitContext,
  sources,
  splits,
  type View,
} from './data/index.js';
export { sharedBytes, sharedFloats, sharedLabels } from './data/source.js';
// Authors throw a UsageError, and those who run experiments catch it: the one name of two entry points.
export { UsageError } from './errors.js';
export type { EventId } from './kernel/kernel.js';
export type {
  Algorithm,
  AnyAlgorithm,
  CodecContext,
  Computed,
  Evaluated,
  EvaluationContext,
  FixedPoint,
  Handlers,
  MaskPart,
  Message,
  NodeContext,
  NodeFacts,
  Role,
  ScenarioFacts,
  SendOptions,
  Undelivered,
} from './learning/algorithm.js';
export { type BatchCursor, nextBatches, startCursor } from './learning/batches.js';
export { bodyLayout, bodyLength, bodyOf, withBody } from './learning/body.js';
export { type EvaluateInput, type EvaluateOutput, evaluate } from './learning/evaluate.js';
export {
  type ClientStep,
  type ClientStepSpec,
  type ClientUpdate,
  clientStep,
  type FederatedAlgorithm,
  type FederatedOptions,
  type FederatedSpec,
  type FederatedState,
  federated,
  federatedOptions,
} from './learning/federated.js';
export { sampleWeightedMean } from './learning/federated-averaging.js';
export { type GradientInput, type GradientOutput, gradientOf } from './learning/gradient.js';
export {
  finalTraining,
  finalTrainingOption,
  startTraining,
  type TrainingOptions,
  type TrainingSettings,
  type TrainingState,
  trained,
  trainingInput,
  trainingOptions,
} from './learning/local-training.js';
export {
  type AnyMessageType,
  codecsOf,
  isMessage,
  type MessageType,
  messageType,
} from './learning/messages.js';
export {
  beginTraining,
  endTraining,
  type OngoingTraining,
  PERIOD,
  periodOption,
  startOngoing,
} from './learning/ongoing.js';
export { type Params, valuesOf, type WeightedSum } from './learning/params.js';
export {
  fromNeighbors,
  otherNodes,
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
export { type Adaptation, type TrainInput, type TrainOutput, train } from './learning/train.js';
export { dot, mix, mixture, type Received, weightedSum } from './learning/vectors.js';
export { type AnyProbe, type Probe, probes } from './metrics/index.js';
export type { MeasuringPoint } from './metrics/points.js';
export type {
  EvaluationRequest,
  EvaluationResult,
  Measured,
  ProbeNode,
  ProbeView,
} from './metrics/probe.js';
export {
  type AnyFault,
  type EarlierFault,
  type FaultActions,
  type FaultAttempt,
  type FaultContext,
  type FaultEntry,
  type FaultEvent,
  type FaultLink,
  type FaultMemory,
  type FaultPlanning,
  type FaultSchedule,
  type FaultScope,
  faultEntries,
  type Slowness,
  type TaskFate,
} from './network/faults/index.js';
export { nodeSet } from './network/fields.js';
export {
  type AnyLatency,
  type LatencyContext,
  type LatencyEntry,
  type LatencyLink,
  latencies,
  type NodeBandwidths,
} from './network/latency/index.js';
export type { NetworkMessage } from './network/message.js';
export type { NetworkOptions } from './network/options.js';
export {
  type AnySharing,
  type Attempt,
  type AttemptsById,
  type Capacities,
  type CapacityChange,
  type Sharing,
  type SharingEntry,
  type SharingKernel,
  type SharingParts,
  sharingEntries,
} from './network/sharing/index.js';
export type { PartBytes } from './network/traffic.js';
export {
  type AnyTransport,
  type Pace,
  type TransportAttempt,
  type TransportEntry,
  transports,
} from './network/transports/index.js';
export type { SharedLink, SharedLinks } from './network/zones.js';
export type { AnyEntry, Chosen, Entry, List } from './options/index.js';
export * as option from './options/quantities.js';
export { outline } from './outline.js';
export { Random, type StreamState, Streams } from './random.js';
export { directedGraph, type Edge, undirectedGraph } from './topology/edges.js';
export {
  changingTopology,
  type MixingEntry,
  type MixingRow,
  type MixingRule,
  mixingOption,
  mixingRows,
  mixingRules,
  type Neighbors,
  neighborsOf,
  pushMixingOption,
  spectralGap,
  type TopologyContext,
  type TopologyEntry,
  type TopologyRounds,
  topologies,
} from './topology/index.js';
export {
  type BitsPerSecond,
  type Bytes,
  type FlopsPerSecond,
  type Nanoseconds,
  parseBandwidth,
  parseBytes,
  parseDuration,
  type Round,
  type Tagged,
} from './units.js';
export {
  type ChosenCodec,
  type Codec,
  type CodecEntry,
  type CodecMemory,
  CorruptBodyError,
  codecOption,
  codecs,
  createCodec,
  createParamsCodec,
  denseCodecOption,
  type EncodedBody,
  OutOfStepError,
  paramsCodecOption,
  type VectorBody,
  type VectorCodec,
  type VectorLayout,
  type VectorView,
} from './wire/index.js';
export type { MaskBody, MaskCodec, MaskView } from './wire/mask.js';
export {
  type ChosenMaskCodec,
  createMaskCodec,
  type MaskCodecEntry,
  maskCodecOption,
  maskCodecs,
} from './wire/mask-codecs.js';
export * as wire from './wire/public.js';
export type { PartSizes, SizedCodec } from './wire/sizes.js';
