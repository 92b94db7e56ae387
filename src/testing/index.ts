/** `mycel/testing`: the conformance suites that our own tests run, for authors of algorithms and other entries. */
export { type AlgorithmCheck, type AlgorithmReport, testAlgorithm } from './algorithm.js';
export { arbitraryScenario, type ScenarioConstraints } from './arbitraries.js';
export { arbitraryVector, type CodecSubject, testCodec } from './codecs.js';
export { sampleDataset, testSource, testSplit } from './data.js';
export { invariants } from './invariants.js';
export type { Refusal } from './laws.js';
export { lastParams, paramsByRound, paramsProbe } from './params-probe.js';
export { type PlanSketch, planOf, type Use } from './plans.js';
export { type TopologyReport, testTopology } from './topologies.js';
export { arbitraryVariation, type ResolvedScenario, type Variation, varied } from './variations.js';
export type { Invariant } from './watched.js';
