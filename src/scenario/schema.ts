/** The schema of a scenario: every section and, through its choices, the options of every entry. */
import { z } from 'zod';
import { algorithmList } from '../algorithms/index.js';
import { BACKEND_NAMES } from '../compute/backend.js';
import { profileList } from '../compute/profiles.js';
import { sourceList, splitList } from '../data/index.js';
import { quoted, UsageError } from '../errors.js';
import { probeList } from '../metrics/index.js';
import { POINTS } from '../metrics/points.js';
import { modelList } from '../models/index.js';
import { faultList } from '../network/faults/index.js';
import { NODES_MAX } from '../network/fields.js';
import { networkOptions } from '../network/options.js';
import { choice, count, duration, share } from '../options/index.js';
import type { Interval } from '../simulation/plan.js';
import { topologyList } from '../topology/index.js';
import { parseDuration, unitPatterns } from '../units.js';

/** Default of the longest virtual time. */
const LONGEST = '100d';

/** `30 rounds`, as {@link parseRounds} reads it. */
const ROUNDS = '^\\s*0*[1-9]\\d*\\s*rounds?\\s*$';

const rounds = () =>
  z
    .string({
      error: ({ input }) =>
        Number.isFinite(input)
          ? `expected a number of rounds, such as "30 rounds", got ${input}: write "${input} rounds"`
          : 'expected a number of rounds, such as "30 rounds"',
    })
    .meta({ unit: 'rounds, such as "30 rounds"', pattern: ROUNDS })
    .transform((text, context): number => {
      const parsed = parseRounds(text);
      if (parsed !== undefined) return parsed;
      context.addIssue({
        code: 'custom',
        message: `expected a number of rounds, such as "30 rounds", got ${quoted(text)}`,
      });
      return z.NEVER;
    });

const interval = () => {
  const expected = 'expected rounds or a duration, such as "5 rounds" or "10s"';
  return z
    .string({
      error: ({ input }) =>
        Number.isFinite(input) ? `${expected}, got ${input}: write "${input} rounds"` : expected,
    })
    .meta({ unit: 'rounds or a duration', pattern: `${ROUNDS}|${unitPatterns.duration}` })
    .transform((text, context): Interval => {
      const every = parseRounds(text);
      if (every !== undefined) return { rounds: every };
      try {
        const time = parseDuration(text);
        if (time > 0) return { time };
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
      }
      context.addIssue({ code: 'custom', message: `${expected}, above zero, got ${quoted(text)}` });
      return z.NEVER;
    });
};

/** Share of the training rows that is held out: below 100 %, so that some remain for training. */
const heldOut = () =>
  share().refine((value) => value < 1, {
    error: 'expected a share below 100%, so that training rows remain',
  });

const stopSchema = z.strictObject({
  after: rounds()
    .optional()
    .describe('number of rounds after which the run ends; the slowest live node counts'),
  at: duration().prefault(LONGEST).describe('virtual time at which the run ends, if it has not ended before'),
  diverged: z
    .enum(['stop', 'continue'])
    .default('stop')
    .describe('what to do when the params of a node are no longer finite'),
});

/** Default of `compute`. */
const DEFAULT_COMPUTE = { use: 'constant', speed: '10GFLOPS' } as const;

/** Default of `measure.probes`. */
const DEFAULT_PROBES: readonly string[] = ['accuracy', 'consensus-distance'];

const point = z.enum(POINTS);

const measureSchema = z.strictObject({
  every: interval()
    .prefault('1 round')
    .describe('when to measure; besides, every run is measured at its start and end'),
  probes: z
    .array(choice(probeList))
    .prefault([...DEFAULT_PROBES])
    .describe('what to measure: names of probes, or maps with `use` and options'),
  at: z
    .union([point, z.array(point).min(1)])
    .default([...POINTS])
    .transform((given) => [given].flat())
    .refine((points) => new Set(points).size === points.length, { error: 'expected every point once' })
    .describe(
      'at which points of a round models are measured: adapted (after local training), mixed (after averaging); a list for both, of which the first gives the plain names',
    ),
  rows: count(1)
    .optional()
    .describe('most test rows on which a model is measured: a sample, the same one each time; default: all'),
  target: share()
    .optional()
    .describe('mean accuracy; the bytes and the time needed to reach it are reported'),
});

/** A scenario without `compare`. */
export const scenarioSchema = z.strictObject({
  title: z.string().min(1).optional().describe('one line for people; the name of the file by default'),
  seed: z
    .int({
      error: (issue) =>
        issue.input === undefined ? 'expected a whole number, in the scenario or by --seed' : undefined,
    })
    .min(0)
    .describe('seed of all random streams; required, in the scenario or by --seed'),
  nodes: count(1, NODES_MAX).describe('number of learners; a server of the algorithm is extra'),
  data: choice(sourceList, {
    own: {
      validation: heldOut().prefault('0%').describe('share of each node’s training rows that is held out'),
      tuning: heldOut()
        .optional()
        .describe(
          'share of each node’s training rows on which models are measured in place of test rows, to choose options by; set by `mycel tune`',
        ),
      split: choice(splitList).describe('how the rows are distributed over the nodes'),
    },
  }),
  model: choice(modelList, {
    own: {
      init: z
        .enum(['common', 'per-node'])
        .default('common')
        .describe('common: all nodes start from the same params; per-node: each starts from its own'),
    },
  }),
  topology: choice(topologyList, {
    own: {
      allowDisconnected: z.boolean().default(false).describe('whether the topology may be disconnected'),
    },
  }).optional(),
  network: networkOptions,
  compute: choice(profileList).prefault(DEFAULT_COMPUTE),
  algorithm: choice(algorithmList),
  faults: z.array(choice(faultList)).default([]),
  measure: measureSchema.prefault({}),
  stop: stopSchema,
  timingOnly: z
    .boolean()
    .optional()
    .describe(
      'whether nothing is learned: times and bytes as in the real run, where these do not depend on what is learned; only probes that need no model measure',
    ),
  // Removed before a variant is checked; it is here so that messages list it among the known keys.
  compare: z.undefined().optional(),
  sweep: z.undefined().optional(),
  tune: z.undefined().optional(),
  backend: z.enum(BACKEND_NAMES).default('auto').describe('the backend that computes'),
});

/** `"30 rounds"` → 30; undefined for text of another form. */
function parseRounds(text: string): number | undefined {
  const match = /^\s*(\d+)\s*rounds?\s*$/.exec(text);
  const parsed = match ? Number(match[1]) : 0;
  return parsed >= 1 && Number.isSafeInteger(parsed) ? parsed : undefined;
}
