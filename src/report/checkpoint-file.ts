/**
 * Checkpoints in the folder of a run: files `checkpoint-<number>`, of which the last two are kept. Each is one line of text
 * with a checksum, and a value as `v8.serialize` writes it; it has its name only when it is complete.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { orUnwritable } from './output-file.js';

/** Version of this format. */
const FORMAT = 1;

/** How many are kept: if the last one cannot be read, there is the one before. */
const KEPT = 2;

const NAME = /^checkpoint-(\d+)$/;

/** A checkpoint file, as it was read. */
type CheckpointFile =
  | { readonly number: number; readonly value: unknown }
  /** Why it cannot be read. */
  | { readonly number: number; readonly fault: string };

/**
 * Writes a checkpoint, and removes those that are no longer kept. Throws UsageError `unwritable-output`. An urgent one does not
 * wait for the disk, which may take seconds: it survives the end of the process, but maybe not a power cut.
 */
export function writeCheckpoint(folder: string, number: number, value: unknown, isUrgent = false): void {
  const path = join(folder, `checkpoint-${number}`);
  const aside = `${path}.new`;
  orUnwritable(path, () => {
    const body = serialize(value);
    const descriptor = openSync(aside, 'w');
    try {
      write(descriptor, Buffer.from(`mycel checkpoint ${FORMAT} ${sumOf(body)} ${body.length}\n`));
      write(descriptor, body);
      if (!isUrgent) fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(aside, path);
    for (const old of numbersIn(folder)) if (old <= number - KEPT) rmSync(join(folder, `checkpoint-${old}`));
  });
}

/** All checkpoints in a folder, the last one first. */
export function* readCheckpoints(folder: string): Generator<CheckpointFile> {
  for (const number of numbersIn(folder)) yield read(join(folder, `checkpoint-${number}`), number);
}

/** Whether there is a checkpoint in a folder, which need not exist. */
export function hasCheckpoint(folder: string): boolean {
  return existsSync(folder) && numbersIn(folder).length > 0;
}

/** Whether a file of the folder is a checkpoint, or the unfinished part of one. */
export function isCheckpoint(name: string): boolean {
  return NAME.test(name.replace(/\.new$/, ''));
}

function read(path: string, number: number): CheckpointFile {
  try {
    const bytes = readFileSync(path);
    const end = bytes.indexOf('\n');
    const words = bytes.subarray(0, Math.max(0, end)).toString('latin1').split(' ');
    if (end < 0 || end > 200 || words[0] !== 'mycel' || words[1] !== 'checkpoint')
      return { number, fault: 'it is no checkpoint' };
    if (words[2] !== String(FORMAT)) return { number, fault: `it has the format ${words[2]}, not ${FORMAT}` };
    const body = bytes.subarray(end + 1);
    if (String(body.length) !== words[4])
      return { number, fault: `it has ${body.length} bytes of ${words[4]}: it was truncated` };
    if (sumOf(body) !== words[3]) return { number, fault: 'its checksum is wrong: it was changed' };
    return { number, value: deserialize(body) };
  } catch (error) {
    return { number, fault: (error as Error).message };
  }
}

/** Descending. */
function numbersIn(folder: string): number[] {
  return readdirSync(folder)
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a);
}

function sumOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

/** Continues after a short write. */
function write(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
}
