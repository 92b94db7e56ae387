// Draws docs/figures from results/: `node scripts/figures.mjs` (after `npm run build`). Lines are means over the seeds,
// bands go from the least to the greatest value.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, View } from 'vega';
import { compile } from 'vega-lite';
import { errorOf, fewestRounds, SIZES } from '../dist/test/reproduction/claims-deprl.js';
import { leastLoss } from '../dist/test/reproduction/claims-transference.js';
import { readCurves } from '../dist/test/reproduction/curves.js';

const SIZE = { width: 300, height: 200 };
const BACKGROUND = { background: 'white', config: { font: 'sans-serif', legend: { labelLimit: 0 } } };

mkdirSync(join('docs', 'figures'), { recursive: true });
for (const scenario of ['transference-small', 'transference-paper']) {
  await draw(scenario, losses);
  await draw(scenario, mixing, `${scenario}-mixing`);
}
for (const scenario of ['l2c-small', 'mce-pl-small', 'deprl-small', 'deprl-dirichlet-small'])
  await draw(scenario, accuracy);
await draw('mce-pl-small', costs, 'mce-pl-small-cost');
await draw('l2c-small', weights, 'l2c-small-mixing');
await draw('deprl-small', lossByRound, 'deprl-small-loss');
await draw('transference-data-small', leastLosses);
await draw('deprl-speedup-small', speedup);
await draw('deprl-rounds-small', fewest);
for (const scenario of ['mhd-small', 'mhd-topology-small']) await draw(scenario, heads);
await draw('dropout', dropout);

async function draw(scenario, figure, name = scenario) {
  const folder = ['papers', 'studies'].map((kind) => join('results', kind, scenario)).find(existsSync);
  if (!folder)
    return console.error(
      `expected the results of ${scenario} below results, got none: npm run reproduce ${scenario}`,
    );
  const { spec } = compile({ ...BACKGROUND, ...figure(readCurves(folder)) });
  const view = new View(parse(spec), { renderer: 'none' });
  writeFileSync(join('docs', 'figures', `${name}.svg`), `${await view.toSVG()}\n`);
}

/** Test loss of each objective, which the paper calls task, by epoch. */
function losses(curves) {
  const values = curves.points
    .filter(({ metric, node }) => metric === 'loss' && node !== undefined)
    .map(({ variant, round, node, value }) => ({
      variant,
      epoch: round / 30,
      task: `task ${node + 1}`,
      value,
    }));
  return {
    data: { values },
    facet: { field: 'variant', title: null, sort: curves.variants },
    columns: 4,
    spec: meanAndRange('epoch', 'epoch', 'value', 'test loss', 'task'),
  };
}

/** Mixing matrix W at the beginning of epochs 1, 6, 11 and 16, with the first seed. */
function mixing(curves) {
  const values = [1, 6, 11, 16].flatMap((epoch) =>
    curves
      .mixing('dynamic', curves.seeds[0], 4, 30 * (epoch - 1))
      .flatMap((row, i) =>
        row.map((weight, j) => ({ epoch: `epoch ${epoch}`, order: epoch, i: i + 1, j: j + 1, weight })),
      ),
  );
  const axes = {
    x: { field: 'j', type: 'ordinal', title: 'task' },
    y: { field: 'i', type: 'ordinal', title: 'task' },
  };
  return {
    data: { values },
    facet: { column: { field: 'epoch', title: null, sort: { field: 'order' } } },
    spec: {
      width: 120,
      height: 120,
      layer: [
        {
          mark: 'rect',
          encoding: { ...axes, color: { field: 'weight', type: 'quantitative', scale: { domain: [0, 1] } } },
        },
        { mark: 'text', encoding: { ...axes, text: { field: 'weight', format: '.2f' } } },
      ],
    },
  };
}

/** The point of a round at which accuracies were taken; where a method has it not, the one that it has. */
function pointOf(curves) {
  const points = curves.runs.map(({ measured_at }) => measured_at);
  return points.includes('mixed') ? 'mixed' : points[0];
}

