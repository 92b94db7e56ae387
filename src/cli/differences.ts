/** In what two results differ, file by file. */
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../errors.js';
import { isMap } from '../options/index.js';
import { RESULT_FILES } from '../report/index.js';

/** One line for each file that differs. Throws UsageError `no-result` where a folder or a file of it cannot be read. */
export async function differencesOf(before: string, now: string): Promise<string[]> {
  const differences: string[] = [];
  const files = new Set([before, now].flatMap((folder) => readable(folder, () => readdirSync(folder))));
  for (const name of RESULT_FILES.filter((file) => files.has(file))) {
    const [a, b] = [join(before, name), join(now, name)];
    if (!existsSync(a) || !existsSync(b)) {
      differences.push(`${name}: only in the ${existsSync(a) ? 'earlier' : 'new'} result`);
    } else if (name === 'summary.json') {
      differences.push(...differentKeys(a, b));
    } else {
      const isSame = await haveSameBytes(a, b).catch((error: Error) => refuse(`${a} or ${b}`, error));
      if (isSame) continue;
      const line = name.endsWith('.parquet') ? 'other bytes' : await firstDifferentLine(a, b);
      differences.push(
        `${name}: ${line ?? 'other bytes, such as ends of lines, in lines that read the same'}`,
      );
    }
  }
  return differences;
}

/** Returns what `read` returns. Throws a UsageError with the path and the reason of the system. */
function readable<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    return refuse(path, error as Error);
  }
}

function refuse(path: string, { message }: Error): never {
  throw new UsageError('no-result', `expected a result that can be read, got ${path}: ${message}`, path);
}

/** Bytes that are compared at once. */
const CHUNK = 1 << 16;

async function haveSameBytes(before: string, now: string): Promise<boolean> {
  const files = await Promise.all([open(before), open(now)]);
  try {
    const chunks = [Buffer.alloc(CHUNK), Buffer.alloc(CHUNK)];
    for (;;) {
      const [a, b] = await Promise.all(files.map((file, k) => filled(file, chunks[k]!)));
      if (!a!.equals(b!)) return false;
      if (a!.length < CHUNK) return true;
    }
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}

/** The next bytes of a file: as many as fit, unless it ends. */
async function filled(file: Awaited<ReturnType<typeof open>>, chunk: Buffer): Promise<Buffer> {
  let length = 0;
  while (length < chunk.length) {
    const { bytesRead } = await file.read(chunk, length, chunk.length - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return chunk.subarray(0, length);
}

/** Keys of two summaries whose values differ; `machine` may. */
function differentKeys(before: string, now: string): string[] {
  const [a, b] = [before, now].map((file) =>
    readable(file, () => {
      const summary: unknown = JSON.parse(readFileSync(file, 'utf8'));
      if (isMap(summary)) return summary;
      throw new Error('no summary of a run');
    }),
  );
  const { machine: _, ...one } = a!;
  const { machine: __, ...other } = b!;
  const found = [...differentLeaves(one, other, '')];
  const shown = found.slice(0, LEAVES_MAX).map((line) => `summary.json: ${line}`);
  return found.length > shown.length
    ? [...shown, `summary.json: and ${found.length - shown.length} more`]
    : shown;
}

/** Most differences of two summaries that are listed. */
const LEAVES_MAX = 20;

/** `traffic.bytes.sent was 5, and is 6`: as deep as both are objects. */
function* differentLeaves(a: unknown, b: unknown, path: string): Generator<string> {
  if (isDeepStrictEqual(a, b)) return;
  if (!isMap(a) || !isMap(b)) {
    yield `${path} was ${short(a)}, and is ${short(b)}`;
    return;
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
    yield* differentLeaves(a[key], b[key], path === '' ? key : `${path}.${key}`);
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 200 ? `${text.slice(0, 197)}…` : text;
}

/** `line 7 was "…", and is "…"`; undefined where the files are equal. */
async function firstDifferentLine(before: string, now: string): Promise<string | undefined> {
  const [a, b] = [before, now].map((file) =>
    createInterface({ input: createReadStream(file), crlfDelay: 0 })[Symbol.asyncIterator](),
  );
  for (let line = 1; ; line++) {
    const [one, other] = await Promise.all([a!.next(), b!.next()]);
    if (one.done && other.done) return undefined;
    if (one.value === other.value && one.done === other.done) continue;
    return `line ${line} was ${short(one.value)}, and is ${short(other.value)}`;
  }
}
