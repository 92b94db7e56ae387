/** Kinds of option that several parts of the network have. */
import { z } from 'zod';
import { quoted, UsageError } from '../errors.js';
import { count, duration, show } from '../options/index.js';
import { type BitsPerSecond, parseBandwidth, unitPatterns } from '../units.js';
import { MAX_BANDWIDTH } from './sharing/arithmetic.js';

/** Most nodes of a run. */
export const NODES_MAX = 1e6;

/** `[3, 5]`, `"0-3"` or `"0-3, 7"` → numbers of nodes, ascending, each once. @public */
export const nodeSet = () =>
  z
    .union([z.array(count(0)).min(1), z.string()])
    .meta({ unit: 'nodes, such as [3, 5] or "0-3, 7"' })
    .transform((value, context): readonly number[] => {
      const ids = typeof value === 'string' ? parseRanges(value) : value;
      if (ids !== undefined) return [...new Set(ids)].sort((a, b) => a - b);
      context.addIssue({
        code: 'custom',
        message: `expected nodes such as [3, 5] or "0-3, 7", got ${show(value)}`,
      });
      return z.NEVER;
    });

/** A duration above zero; `what` names it in the message. */
export const positiveDuration = (what: string) =>
  duration().refine((ns) => ns > 0, `expected a ${what} above zero`);

/** `"10Mbps"` → bits per second, `"unlimited"` → Infinity. */
export const linkBandwidth = () =>
  z
    .string({
      error: ({ input }) => {
        const expected = 'expected a bandwidth, such as "10Mbps", or "unlimited"';
        if (!Number.isFinite(input)) return expected;
        return `${expected}, got ${input}: a number needs its unit, as in "${input}Mbps"`;
      },
    })
    .meta({
      unit: 'bandwidth, such as "10Mbps", or "unlimited"',
      pattern: `^\\s*unlimited\\s*$|${unitPatterns.bandwidth}`,
    })
    .transform((text, context): BitsPerSecond => {
      try {
        const value = text.trim() === 'unlimited' ? Number.POSITIVE_INFINITY : parseBandwidth(text);
        if (value === Number.POSITIVE_INFINITY || value <= MAX_BANDWIDTH) return value;
        context.addIssue({
          code: 'custom',
          message: `expected at most 9000Gbps or "unlimited", got ${quoted(text)}`,
        });
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        context.addIssue({ code: 'custom', message: `${error.message}; or "unlimited"` });
      }
      return z.NEVER;
    });

/** Refuses nodes that a run with `nodes` nodes does not have. Throws a UsageError `unknown-node` with that path. */
export function refuseUnknownNodes(ids: readonly number[], nodes: number, path: string): void {
  const wrong = ids.find((id) => id >= nodes);
  if (wrong === undefined) return;
  throw new UsageError('unknown-node', `expected nodes from 0 to ${nodes - 1}, got ${wrong}`, path);
}

/** The nodes of a text such as `0-3, 7`; undefined where it is malformed, or names more nodes than a run can have. */
function parseRanges(text: string): number[] | undefined {
  const ids: number[] = [];
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,7})(?:\s*-\s*(\d{1,7}))?\s*$/.exec(part);
    if (!match) return undefined;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first || last >= NODES_MAX || ids.length + last - first >= NODES_MAX) return undefined;
    for (let id = first; id <= last; id++) ids.push(id);
  }
  return ids;
}
