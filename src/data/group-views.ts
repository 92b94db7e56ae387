/** How groups of nodes see the same rows differently. */
import { UsageError } from '../errors.js';
import type { Random } from '../random.js';
import { lengthOf, type View } from './dataset.js';

/** In what the views of the groups differ. */
export interface GroupKinds {
  /** `permuted`: each group has a permutation of the class labels of its own. */
  readonly labels: 'stored' | 'permuted';
  /**
   * `permuted`: each group has an order of the features of its own; `rotated`: group g sees images turned by g · 90°;
   * `recolored`: each group has an order of the channels of its own; `slanted`: each group sees images of a slope of its own.
   */
  readonly inputs: 'stored' | 'permuted' | 'rotated' | 'recolored' | 'slanted';
  /**
   * For slanted inputs: the slopes of the groups are spread evenly from −slant to slant.
   * @defaultValue 0.4
   */
  readonly slant?: number | undefined;
}

const SLANT = 0.4;

/**
 * The view of each group; undefined for a group that sees everything as it is stored. The permutations of all groups
 * differ unless there are more groups than permutations. Throws UsageError if images cannot be turned, slanted or recoloured.
 *
 * @param random - returns the stream of that name
 */
export function groupViews(
  groups: number,
  kinds: GroupKinds,
  data: { readonly shape: readonly number[]; readonly classes: number },
  random: (name: string) => Random,
): Array<View | undefined> {
  const streams = (what: string) => Array.from({ length: groups }, (_, g) => random(`group ${g}/${what}`));
  const labels = kinds.labels === 'permuted' ? permutations(data.classes, streams('labels')) : undefined;
  const features = inputsOf(groups, kinds, data.shape, () => streams('inputs'));
  return Array.from({ length: groups }, (_, g) => {
    const names = labels?.[g];
    const places = features?.[g];
    if (!names && !places) return undefined;
    return { ...(names && { labels: Int32Array.from(names) }), ...(places && { features: places }) };
  });
}

/** Which stored feature each feature of each group is; undefined where a group, or all of them, see them as they are stored. */
function inputsOf(
  groups: number,
  { inputs, slant = SLANT }: GroupKinds,
  shape: readonly number[],
  streams: () => Random[],
): Array<Uint32Array | undefined> | undefined {
  switch (inputs) {
    case 'stored':
      return undefined;
    case 'permuted':
      return permutations(lengthOf(shape), streams());
    case 'rotated':
      return Array.from({ length: groups }, (_, g) => quarterTurns(shape, g % 4));
    case 'recolored':
      return permutations(channelsOf(shape), streams()).map((order) => recolored(shape, order));
    case 'slanted':
      return Array.from({ length: groups }, (_, g) =>
        slanted(shape, groups === 1 ? slant : ((2 * g) / (groups - 1) - 1) * slant),
      );
  }
}

/** An image whose channel c is the stored channel `order[c]`. */
function recolored(shape: readonly number[], order: Uint32Array): Uint32Array {
  const channels = order.length;
  return Uint32Array.from({ length: lengthOf(shape) }, (_, k) => k - (k % channels) + order[k % channels]!);
}

/**
 * An image [height, width] or [height, width, channels] whose rows are moved sideways: the row r pixels above the middle by
 * slope · r to the right, rounded to whole pixels, as handwriting leans. What leaves a row on one side comes in on the other:
 * background, in images with a border. Undefined where no row moves. Throws UsageError for another shape.
 */
export function slanted(shape: readonly number[], slope: number): Uint32Array | undefined {
  const [height, width, channels] = imageOf(shape, 'slanted');
  const moved = Array.from({ length: height }, (_, row) => Math.round(slope * ((height - 1) / 2 - row)));
  if (moved.every((by) => by === 0)) return undefined;
  return Uint32Array.from({ length: height * width * channels }, (_, k) => {
    const row = Math.floor(k / (width * channels));
    const column = Math.floor(k / channels) % width;
    const from = (((column - moved[row]!) % width) + width) % width;
    return (row * width + from) * channels + (k % channels);
  });
}

function channelsOf(shape: readonly number[]): number {
  const [, , channels] = imageOf(shape, 'recolored');
  if (channels >= 2) return channels;
  throw new UsageError(
    'one-channel',
    `expected images of at least 2 channels, whose order can change (grey ones can be rotated or slanted), got samples of shape ${shape.join(' × ')}; remove inputs: recolored`,
    'data.split.inputs',
  );
}

function imageOf(shape: readonly number[], inputs: GroupKinds['inputs']): [number, number, number] {
  const [height, width, channels = 1] = shape;
  if (shape.length === 2 || shape.length === 3) return [height!, width!, channels];
  throw new UsageError(
    'no-image',
    `expected images, got samples of shape ${shape.join(' × ')}; remove inputs: ${inputs}`,
    'data.split.inputs',
  );
}

/**
 * An image [side, side] or [side, side, channels] after `turns` quarter turns counterclockwise: feature k of the turned
 * image is feature `result[k]` of the stored one. Undefined for 0 turns. Throws UsageError for another shape.
 */
export function quarterTurns(shape: readonly number[], turns: number): Uint32Array | undefined {
  const [side, width, channels = 1] = shape;
  if (shape.length < 2 || shape.length > 3 || side === undefined || side !== width) {
    throw new UsageError(
      'not-square',
      `expected square images, which can be turned by 90°, got samples of shape ${shape.join(' × ')}; remove inputs: rotated`,
      'data.split.inputs',
    );
  }
  if (turns === 0) return undefined;
  return Uint32Array.from({ length: side * side * channels }, (_, k) => {
    let row = Math.floor(k / (side * channels));
    let column = Math.floor(k / channels) % side;
    for (let turn = 0; turn < turns; turn++) [row, column] = [column, side - 1 - row];
    return (row * side + column) * channels + (k % channels);
  });
}

/** One permutation of 0 … length − 1 from each stream; none is repeated before all permutations have been used. */
function permutations(length: number, streams: readonly Random[]): Uint32Array[] {
  let existing = 1;
  for (let k = 2; k <= length && existing <= streams.length; k++) existing *= k;
  const used = new Set<string>();
  return streams.map((random) => {
    if (used.size >= existing) used.clear();
    for (;;) {
      const permutation = random.shuffle(Uint32Array.from({ length }, (_, k) => k));
      const key = permutation.join();
      if (used.has(key)) continue;
      used.add(key);
      return permutation;
    }
  });
}
