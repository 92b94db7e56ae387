/**
 * Low rank, as in PowerSGD: each matrix M [m × n] of a model is sent as P [m × r] and Q [n × r], and arrives as P·Qᵀ. One step
 * of subspace iteration finds them (Algorithm 1 of the paper): P = M·Q₀, its columns made orthonormal, then Q = Mᵀ·P. Q₀ is the
 * Q of the message before (warm start), so that successive messages come near the best approximation of that rank;
 * in the first message it is drawn. A tensor of more than two axes is a matrix with its last axis as columns. What would not
 * get smaller, biases above all, is sent as it is. PowerSGD feeds errors back: put `error-feedback` around it for that.
 */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { count } from '../options/index.js';
import type { Random } from '../random.js';
import type { VectorBody, VectorLayout, VectorView } from './codec.js';
import type { CodecEntry } from './entry.js';
import { fromLittleEndian, toLittleEndian } from './little-endian.js';
import { approximation, leftFactor, rightFactor } from './power-iteration.js';
import type { SizedCodec } from './sizes.js';
import { checkLengths, checkVector } from './vector.js';

interface LowRankOptions {
  readonly rank: number;
}

/** A tensor of the vector, and the rank of what is sent of it; 0: all of it. */
interface Piece {
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
  readonly rank: number;
}

const NAN_BITS = 0x7fc00000;

/**
 * Codec of the vectors of a layout, whose tensors are known: 4·Σ r·(m + n) bytes for the matrices where r·(m + n) < m·n, with
 * r = min(rank, m, n), and 4 bytes for each other coordinate; all values. A matrix with a number that is not finite, or whose factors are not,
 * arrives as NaN everywhere. Throws a UsageError for a vector whose tensors are not known.
 */
export function lowRank({ rank }: LowRankOptions, layout: VectorLayout): SizedCodec<VectorBody, VectorView> {
  const { length } = layout;
  const id = `low-rank(${rank})`;
  const pieces = piecesOf(layout, rank);
  const size = 4 * pieces.reduce((sum, piece) => sum + numbersOf(piece), 0);
  return {
    id,
    sizes: { index: 0, values: size, header: 0 },
    encode(body, random, memory) {
      checkVector(id, body, length);
      const numbers = new Float32Array(size / 4);
      const before = memory?.value as readonly Float32Array[] | undefined;
      const after: Float32Array[] = [];
      let place = 0;
      for (const piece of pieces) {
        const own = numbers.subarray(place, place + numbersOf(piece));
        const matrix = body.values.subarray(piece.offset, piece.offset + piece.rows * piece.columns);
        if (piece.rank === 0) copyBits(matrix, own);
        else after.push(factorize(matrix, piece, { into: own, start: before?.[after.length], random }));
        place += own.length;
      }
      if (memory) memory.value = after;
      return { bytes: toLittleEndian(numbers), indexBytes: 0, valuesBytes: size, headerBytes: 0 };
    },
    decode(bytes, indexBytes) {
      checkLengths(id, { bytes, indexBytes }, { bytes: size, indexBytes: 0 });
      const numbers = fromLittleEndian(Float32Array, bytes);
      const values = new Float32Array(length);
      let place = 0;
      for (const piece of pieces) {
        const own = numbers.subarray(place, place + numbersOf(piece));
        const matrix = values.subarray(piece.offset, piece.offset + piece.rows * piece.columns);
        if (piece.rank === 0) copyBits(own, matrix);
        else approximation(own, piece, matrix);
        place += own.length;
      }
      return { length, values };
    },
  };
}

function piecesOf({ length, slices }: VectorLayout, rank: number): Piece[] {
  const covered = slices?.reduce((sum, slice) => sum + slice.length, 0);
  if (!slices || covered !== length) {
    throw new UsageError(
      'bad-option',
      `low-rank: expected a vector whose matrices are known, such as the params of a model, got one of ${length} numbers: take another codec`,
      'algorithm.codec',
    );
  }
  return slices.map(({ shape, offset, length: size }) => {
    const columns = shape.at(-1) ?? 1;
    const rows = columns === 0 ? 0 : size / columns;
    const r = Math.min(rank, rows, columns);
    return { offset, rows, columns, rank: r * (rows + columns) < rows * columns ? r : 0 };
  });
}

/** How many numbers are sent of a tensor. */
function numbersOf({ rows, columns, rank }: Piece): number {
  return rank === 0 ? rows * columns : rank * (rows + columns);
}

/** As bits, since reading a NaN as a number may change its payload. */
function copyBits(from: Float32Array, to: Float32Array): void {
  const bits = new Uint32Array(from.buffer, from.byteOffset, from.length);
  new Uint32Array(to.buffer, to.byteOffset, to.length).set(bits);
}

/** Writes P, then Q, and returns Q. */
function factorize(
  matrix: Float32Array,
  piece: Piece,
  {
    into,
    start,
    random,
  }: { readonly into: Float32Array; readonly start: Float32Array | undefined; readonly random: Random },
): Float32Array {
  const { rows, columns, rank } = piece;
  const left = into.subarray(0, rows * rank);
  const right = into.subarray(rows * rank);
  leftFactor(matrix, piece, { start: started(start, columns, rank, random), into: left });
  rightFactor(matrix, piece, { left, into: right });
  if (!into.every(Number.isFinite)) new Uint32Array(into.buffer, into.byteOffset, into.length).fill(NAN_BITS);
  return right.slice();
}

/** Q₀ [columns × rank]: what was kept; a column that has no direction, and all of them in the first message, are drawn. */
function started(
  kept: Float32Array | undefined,
  columns: number,
  rank: number,
  random: Random,
): Float64Array {
  const start = kept ? Float64Array.from(kept) : new Float64Array(columns * rank);
  for (let r = 0; r < rank; r++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += start[j * rank + r]! ** 2;
    if (sum > 0 && sum < Infinity) continue;
    for (let j = 0; j < columns; j++) start[j * rank + r] = random.normal();
  }
  return start;
}

/** List entry of {@link lowRank}. */
export const lowRankEntry: CodecEntry<LowRankOptions> = {
  id: 'low-rank',
  description: 'every matrix of the model as the product of two thin ones (PowerSGD); the rest as float32',
  reference:
    'Vogels, Karimireddy and Jaggi, PowerSGD: Practical Low-Rank Gradient Compression for Distributed Optimization, NeurIPS 2019',
  options: z.strictObject({
    rank: count(1, 4096).default(2).describe('rank of what arrives of each matrix'),
  }),
  create: lowRank,
};
