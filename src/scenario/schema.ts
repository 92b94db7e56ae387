/** The schema of a scenario's own keys; sections with `use` are left to the options of the entry that they name. */
import { z } from 'zod';
import { BACKEND_NAMES } from '../compute/backend.js';
import { UsageError } from '../errors.js';
import { faultOptions, networkOptions } from '../network/options.js';
import { count, duration, share } from '../options.js';
import type { Interval } from '../simulation/plan.js';
import { parseDuration } from '../units.js';

/** Longest virtual time, where a scenario states none. */
const LONGEST = '100d';

const rounds = () =>
  z
    .string({
      error: (issue) =>
        `expected a number of rounds, such as "30 rounds", got ${JSON.stringify(issue.input)}`,
    })
    .meta({ unit: 'rounds, such as "30 rounds"' })
    .transform((text, context): number => {
      const parsed = parseRounds(text);
      if (parsed !== undefined) return parsed;
      context.addIssue({
        code: 'custom',
        message: `expected a number of rounds, such as "30 rounds", got "${text}"`,
      });
      return z.NEVER;
    });

const interval = () => {
  const expected = 'expected rounds or a duration, such as "5 rounds" or "10s"';
  return z
    .string({ error: (issue) => `${expected}, got ${JSON.stringify(issue.input)}` })
    .meta({ unit: 'rounds or a duration' })
    .transform((text, context): Interval => {
      const every = parseRounds(text);
      if (every !== undefined) return { rounds: every };
      try {
        const time = parseDuration(text);
        if (time > 0) return { time };
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
      }
      context.addIssue({ code: 'custom', message: `${expected}, above zero, got "${text}"` });
      return z.NEVER;
    });
};

/** Held-out share of the training rows: below 100 %, else nothing is left to train on. */
const heldOut = () =>
  share().refine((value) => value < 1, {
    error: 'expected a share below 100%, so that something is left to train on',
  });

const stopSchema = z.strictObject({
  after: rounds().optional().describe('least round among the live nodes at which the run ends'),
  at: duration().prefault(LONGEST).describe('virtual time at which the run ends at the latest'),
  diverged: z
    .enum(['stop', 'continue'])
    .default('stop')
    .describe('what to do when the params of a node are no longer finite'),
});

const measureSchema = z.strictObject({
  every: interval().prefault('1 round').describe('when to measure; start and end are always measured'),
  probes: z
    .array(z.unknown())
    .min(1)
    .optional()
    .describe('what to measure: names, or maps with `use` and options'),
  target: share().optional().describe('mean accuracy whose price in bytes and time is reported'),
});

/** The top level. Values of sections that have a `use` are checked apart, by the entries that they name. */
export const topSchema = z.strictObject({
  title: z.string().min(1).optional().describe('one line for people; the name of the file by default'),
  seed: z
    .int({
      error: (issue) =>
        issue.input === undefined
          ? 'expected a whole number, here or by --seed, got nothing (it is required)'
          : undefined,
    })
    .min(0)
    .describe('seed of every random stream; required, here or by --seed'),
  nodes: count().describe('learners; a server of the algorithm is extra'),
  data: z.unknown(),
  model: z.unknown(),
  topology: z.unknown().optional(),
  network: networkOptions,
  compute: z.unknown().optional(),
  algorithm: z.unknown(),
  faults: z.array(faultOptions).default([]),
  measure: measureSchema.prefault({}),
  stop: stopSchema,
  // Taken out before a variant is checked; here so that it is known.
  compare: z.undefined().optional(),
  backend: z.enum(BACKEND_NAMES).default('wasm').describe('what computes'),
});

/** The scenario's own keys beside `use` and the entry's options, by section. */
export const sectionKeys = {
  data: z.object({
    validation: heldOut().prefault('0%').describe('share of each node’s training rows that is held out'),
  }),
  model: z.object({
    init: z
      .enum(['common', 'per-node'])
      .default('common')
      .describe('whether all nodes start from the same params'),
  }),
  topology: z.object({
    allowDisconnected: z.boolean().default(false).describe('whether a topology in several pieces may run'),
  }),
} as const;

/** What `compute` is where a scenario has none. */
export const DEFAULT_COMPUTE = { use: 'constant', speed: '10GFLOPS' } as const;

/** What `measure.probes` is where a scenario has none. */
export const DEFAULT_PROBES: readonly string[] = ['accuracy', 'consensus-distance'];

/** `"30 rounds"` → 30; undefined where the text is no such thing. */
function parseRounds(text: string): number | undefined {
  const match = /^\s*(\d+)\s*rounds?\s*$/.exec(text);
  const parsed = match ? Number(match[1]) : 0;
  return parsed >= 1 && Number.isSafeInteger(parsed) ? parsed : undefined;
}