/** Mixing weights of the first seed: who listens to whom, at three rounds. */
function weights(curves) {
  const values = [3, 9, 20].flatMap((round) =>
    curves
      .mixing('l2c', curves.seeds[0], 20, round)
      .flatMap((row, i) => row.map((weight, j) => ({ round: `round ${round}`, order: round, i, j, weight }))),
  );
  return {
    data: { values },
    facet: { column: { field: 'round', title: null, sort: { field: 'order' } } },
    spec: {
      width: 200,
      height: 200,
      mark: 'rect',
      encoding: {
        x: {
          field: 'j',
          type: 'ordinal',
          title: 'sender',
          axis: { labelAngle: 0, values: [0, 4, 8, 12, 16] },
        },
        y: { field: 'i', type: 'ordinal', title: 'receiver', axis: { values: [0, 4, 8, 12, 16] } },
        color: { field: 'weight', type: 'quantitative', scale: { domain: [0, 0.5], clamp: true } },
      },
    },
  };
}

/** Test loss by round. */
function lossByRound(curves) {
  const values = curves.points
    .filter(({ metric, round }) => metric === 'loss-mean' && round > 0)
    .map(({ variant, round, value }) => ({ variant, round, value }));
  const title = `test loss (${pointOf(curves)}), mean over nodes`;
  return { data: { values }, ...meanAndRange('round', 'round', 'value', title, 'variant') };
}

/** The least test loss of a run by the samples of a task. */
function leastLosses(curves) {
  const values = curves.variants.flatMap((name) => {
    const [, samples, variant] = /^train-(\d+)-(.*)$/.exec(name);
    return curves.seeds.map((seed) => ({
      variant,
      samples: Number(samples) / 4,
      value: leastLoss(curves, name, seed),
    }));
  });
  const figure = meanAndRange('samples', 'training samples a task', 'value', 'least test loss', 'variant');
  for (const { encoding } of figure.layer) encoding.x = { ...encoding.x, scale: { type: 'log' } };
  return { data: { values }, ...figure };
}

/** Rounds to the error with the best step size, against the number of nodes. */
function fewest(curves) {
  const found = SIZES.map((nodes) => fewestRounds(curves, nodes));
  return againstNodes(
    found.map(({ nodes, rounds }) => ({ nodes, value: rounds })),
    'rounds to the error',
  );
}

/** Accuracy by round, and by the bytes that were sent. */
function accuracy(curves) {
  const sent = (variant, seed, round) => curves.at(variant, seed, 'sent-bytes', { round }) / 1e6;
  const values = curves.points
    .filter(({ metric, round }) => metric === 'accuracy-mean' && round > 0)
    .map(({ variant, seed, round, value }) => ({ variant, round, value, sent: sent(variant, seed, round) }));
  return {
    data: { values },
    hconcat: [
      meanAndRange('round', 'round', 'value', `accuracy (${pointOf(curves)}), mean over nodes`, 'variant'),
      bySent('sent, MB', `accuracy (${pointOf(curves)})`),
    ],
  };
}

/** Accuracy against what was sent, mean over the seeds. */
function bySent(x, y) {
  return {
    ...SIZE,
    transform: [
      { filter: 'datum.sent > 0' },
      {
        aggregate: [
          { op: 'mean', field: 'value', as: 'value' },
          { op: 'mean', field: 'sent', as: 'sent' },
        ],
        groupby: ['variant', 'round'],
      },
    ],
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'sent', type: 'quantitative', scale: { type: 'log' }, title: x },
      y: { field: 'value', type: 'quantitative', title: y, scale: { zero: false } },
      color: { field: 'variant', type: 'nominal', title: null },
      order: { field: 'round' },
    },
  };
}

/** Accuracy against the cost of masks: by the bytes of the ledger, and as MCE-PL's released code counts, by their ones alone. */
function costs(curves) {
  // Bytes of a packed mask: of values-bytes ÷ packed masks, the released code counts the ones.
  const packed = 25_408;
  const names = ['keep-10', 'mce-pl', 'keep-50', 'd-psgd'];
  const values = (megabytesOf) => ({
    values: curves.points
      .filter(
        ({ metric, round, variant }) => metric === 'accuracy-mean' && round > 0 && names.includes(variant),
      )
      .map(({ variant, seed, round, value }) => {
        const at = (metric) => curves.at(variant, seed, metric, { round });
        return { variant, round, value, sent: megabytesOf(at, variant) };
      }),
  });
  const ones = (at) => ((at('values-bytes') / packed) * at('mask-ones')) / 8e6;
  const title = `accuracy (${pointOf(curves)})`;
  return {
    hconcat: [
      { data: values((at) => at('sent-bytes') / 1e6), ...bySent('sent, MB', title) },
      {
        data: values((at, variant) => (variant === 'd-psgd' ? at('values-bytes') / 1e6 : ones(at))),
        ...bySent('MB as the released code counts', title),
      },
    ],
  };
}

