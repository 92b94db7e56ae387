/** Runs in which nothing is learned (`timingOnly`): what must hold for them, and their messages. */
import { noOutline } from '../compute/outline-executor.js';
import { deepFreeze, isTypedArray } from '../compute/plain-data.js';
import { UsageError } from '../errors.js';
import type { CodecContext } from '../learning/algorithm.js';
import { train } from '../learning/train.js';
import { isOutline, outline } from '../outline.js';
import type { Bytes } from '../units.js';
import type { ChecksummedBody } from '../wire/header.js';
import { sizesOf } from '../wire/sizes.js';
import { type Link, Messages, type MessageType, type Sender } from './messages.js';
import type { Plan } from './plan.js';

/** Throws a UsageError `timing-only` where the messages of a run depend on what is learned. */
export function refuseLearning(
  { algorithm: { entry, options } }: Plan,
  types: readonly MessageType[],
  context: CodecContext<unknown>,
): void {
  if (!entry.contentFree) {
    const why = entry.contentBound === undefined ? '' : `, which ${entry.contentBound}`;
    throw new UsageError(
      'timing-only',
      `expected an algorithm of which it does not depend on what is learned who sends what to whom and when (\`contentFree\`), since timingOnly learns nothing, got "${entry.id}"${why}: leave timingOnly out`,
      'algorithm',
    );
  }
  for (const { name, codec } of entry.fixedSizes?.(context) ? [] : types) {
    const { index, values, header } = sizesOf(codec);
    if (index !== undefined && values !== undefined && header !== undefined) continue;
    throw new UsageError(
      'timing-only',
      `expected codecs whose sizes do not depend on the content, since timingOnly has none, got ${codec.id} for the messages "${name}": take another codec, or leave timingOnly out`,
      'algorithm.codec',
    );
  }
  const tasks = [train, ...(entry.tasks?.(options) ?? [])];
  for (const { id, outline } of tasks) if (!outline) throw noOutline(id);
}

/** The messages of a run in which vectors are outlines: bodies of one shape are encoded once, and those of one length share zeros. */
export class OutlinedMessages extends Messages {
  readonly #encoded = new Map<string, ChecksummedBody>();
  readonly #decoded = new Map<ChecksummedBody, unknown>();
  readonly #bytes = new Map<Bytes, Uint8Array>();

  override encode(type: number, body: unknown, sender: Sender): ChecksummedBody {
    const shape = shapeOf(body);
    if (shape === undefined) return super.encode(type, body, sender);
    const key = `${type} ${shape}`;
    const known = this.#encoded.get(key);
    if (known) return known;
    const real = super.encode(type, body, sender);
    const encoded = { ...real, bytes: this.#zeros(real.bytes.length) };
    this.#encoded.set(key, encoded);
    const own = { from: sender.from, to: sender.from };
    this.#decoded.set(encoded, deepFreeze(outlined(super.decode(type, real, own))));
    return encoded;
  }

  override decode(type: number, body: ChecksummedBody, link?: Link): unknown {
    return this.#decoded.get(body) ?? super.decode(type, body, link);
  }

  /** Bytes that all bodies of that length share. */
  #zeros(length: Bytes): Uint8Array {
    const known = this.#bytes.get(length) ?? new Uint8Array(length);
    this.#bytes.set(length, known);
    return known;
  }
}

/** What decides the bytes of a body: plain values, and lengths of outlines; undefined where it has other arrays. */
function shapeOf(body: unknown): string | undefined {
  if (body instanceof Float32Array && isOutline(body)) return `[${body.length}]`;
  if (isTypedArray(body)) return undefined;
  if (typeof body !== 'object' || body === null) return JSON.stringify(body) ?? 'undefined';
  let shape = '';
  for (const [key, value] of Object.entries(body)) {
    const own = shapeOf(value);
    if (own === undefined) return undefined;
    shape += `${key}:${own},`;
  }
  return `{${shape}}`;
}

/** A copy with outlines in place of vectors. */
function outlined(value: unknown): unknown {
  if (value instanceof Float32Array) return outline(value.length);
  if (typeof value !== 'object' || value === null || isTypedArray(value)) return value;
  if (Array.isArray(value)) return value.map(outlined);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, outlined(item)]));
}
