/** Images as activations, and how the windows of convolutions and pooling lie on them. */
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { count } from '../../options/index.js';

type Engine = typeof tf;

/** The shape of one sample's activation. @public */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * Cells of padding around an image: none (`valid`), a number on every side, or as many as it takes for ⌈size/stride⌉
 * outputs, the odd one at the end (`same`).
 * @public
 */
export type Padding = 'valid' | 'same' | number;

/**
 * Schema of a layer's `padding`.
 * @defaultValue `valid`
 * @public
 */
export function paddingOption() {
  return z
    .union([z.enum(['valid', 'same']), count(0)])
    .default('valid')
    .describe('cells of padding on every side; valid: none; same: as many as give ⌈size/stride⌉ outputs');
}

/** Square windows that slide over an image: kernels of convolutions, or windows of pooling. @public */
export interface Window {
  /** Cells on each side: the kernel size of a convolution. */
  readonly size: number;
  /** Cells from one window to the next. */
  readonly stride: number;
  readonly padding: Padding;
}

/**
 * How windows lie along one axis of an image. Together they cover `before` cells of padding, the axis itself, and `after`
 * cells of padding; where `after` is negative, that many cells at the end of the axis are in no window.
 */
export interface Span {
  readonly before: number;
  readonly after: number;
  readonly outputs: number;
}

/** Where windows lie on an image. */
export interface Windows {
  readonly rows: Span;
  readonly columns: Span;
}

/** The shape of an output with one cell per window. */
export function shapeUnder({ rows, columns }: Windows, channels: number): ImageShape {
  return { height: rows.outputs, width: columns.outputs, channels };
}

/**
 * Places windows on an image; what is left over at the end of an axis belongs to no window.
 * @throws UsageError `image-too-small` where no window fits, `bad-padding` where one could lie in the padding alone
 */
export function placeWindows(name: string, { height, width }: ImageShape, window: Window): Windows {
  if (typeof window.padding === 'number' && window.padding >= window.size) {
    throw new UsageError(
      'bad-padding',
      `layer "${name}": expected a padding below the window's size ${window.size}, got ${window.padding}`,
      'model',
    );
  }
  const [rows, columns] = [placeOnAxis(height, window), placeOnAxis(width, window)];
  if (rows.outputs < 1 || columns.outputs < 1) {
    throw new UsageError(
      'image-too-small',
      `layer "${name}": expected an image of at least ${window.size}×${window.size} (padding ${window.padding}), ` +
        `got ${height}×${width}; use larger images, padding, or fewer layers that shrink them`,
      'model',
    );
  }
  return { rows, columns };
}

function placeOnAxis(length: number, { size, stride, padding }: Window): Span {
  const outputs =
    padding === 'same'
      ? Math.ceil(length / stride)
      : Math.floor((length + 2 * (padding === 'valid' ? 0 : padding) - size) / stride) + 1;
  const covered = (outputs - 1) * stride + size;
  const before =
    padding === 'same' ? Math.floor(Math.max(0, covered - length) / 2) : padding === 'valid' ? 0 : padding;
  return { before, after: covered - length - before, outputs };
}

/** Pads (or, where negative, crops) the two middle axes of [images, height, width, channels]. */
export function resize(
  engine: Engine,
  images: tf.Tensor,
  rows: { before: number; after: number },
  columns: { before: number; after: number },
  value = 0,
): tf.Tensor4D {
  const edges = [rows.before, rows.after, columns.before, columns.after];
  let result = images as tf.Tensor4D;
  if (edges.some((cells) => cells < 0)) {
    const [count, height, width, channels] = result.shape;
    const [top, bottom, left, right] = edges.map((cells) => Math.max(0, -cells)) as [
      number,
      number,
      number,
      number,
    ];
    const size: [number, number, number, number] = [
      count,
      height - top - bottom,
      width - left - right,
      channels,
    ];
    result = engine.slice(result, [0, top, left, 0], size);
  }
  if (edges.some((cells) => cells > 0)) {
    const [top, bottom, left, right] = edges.map((cells) => Math.max(0, cells)) as [
      number,
      number,
      number,
      number,
    ];
    result = engine.pad(
      result,
      [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ],
      value,
    );
  }
  return result;
}

/** The images of all nodes: [nodes × batch, height, width, channels]. @public */
export function asImages(engine: Engine, activations: tf.Tensor, shape: ImageShape): tf.Tensor4D {
  const { height, width, channels } = shape;
  return engine.reshape(activations, [-1, height, width, channels]) as tf.Tensor4D;
}

/** How the instructions of pooling are told where windows lie. */
export function poolingSizes(
  samples: number,
  input: ImageShape,
  {
    windows,
    output,
    window,
  }: { windows: Windows; output: ImageShape; window: Pick<Window, 'size' | 'stride'> },
): number[] {
  const { rows, columns } = windows;
  return [
    ...[samples, input.height, input.width, input.channels],
    ...[window.size, window.stride, rows.before, columns.before, output.height, output.width],
  ];
}
