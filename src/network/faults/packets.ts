/** Losses of packets: a message is lost if one of its packets is, so a large one suffers more than a small one. */
import { count } from '../../options/index.js';
import type { Bytes } from '../../units.js';

/** Schema of the option that says how large a packet is. */
export const mtuOption = () => count(1, 65_535);

/** The chance that a message is lost, 0 … 1: that of at least one of its ⌈bytes ÷ mtu⌉ packets, each of which is lost with `loss`. */
export function lossOfMessage(loss: number, bytes: Bytes, mtu: Bytes): number {
  return -Math.expm1(Math.ceil(bytes / mtu) * Math.log1p(-loss));
}
