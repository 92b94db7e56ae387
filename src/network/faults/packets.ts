/** Losses of packets: a message is lost if one of its packets is, so a large one suffers more than a small one. */
import { size } from '../../options/quantities.js';
import type { Bytes } from '../../units.js';

/** Schema of the option that says how large a packet is. */
export const mtuOption = () => size().refine((bytes) => bytes >= 1, 'expected packets of at least 1B');

/** The chance that a message is lost, 0 … 1: that of at least one of its ⌈bytes ÷ mtu⌉ packets, each of which is lost with `loss`. */
export function lossOfMessage(loss: number, bytes: Bytes, mtu: Bytes): number {
  return -Math.expm1(Math.ceil(bytes / mtu) * Math.log1p(-loss));
}
