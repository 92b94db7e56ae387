/** Messages on their way. */
import type { ColumnTable, TextColumn } from '../data.js';
import { countUpTo } from './series.js';

/** Equal parts of the run, of each of which it is known which messages are on their way in it. */
const SLICES = 1024;

/** All attempts of which at least one byte left, in the order in which they did. */
export class MessageLog {
  readonly length: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** When the first byte left. */
  readonly start: Float64Array;
  /** When the last byte left. */
  readonly left: Float64Array;
  /** When it arrived or was lost; the end of the run for those that are on their way then. */
  readonly end: Float64Array;
  readonly bytes: Float64Array;
  readonly round: Int32Array;
  readonly type: TextColumn;
  readonly outcome: TextColumn;
  readonly #slice: number;
  /** The messages of slice s are `#members` from `#first[s]` to `#first[s + 1]`. */
  readonly #first: Int32Array;
  readonly #members: Int32Array;

  constructor({ columns, length }: ColumnTable, runEnd: number) {
    const start = columns.tx_start_ns as Float64Array;
    const order = Array.from({ length }, (_, row) => row)
      .filter((row) => !Number.isNaN(start[row]!))
      .sort((a, b) => start[a]! - start[b]!);
    const floats = (name: string) => Float64Array.from(order, (row) => (columns[name] as Float64Array)[row]!);
    const integers = (name: string) => Int32Array.from(order, (row) => (columns[name] as Int32Array)[row]!);
    const text = (name: string): TextColumn => {
      const { dictionary, codes } = columns[name] as TextColumn;
      return { dictionary, codes: Int32Array.from(order, (row) => codes[row]!) };
    };
    const orEnd = (time: number) => (Number.isNaN(time) ? runEnd : time);
    this.length = order.length;
    [this.from, this.to, this.round] = [integers('from'), integers('to'), integers('round')];
    [this.type, this.outcome] = [text('type'), text('outcome')];
    [this.start, this.bytes] = [floats('tx_start_ns'), floats('sent_bytes')];
    this.left = floats('tx_end_ns').map(orEnd);
    this.end = floats('arrived_ns').map(orEnd);
    this.#slice = Math.max(1, runEnd) / SLICES;
    [this.#first, this.#members] = this.#slices();
  }

  /** Visits the messages that are on their way at a time. */
  eachAt(time: number, visit: (message: number) => void): void {
    const slice = this.#sliceOf(time);
    for (let k = this.#first[slice]!; k < this.#first[slice + 1]!; k++) {
      const message = this.#members[k]!;
      if (this.start[message]! <= time && time < this.end[message]!) visit(message);
    }
  }

  /** How much of its way a message has gone at a time: 0 when its first byte leaves, 1 when its last one arrives. */
  progress(message: number, time: number): number {
    const [start, end] = [this.start[message]!, this.end[message]!];
    return end > start ? (time - start) / (end - start) : 1;
  }

  /** The messages whose first byte has left at the time or before: [0, count). */
  countUntil(time: number): number {
    return countUpTo(this.start, time);
  }

  #sliceOf(time: number): number {
    return Math.max(0, Math.min(SLICES - 1, Math.floor(time / this.#slice)));
  }

  #slices(): [Int32Array, Int32Array] {
    const first = new Int32Array(SLICES + 1);
    const each = (visit: (message: number, slice: number) => void) => {
      for (let message = 0; message < this.length; message++) {
        const last = this.#sliceOf(this.end[message]!);
        for (let slice = this.#sliceOf(this.start[message]!); slice <= last; slice++) visit(message, slice);
      }
    };
    each((_message, slice) => {
      first[slice + 1]! += 1;
    });
    for (let slice = 0; slice < SLICES; slice++) first[slice + 1]! += first[slice]!;
    const [members, next] = [new Int32Array(first[SLICES]!), first.slice()];
    each((message, slice) => {
      members[next[slice]!++] = message;
    });
    return [first, members];
  }
}
