/** The laws of data sources and splits, for our own entries and for those of users. */
import { isDeepStrictEqual } from 'node:util';
import { type Dataset, lengthOf, type Shard, type View } from '../data/dataset.js';
import type { DataSource } from '../data/source.js';
import { type Dealt, faultOfDealing, type Split } from '../data/split.js';
import { assert } from '../errors.js';
import { Random, Streams } from '../random.js';

/**
 * Checks that a source keeps its contract: the same stream gives the same dataset; sizes, shape, labels and classes
 * agree, public rows, attributes and targets included; features, labels and targets are in shared memory. Returns the
 * dataset. Throws an AssertionError at the first law that is broken.
 *
 * @param choice.options - as in a scenario, without `use`; defaults are filled in
 * @param choice.nodes - learners, by default 4
 * @param choice.directory - the directory against which relative paths are resolved, by default the current one
 * @public
 */
export async function testSource(
  entry: DataSource,
  choice: { readonly options?: unknown; readonly nodes?: number; readonly directory?: string } = {},
): Promise<Dataset> {
  const where = `data source "${entry.id}"`;
  const options = entry.options.parse(choice.options ?? {});
  const load = () =>
    entry.load(options, {
      random: new Random('conformance'),
      nodes: choice.nodes ?? 4,
      directory: choice.directory ?? '.',
    });
  const dataset = await load();
  assert(
    isDeepStrictEqual(dataset, await load()),
    `${where}: expected the same dataset from the same stream`,
  );
  checkDataset(dataset, where);
  return dataset;
}

function checkDataset(dataset: Dataset, where: string): void {
  const { attributes = 1, publicRows = 0, targets } = dataset;
  const rows = dataset.train + dataset.test + publicRows;
  const width = lengthOf(dataset.shape);
  assert(
    attributes >= 1 && publicRows >= 0,
    `${where}: expected at least one label per row and at least 0 public rows, got ${attributes} and ${publicRows}`,
  );
  assert(
    dataset.train > 0 && dataset.test >= 0,
    `${where}: expected training rows, and at least 0 test rows, got ${dataset.train} and ${dataset.test}`,
  );
  assert(
    dataset.features.length === rows * width,
    `${where}: expected ${rows} × ${width} features, got ${dataset.features.length}`,
  );
  assert(
    dataset.labels.length === rows * attributes,
    `${where}: expected ${attributes} label${attributes > 1 ? 's' : ''} for each of ${rows} rows, got ${dataset.labels.length}`,
  );
  assert(
    dataset.features.buffer instanceof SharedArrayBuffer &&
      dataset.labels.buffer instanceof SharedArrayBuffer,
    `${where}: expected features and labels in shared memory (SharedArrayBuffer)`,
  );
  assert(
    Number.isFinite(dataset.scale) && dataset.features.every(Number.isFinite),
    `${where}: expected a finite scale and finite features`,
  );
  assert(
    dataset.labels.every((label) => label >= 0 && label < Math.max(1, dataset.classes)),
    `${where}: expected labels from 0 to below the number of classes (${dataset.classes}), or all 0 where there are none`,
  );
  if (targets === undefined) return;
  assert(
    targets.length === rows && targets.buffer instanceof SharedArrayBuffer && targets.every(Number.isFinite),
    `${where}: expected a finite target in shared memory for each of ${rows} rows, got ${targets.length}`,
  );
  assert(
    dataset.classes === 0,
    `${where}: expected no classes, since the data have targets, got ${dataset.classes}`,
  );
}

/**
 * Checks that a split keeps its contract: the same streams give the same shards; lists of rows ascend; the training and
 * validation rows of all nodes are rows of the training part, disjoint unless the split repeats them; test rows are rows of the test part; every node
 * has training rows; together they have the rows that the split deals; a view names attributes, classes and features that the dataset has; a share for validation is taken
 * out of each node's own training rows and changes nothing else. Returns the shards without validation rows. Throws an
 * AssertionError at the first law that is broken.
 *
 * @param choice.options - as in a scenario, without `use`; defaults are filled in
 * @param choice.dataset - by default 600 training and 200 test samples in 10 classes
 * @param choice.nodes - learners, by default 7
 * @param choice.seed - seed of the streams, by default 1
 * @public
 */