/** Accuracy of each head at the end, on the data of all nodes (shared) and on those of its own node (private). */
function heads(curves) {
  const skills = { shared: 'global-accuracy', private: 'accuracy' };
  const values = curves.points
    .filter(({ metric, seed, variant, round }) => round === curves.rounds(variant, seed, metric).at(-1))
    .flatMap(({ metric, variant, value }) => {
      const [, name, head = 'main'] = /^((?:global-)?accuracy)(?::(aux \d))?-mean$/.exec(metric) ?? [];
      const skill = Object.keys(skills).find((key) => skills[key] === name);
      return skill === undefined ? [] : [{ variant, skill, head, value }];
    });
  return {
    data: { values },
    facet: { column: { field: 'skill', title: null, sort: Object.keys(skills) } },
    spec: {
      ...SIZE,
      mark: { type: 'line', point: true },
      encoding: {
        x: {
          field: 'head',
          type: 'ordinal',
          title: 'head',
          sort: ['main', 'aux 1', 'aux 2', 'aux 3', 'aux 4'],
        },
        y: {
          field: 'value',
          aggregate: 'mean',
          type: 'quantitative',
          title: 'accuracy, mean over nodes',
          scale: { zero: false },
        },
        color: { field: 'variant', type: 'nominal', title: null },
      },
    },
  };
}

/** Accuracy of the worst node at the end by the share of messages that were lost, or of time that nodes were down. */
function dropout(curves) {
  const values = curves.variants.flatMap((variant) => {
    const [, method, kind, share] = /^(.*)-(calm|drop|churn)-?(\d+)?$/.exec(variant);
    const kinds = kind === 'calm' ? ['drop', 'churn'] : [kind];
    return curves.seeds.flatMap((seed) =>
      kinds.map((of) => ({
        method,
        kind: of === 'drop' ? 'messages lost' : 'nodes down',
        lost: Number(share ?? 0),
        accuracy: curves.at(variant, seed, 'accuracy-worst'),
      })),
    );
  });
  return {
    data: { values },
    facet: { column: { field: 'kind', title: null } },
    spec: {
      ...SIZE,
      mark: { type: 'line', point: true },
      encoding: {
        x: { field: 'lost', type: 'quantitative', title: 'share, %' },
        y: {
          field: 'accuracy',
          aggregate: 'mean',
          type: 'quantitative',
          title: `accuracy (${pointOf(curves)}) of the worst node`,
          scale: { zero: false },
        },
        color: { field: 'method', type: 'nominal', title: null, scale: { scheme: 'category20' } },
      },
    },
  };
}

/** Noise floor of the representation against the number of nodes, by topology. */
function speedup(curves) {
  const topologies = ['ring', 'star', 'complete'];
  const values = topologies.flatMap((kind) =>
    [2, ...SIZES].map((nodes) => ({ nodes, value: errorOf(curves, nodes, kind), kind })),
  );
  return againstNodes(values, 'error of the representation');
}

/** On logarithmic axes, with a line that falls as 1/N through the value of four nodes. */
function againstNodes(given, title) {
  const values = given.map((one) => ({ kind: 'measured', ...one }));
  const { value } = values.find(({ nodes }) => nodes === 4);
  const line = values
    .filter(({ kind }) => kind === values[0].kind)
    .map(({ nodes }) => ({ nodes, value: (4 * value) / nodes, kind: '1/N' }));
  return {
    ...SIZE,
    data: { values: [...values, ...line] },
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'nodes', type: 'quantitative', scale: { type: 'log', base: 2 }, title: 'nodes' },
      y: { field: 'value', type: 'quantitative', scale: { type: 'log' }, title },
      color: { field: 'kind', type: 'nominal', title: null },
    },
  };
}

function meanAndRange(x, xTitle, y, yTitle, color) {
  const encoding = {
    x: { field: x, type: 'quantitative', title: xTitle },
    color: { field: color, type: 'nominal', title: null, legend: { symbolType: 'stroke', symbolOpacity: 1 } },
  };
  const vertical = { field: y, type: 'quantitative', title: yTitle, scale: { zero: false } };
  return {
    ...SIZE,
    layer: [
      {
        mark: { type: 'area', opacity: 0.12 },
        encoding: {
          ...encoding,

          y: { ...vertical, aggregate: 'min' },
          y2: { field: y, aggregate: 'max' },
        },
      },
      { mark: 'line', encoding: { ...encoding, y: { ...vertical, aggregate: 'mean' } } },
    ],
  };
}
