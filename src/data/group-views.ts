/** How groups of nodes see the same rows differently. */
import { UsageError } from '../errors.js';
import type { Random } from '../random.js';
import { lengthOf, type View } from './dataset.js';

/** In what the views of the groups differ. */
export interface GroupKinds {
  /** `permuted`: each group has a permutation of the class labels of its own. */
  readonly labels: 'stored' | 'permuted';
  /** `permuted`: each group has an order of the features of its own; `rotated`: group g sees images turned by g · 90°. */
  readonly inputs: 'stored' | 'permuted' | 'rotated';
}

/**
 * The view of each group; undefined for a group that sees everything as it is stored. The permutations of all groups
 * differ unless there are more groups than permutations. Throws UsageError if images cannot be turned.
 *
 * @param random - returns the stream of that name
 */
export function groupViews(
  groups: number,
  kinds: GroupKinds,
  data: { readonly shape: readonly number[]; readonly classes: number },
  random: (name: string) => Random,
): Array<View | undefined> {
  const width = lengthOf(data.shape);
  const streams = (what: string) => Array.from({ length: groups }, (_, g) => random(`group ${g}/${what}`));
  const labels = kinds.labels === 'permuted' ? permutations(data.classes, streams('labels')) : undefined;
  const features =
    kinds.inputs === 'permuted'
      ? permutations(width, streams('inputs'))
      : kinds.inputs === 'rotated'
        ? Array.from({ length: groups }, (_, g) => quarterTurns(data.shape, g % 4))
        : undefined;
  return Array.from({ length: groups }, (_, g) => {
    const names = labels?.[g];
    const places = features?.[g];
    if (!names && !places) return undefined;
    return { ...(names && { labels: Int32Array.from(names) }), ...(places && { features: places }) };
  });
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
