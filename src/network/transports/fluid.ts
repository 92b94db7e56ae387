/** `fluid`: only the links limit how fast a message is sent. */
import { z } from 'zod';
import type { TransportEntry } from './transport.js';

const options = z.strictObject({});

/** No transport protocol at all. */
export const fluid: TransportEntry<z.output<typeof options>> = {
  id: 'fluid',
  description: 'only the links limit how fast a message is sent',
  options,
};
