/** `tune`: which options `mycel tune` searches, and how. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parsePath } from '../options/index.js';
import { takeSection } from './section.js';
import { seedsSchema } from './seeds.js';
import { applyOverrides } from './set.js';
import { readText } from './text.js';

const pathSchema = z
  .string()
  .refine((text) => parsePath(text) !== undefined, 'expected a path such as algorithm.learningRate');

const rangeSchema = z
  .strictObject({
    from: z.number(),
    to: z.number(),
    scale: z.enum(['linear', 'log']).default('linear').describe('log: all orders of magnitude are as likely'),
    whole: z.boolean().default(false).describe('whole numbers only'),
  })
  .refine(({ from, to }) => from < to, 'expected from below to')
  .refine(({ from, scale }) => scale === 'linear' || from > 0, 'expected from above 0 on a log scale');

/** What an option may be: one of a list, or a number of a range, its ends included. */
export type Candidates = z.output<typeof candidatesSchema>;

const candidatesSchema = z.union([z.array(z.unknown()).min(1), rangeSchema]);

const optionsSchema = z.record(pathSchema, candidatesSchema);

const isAccuracy = (metric: string) => /^(global-)?accuracy/.test(metric);

/** The section `tune` of a scenario. */
export const tuneSchema = z
  .strictObject({
    options: optionsSchema
      .prefault({})
      .describe('candidates for paths that all methods have: a list or a range'),
    methods: z
      .record(z.string(), optionsSchema)
      .prefault({})
      .describe('further options of single methods, by the names of the variants that compare makes'),
    trials: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe('settings that are tried for each method (default: 16); a grid has as many as it has'),
    seeds: seedsSchema
      .prefault('10001..10002')
      .describe('seeds of every trial; others than those of the comparison that the options are chosen for'),
    rows: z
      .string()
      .regex(/^\d+(\.\d+)?%$/, 'expected a share such as 20%')
      .default('20%')
      .describe('share of each node’s training rows on which settings are judged'),
    metric: z
      .union([z.string(), z.array(z.string()).min(1)])
      .default('accuracy-mean')
      .describe(
        'metric of the whole run that is judged, at its end; of a list, the best one that a method has, such as the accuracies at two points of a round',
      ),
    goal: z
      .enum(['highest', 'lowest'])
      .optional()
      .describe('which value of the metric is the best; default: highest for accuracies'),
    search: z
      .enum(['random', 'grid', 'halving'])
      .default('random')
      .describe(
        'random: every trial of a Latin hypercube to its end; grid: all combinations of the listed values; halving: the best third of a Latin hypercube goes on for three times as many rounds',
      ),
    finals: z
      .strictObject({
        trials: z.int().min(1).max(100).default(3).describe('how many of the best settings of each method'),
        seeds: seedsSchema.describe('further seeds, others than those of every trial'),
      })
      .optional()
      .describe('the best settings of each method run with further seeds, and are judged with all of them'),
  })
  .refine(({ goal, metric }) => goal !== undefined || [metric].flat().every(isAccuracy), {
    error: 'expected the goal, highest or lowest, of a metric that is no accuracy',
    path: ['goal'],
  })
  .refine(({ search, trials }) => search !== 'grid' || trials === undefined, {
    error: 'expected no trials with search: grid, which tries all combinations',
    path: ['trials'],
  })
  .refine(({ search, finals }) => search !== 'halving' || finals === undefined, {
    error: 'expected search: random or grid, in which all settings run to the end',
    path: ['finals'],
  })
  .refine(({ seeds, finals }) => !finals?.seeds.some((seed) => seeds.includes(seed)), {
    error: 'expected seeds other than tune.seeds, with which every trial runs',
    path: ['finals', 'seeds'],
  });

/** What `mycel tune` searches, and how. */
export type Tune = Readonly<z.output<typeof tuneSchema>>;

/** The section of a scenario's file, which is valid; undefined if it has none. */
export function readTune(file: string, set: readonly string[]): Tune | undefined {
  const { value } = readText(readFileSync(file, 'utf8'));
  return takeTune(applyOverrides(value, set).root).value;
}

/** Takes the section out of a scenario. */
export const takeTune = (root: unknown) => takeSection(root, 'tune', tuneSchema);
