/** The list of sharing disciplines: what a scenario names under `network.sharing`. */
import type { List } from '../../options/index.js';
import { fair } from './fair.js';
import { fifo } from './fifo.js';
import type { AnySharing } from './sharing.js';

export type {
  AnySharing,
  Attempt,
  AttemptsById,
  Capacities,
  CapacityChange,
  Sharing,
  SharingEntry,
  SharingKernel,
  SharingParts,
} from './sharing.js';

/** Every sharing discipline. @public */
export const sharingEntries: readonly AnySharing[] = [fair, fifo];

/** {@link sharingEntries} as a list to choose from. */
export const sharingList: List<AnySharing> = {
  what: 'sharing discipline',
  entries: sharingEntries,
  functions: ['create'],
};
