/** The list of transports: what a scenario names under `network.transport`. */
import type { List } from '../../options/index.js';
import { fluid } from './fluid.js';
import { tcp } from './tcp.js';
import type { AnyTransport } from './transport.js';

export {
  type AnyTransport,
  type Pace,
  paceOf,
  type TransportAttempt,
  type TransportEntry,
} from './transport.js';

/** Every transport. @public */
export const transports: readonly AnyTransport[] = [fluid, tcp];

/** {@link transports} as a list to choose from. */
export const transportList: List<AnyTransport> = {
  what: 'transport',
  entries: transports,
  functions: [],
};
