/** Reads files that a scenario names. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UsageError } from '../errors.js';

/** A file as a scenario names it, and the option that does. */
export interface NamedFile {
  /** Directory of the scenario. */
  readonly directory: string;
  /** As in the scenario: messages name it so. */
  readonly name: string;
  /** Path of the option, for errors. */
  readonly path: string;
}

/** The text of a file. Throws a UsageError `missing-file`. */
export async function readNamedFile({ directory, name, path }: NamedFile): Promise<string> {
  return readFile(resolve(directory, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
    const got = error.code === 'ENOENT' ? 'no such file' : error.message;
    throw new UsageError('missing-file', `expected a file that can be read, got ${got}: ${name}`, path);
  });
}

/** That something is wrong in a file: `message` says in which file and line. */
export function wrongFile({ path }: NamedFile, message: string): UsageError {
  return new UsageError('bad-file', message, path);
}
