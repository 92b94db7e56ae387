/** Reading a JSON file that a scenario names. */
import { readFile } from 'node:fs/promises';
import { UsageError } from '../errors.js';

/** The value in the file. Throws a UsageError at `path` of the scenario if the file is missing or not JSON. */
export async function readJsonFile(file: string, path: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const got = error.code === 'ENOENT' ? 'no such file' : error.message;
    throw new UsageError('missing-file', `expected a JSON file, got ${got}: ${file}`, path);
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(
      'bad-json',
      `expected a JSON file, got text that is not JSON (${message}): ${file}`,
      path,
    );
  }
}
