/** `packet-loss`: every packet of a message may be lost, and the message with it. */
import { z } from 'zod';
import { share } from '../../options/index.js';
import { nodeSet, refuseUnknownNodes } from '../fields.js';
import type { FaultEntry } from './fault.js';
import { lossOfMessage, mtuOption } from './packets.js';

const options = z.strictObject({
  loss: share().describe('share of the packets that are lost, each independently of the others'),
  mtu: mtuOption().prefault('1460B').describe('bytes of a message that a packet holds at most'),
  nodes: nodeSet().optional().describe('nodes whose messages, sent or received, suffer; default: all'),
});

/** One draw per attempt on a link that suffers. */
export const packetLoss: FaultEntry<z.output<typeof options>> = {
  id: 'packet-loss',
  description: 'packets are lost independently, so that a large message suffers more than a small one',
  options,
  check: ({ nodes: given }, { nodes }) => refuseUnknownNodes(given ?? [], nodes, 'nodes'),
  start: () => {},
  on: {},
  loses: ({ loss, mtu, nodes }, { from, to, bytes }, memory) =>
    (nodes === undefined || nodes.includes(from) || nodes.includes(to)) &&
    memory.random().uniform() < lossOfMessage(loss, bytes, mtu),
};
