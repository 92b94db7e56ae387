/**
 * JSON of plain data, with keys in the order given. Typed arrays become lists; numbers that JSON does not have become the
 * strings `"NaN"`, `"Infinity"` and `"-Infinity"`, since null would hide them.
 */
import { AssertionError } from '../errors.js';
import type { OutputFile } from './output-file.js';

/** The text of `value`, on one line or indented. Asserts that it is plain data. */
export function formatJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, plain, indent);
}

/** The content of summary.json. */
export function formatSummary(value: unknown): string {
  return `${formatJson(value, 2)}\n`;
}

/** Streams JSON values, one per line, as in trace.ndjson. */
export class NdjsonWriter {
  readonly #file: OutputFile;

  constructor(file: OutputFile) {
    this.#file = file;
  }

  write(value: unknown): void {
    this.#file.write(`${formatJson(value)}\n`);
  }
}

function plain(key: string, value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (ArrayBuffer.isView(value)) return Array.from(value as Float32Array);
  const isPlain =
    value === null ||
    value === undefined ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    Array.isArray(value) ||
    isRecord(value);
  // Without assert(), whose message would be built for every value.
  if (!isPlain) throw new AssertionError(`JSON field "${key}": expected plain data, got ${String(value)}`);
  return value;
}

function isRecord(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
