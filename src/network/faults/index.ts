/** The list of faults: what a scenario names under `faults`. */
import type { List } from '../../options/index.js';
import type { AnyFault } from './fault.js';
import { lateJoin, leave } from './membership.js';
import { nodeDown } from './node-down.js';
import { randomNodeDown } from './random-node-down.js';

export type {
  AnyFault,
  FaultActions,
  FaultEntry,
  FaultEvent,
  FaultPlanning,
  FaultSchedule,
  FaultScope,
  TaskFate,
} from './fault.js';

/** Every kind of fault. @public */
export const faultEntries: readonly AnyFault[] = [nodeDown, randomNodeDown, lateJoin, leave];

/** {@link faultEntries} as a list to choose from. */
export const faultList: List<AnyFault> = { what: 'fault', entries: faultEntries, functions: ['start'] };
