/** Checks of what data sources and splits give, so that the mistake of a module is named before anything is computed. */
import { expectPlugin, PluginError } from '../errors.js';
import { type Dataset, lengthOf, type Shard, type View } from './dataset.js';

/** Throws a PluginError that begins with `place` unless the data set is as its type says. */
export function checkDataset(dataset: Dataset, place: string): void {
  const isObject = typeof dataset === 'object' && dataset !== null;
  expectPlugin(isObject, place, `a data set, got ${String(dataset)}`);
  const { shape, features, scale, labels, targets, users, classes, train, test } = dataset;
  const { attributes = 1, publicRows = 0 } = dataset;
  const count = (name: string, value: unknown, least: number) =>
    expectPlugin(
      Number.isSafeInteger(value) && (value as number) >= least,
      place,
      `${name} to be a whole number of at least ${least}, got ${String(value)}`,
    );
  count('train', train, 1);
  count('test', test, 0);
  count('publicRows', publicRows, 0);
  count('classes', classes, 0);
  count('attributes', attributes, 1);
  const isShape = Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size > 0);
  expectPlugin(isShape, place, `a shape of whole numbers of at least 1, got [${String(shape)}]`);
  const isScale = Number.isFinite(scale) && scale !== 0;
  expectPlugin(isScale, place, `a scale that is finite and not 0, got ${scale}`);
  const rows = train + test + publicRows;
  const values = rows * lengthOf(shape);
  const hasFeatures = features instanceof Uint8Array || features instanceof Float32Array;
  expectPlugin(
    hasFeatures && features.length === values,
    place,
    `features of ${rows} rows of ${lengthOf(shape)} numbers, ${values} in all, as a Uint8Array or a Float32Array, got ${lengthText(features)}`,
  );
  const hasLabels = labels instanceof Int32Array && labels.length === rows * attributes;
  expectPlugin(
    hasLabels,
    place,
    `${rows * attributes} labels, ${attributes} for each of ${rows} rows, as an Int32Array, got ${lengthText(labels)}`,
  );
  const most = Math.max(0, classes - 1);
  const wrong = labels.findIndex((label) => !(label >= 0 && label <= most));
  expectPlugin(
    wrong < 0,
    place,
    `labels from 0 to ${most}, got ${labels[wrong]} at row ${Math.floor(wrong / attributes)}`,
  );
  if (targets !== undefined) {
    const fits = targets instanceof Float32Array && targets.length === rows;
    expectPlugin(
      fits,
      place,
      `${rows} targets, one for each row, as a Float32Array, got ${lengthText(targets)}`,
    );
    expectFinite(targets, 1, 'targets', place);
  }
  if (users !== undefined) {
    const fits = users instanceof Int32Array && users.length === rows && users.every((user) => user >= 0);
    expectPlugin(
      fits,
      place,
      `${rows} users of at least 0, one for each row, as an Int32Array, got ${lengthText(users)}`,
    );
  }
  if (features instanceof Float32Array) expectFinite(features, lengthOf(shape), 'features', place);
}

/** Throws a PluginError that begins with `place` unless the shards are of rows and attributes of the data set. */
export function checkShards(
  shards: readonly Shard[],
  { dataset, nodes }: { readonly dataset: Dataset; readonly nodes: number },
  place: string,
): void {
  expectPlugin(Array.isArray(shards), place, `an array of shards, got ${String(shards)}`);
  expectPlugin(shards.length >= nodes, place, `${nodes} shards, one for each node, got ${shards.length}`);
  const { train, test } = dataset;
  // Many nodes may have one list of test rows.
  const checked = new Set<Uint32Array>();
  for (const [node, shard] of shards.slice(0, nodes).entries()) {
    const of = `${place}, node ${node}`;
    checkRows(shard?.train, { from: 0, to: train }, `${of}: train`);
    checkRows(shard.validation, { from: 0, to: train }, `${of}: validation`);
    if (!checked.has(shard.test)) checkRows(shard.test, { from: train, to: train + test }, `${of}: test`);
    checked.add(shard.test);
    expectPlugin(shard.train.length > 0, of, 'at least one training row, got none');
    checkDisjoint(shard, of);
    if (shard.view !== undefined) checkView(shard.view, dataset, of);
  }
}

/** Rows of a list: ascending, and within [from, to). */
function checkRows(rows: unknown, { from, to }: { from: number; to: number }, place: string): void {
  expectPlugin(rows instanceof Uint32Array, place, `rows as a Uint32Array, got ${String(rows)}`);
  for (let k = 0; k < rows.length; k++) {
    const row = rows[k]!;
    if (row < from || row >= to)
      throw new PluginError(`${place}: expected rows from ${from} to ${to - 1}, got ${row}`);
    if (k > 0 && row <= rows[k - 1]!)
      throw new PluginError(`${place}: expected ascending rows, got ${row} after ${rows[k - 1]}`);
  }
}

/** Both lists ascend. */
function checkDisjoint({ train, validation }: Shard, place: string): void {
  let k = 0;
  for (const row of validation) {
    while (k < train.length && train[k]! < row) k++;
    if (train[k] === row)
      throw new PluginError(
        `${place}: expected validation rows apart from the training rows, got row ${row} in both`,
      );
  }
}

function checkView({ attribute = 0, labels, features }: View, dataset: Dataset, place: string): void {
  const { attributes = 1, classes, shape } = dataset;
  const isAttribute = Number.isInteger(attribute) && attribute >= 0 && attribute < attributes;
  expectPlugin(isAttribute, place, `a view of an attribute from 0 to ${attributes - 1}, got ${attribute}`);
  if (labels !== undefined) {
    const fits =
      labels instanceof Int32Array &&
      labels.length === classes &&
      labels.every((label) => label >= 0 && label < classes);
    expectPlugin(
      fits,
      place,
      `a view with ${classes} labels from 0 to ${classes - 1}, got [${String(labels)}]`,
    );
  }
  if (features !== undefined) {
    const length = lengthOf(shape);
    const fits =
      features instanceof Uint32Array &&
      features.length === length &&
      features.every((feature) => feature < length);
    expectPlugin(fits, place, `a view with ${length} features from 0 to ${length - 1}`);
  }
}

function expectFinite(values: Float32Array, perRow: number, what: string, place: string): void {
  // A loop, since large data sets have millions of numbers.
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]!))
      throw new PluginError(
        `${place}: expected finite ${what}, got ${values[i]} at row ${Math.floor(i / perRow)}`,
      );
}

function lengthText(values: unknown): string {
  const { length } = (values ?? {}) as { readonly length?: unknown };
  return typeof length === 'number' ? `${length}` : String(values);
}