export function testSplit(
  entry: Split,
  choice: {
    readonly options?: unknown;
    readonly dataset?: Dataset;
    readonly nodes?: number;
    readonly seed?: number | string;
  } = {},
): Shard[] {
  const where = `split "${entry.id}"`;
  const options = entry.options.parse(choice.options ?? {});
  const dataset = choice.dataset ?? sampleDataset(600, 200, 10);
  const nodes = choice.nodes ?? 7;
  const split = (validation: number) => {
    const streams = new Streams(choice.seed ?? 1);
    const random = (name = '') => streams.stream(`split/${name}`);
    return entry.split(options, { dataset, nodes, random, validation });
  };
  const dealt = entry.deals?.(options, { nodes }) ?? 'all';
  const shards = split(0);
  checkShards(shards, { dataset, nodes, where, dealt });
  const fault = faultOfDealing(shards, dataset, dealt);
  assert(fault === undefined, `${where}: ${fault}`);
  assert(isDeepStrictEqual(shards, split(0)), `${where}: expected the same shards from the same streams`);
  const share = 0.25;
  const held = split(share);
  checkShards(held, { dataset, nodes, where, dealt });
  for (const [node, shard] of held.entries()) {
    const whole = shards[node]!;
    assert(
      whole.validation.length === 0,
      `${where}: expected no validation rows at node ${node} where their share is 0, got ${whole.validation.length}`,
    );
    assert(
      shard.validation.length === Math.floor(share * whole.train.length),
      `${where}: expected ${share * 100}% of ${whole.train.length} rows for validation at node ${node}, got ${shard.validation.length}`,
    );
    const together = Uint32Array.from([...shard.train, ...shard.validation]).sort((a, b) => a - b);
    assert(
      isDeepStrictEqual(together, whole.train) &&
        isDeepStrictEqual(shard.test, whole.test) &&
        isDeepStrictEqual(shard.view, whole.view),
      `${where}: expected the validation rows of node ${node} to be taken out of its own training rows, and nothing else to change`,
    );
  }
  return shards;
}

/**
 * A dataset of one feature, its row number modulo 256, with labels that go round: label k of row r is r + k modulo
 * classes.
 * @public
 */
export function sampleDataset(train: number, test: number, classes: number, attributes = 1): Dataset {
  const rows = train + test;
  const label = (place: number) => (Math.floor(place / attributes) + (place % attributes)) % classes;
  return {
    id: 'sample',
    shape: [1],
    features: Uint8Array.from({ length: rows }, (_, row) => row % 256),
    scale: 1,
    labels: Int32Array.from({ length: rows * attributes }, (_, place) => (classes === 0 ? 0 : label(place))),
    attributes,
    classes,
    train,
    test,
  };
}

function checkShards(
  shards: readonly Shard[],
  {
    dataset,
    nodes,
    where,
    dealt,
  }: { readonly dataset: Dataset; readonly nodes: number; readonly where: string; readonly dealt: Dealt },
): void {
  assert(shards.length === nodes, `${where}: expected ${nodes} shards, got ${shards.length}`);
  const owner = new Map<number, number>();
  for (const [node, shard] of shards.entries()) {
    assert(shard.train.length > 0, `${where}: expected training rows at node ${node}, got none`);
    if (shard.view) checkView(shard.view, dataset, `${where}: the view of node ${node}`);
    for (const part of ['train', 'validation', 'test'] as const) {
      const from = part === 'test' ? dataset.train : 0;
      const to = part === 'test' ? dataset.train + dataset.test : dataset.train;
      for (const [k, row] of shard[part].entries()) {
        const place = `${where}: ${part} row ${row} of node ${node}`;
        assert(
          k === 0 || row > shard[part][k - 1]!,
          `${place} is not greater than the row before it; lists of rows ascend`,
        );
        assert(row >= from && row < to, `${place} is not a row from ${from} to ${to - 1}`);
        if (part === 'test' || dealt === 'repeatedly') continue;
        assert(!owner.has(row), `${place} belongs to node ${owner.get(row)} already`);
        owner.set(row, node);
      }
    }
  }
}

function checkView(view: View, dataset: Dataset, where: string): void {
  const { attribute = 0, labels, features } = view;
  const { attributes = 1, classes } = dataset;
  const below = (value: number, limit: number) => Number.isInteger(value) && value >= 0 && value < limit;
  assert(
    below(attribute, attributes),
    `${where}: expected an attribute from 0 to ${attributes - 1}, got ${attribute}`,
  );
  assert(
    labels === undefined ||
      (labels instanceof Int32Array &&
        labels.length === classes &&
        labels.every((label) => below(label, classes))),
    `${where}: expected \`labels\` to give each of the ${classes} classes a class from 0 to ${classes - 1}`,
  );
  const width = lengthOf(dataset.shape);
  assert(
    features === undefined ||
      (features instanceof Uint32Array &&
        features.length === width &&
        features.every((place) => below(place, width))),
    `${where}: expected \`features\` to give each of the ${width} features one from 0 to ${width - 1}`,
  );
}
