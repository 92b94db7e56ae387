/** The list of faults: what a scenario names under `faults`. */
import type { List } from '../../options/index.js';
import { bandwidthTrace } from './bandwidth-trace.js';
import { burstLoss } from './burst-loss.js';
import type { AnyFault } from './fault.js';
import { groupDown } from './group-down.js';
import { linkDown } from './link-down.js';
import { mahimahi } from './mahimahi.js';
import { lateJoin, leave } from './membership.js';
import { nodeDown } from './node-down.js';
import { packetLoss } from './packet-loss.js';
import { partition } from './partition.js';
import { randomGroupDown } from './random-group-down.js';
import { randomNodeDown } from './random-node-down.js';
import { sharedBandwidthTrace } from './shared-bandwidth-trace.js';
import { slowNode } from './slow-node.js';
import { trace } from './trace.js';

export type {
  AnyFault,
  EarlierFault,
  FaultActions,
  FaultAttempt,
  FaultContext,
  FaultEntry,
  FaultEvent,
  FaultLink,
  FaultMemory,
  FaultPlanning,
  FaultSchedule,
  FaultScope,
  Slowness,
  TaskFate,
} from './fault.js';

/** Every kind of fault. @public */
export const faultEntries: readonly AnyFault[] = [
  nodeDown,
  randomNodeDown,
  groupDown,
  randomGroupDown,
  trace,
  lateJoin,
  leave,
  partition,
  linkDown,
  slowNode,
  bandwidthTrace,
  mahimahi,
  sharedBandwidthTrace,
  burstLoss,
  packetLoss,
];

/** {@link faultEntries} as a list to choose from. */
export const faultList: List<AnyFault> = { what: 'fault', entries: faultEntries, functions: ['start'] };
