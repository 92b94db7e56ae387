/** How groups of nodes see the same rows differently. */
import { UsageError } from '../errors.js';
import type { Random } from '../random.js';
import { lengthOf, type View } from './dataset.js';

/** What is common to the nodes of a group, and to no other. */
export interface GroupKinds {
  /** `permuted`: each group calls the classes by a permutation of its own. */
  readonly labels: 'stored' | 'permuted';
  /** `permuted`: each group has an order of the features of its own; `rotated`: group g turns images by 90°·g. */
  readonly inputs: 'stored' | 'permuted' | 'rotated';
}

/**
 * The view of each group; undefined where a group sees everything as it is stored. Permutations of two groups differ as
 * long as there are more permutations than groups. Throws UsageError where images cannot be turned.
 *
 * @param random - the stream of that name
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
 * Where each feature of an image [side, side] or [side, side, channels] comes from after so many quarter turns
 * counterclockwise: feature k of the turned image is feature `result[k]` of the stored one. Undefined for no turn.
 * Throws UsageError for another shape.
 */
export function quarterTurns(shape: readonly number[], turns: number): Uint32Array | undefined {
  const [side, width, channels = 1] = shape;
  if (shape.length < 2 || shape.length > 3 || side === undefined || side !== width) {
    throw new UsageError(
      'not-square',
      `expected square images, to turn them by 90°, got samples of shape ${shape.join(' × ')}`,
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

/** One permutation of 0 … length − 1 from each stream, each other than those before it while there are others. */
function permutations(length: number, streams: readonly Random[]): Uint32Array[] {
  let existing = 1;
  for (let k = 2; k <= length && existing <= streams.length; k++) existing *= k;
  const taken = new Set<string>();
  return streams.map((random) => {
    if (taken.size >= existing) taken.clear();
    for (;;) {
      const permutation = random.shuffle(Uint32Array.from({ length }, (_, k) => k));
      const key = permutation.join();
      if (taken.has(key)) continue;
      taken.add(key);
      return permutation;
    }
  });
}
