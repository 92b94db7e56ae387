/**
 * Data in LEAF's format (https://leaf.cmu.edu): files of JSON with `users` (their names), `num_samples` (one number for each user) and
 * `user_data` (by name, `x`: a list of samples, `y`: their labels), in the folders `train` and `test`, or in one folder.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { byCodeUnit, quoted, shortened, UsageError } from '../errors.js';
import type { Random } from '../random.js';
import { substream } from './source.js';

/** One sample, and where it stands, for messages. */
export interface LeafSample {
  readonly x: unknown;
  readonly y: unknown;
  readonly where: string;
  /** Number of its user, in the order of their names. */
  readonly user: number;
}

/** The samples of a directory, user by user. */
interface LeafSamples {
  readonly train: readonly LeafSample[];
  readonly test: readonly LeafSample[];
}

/** Which users become part of the data. */
interface LeafRequest {
  /** How many, a random choice; default: all. */
  readonly users?: number | undefined;
  /** Least number of samples of a user, of both parts. */
  readonly minimum: number;
  /** Share of each user's samples that are for tests, if there is no folder with tests. */
  readonly test: number;
}

const FILE = z.object({
  users: z.array(z.string()),
  num_samples: z.array(z.int().min(0)),
  user_data: z.record(z.string(), z.object({ x: z.array(z.unknown()), y: z.array(z.unknown()) })),
});

interface User {
  readonly name: string;
  readonly train: LeafSample[];
  readonly test: LeafSample[];
}

/**
 * Reads all files of a directory. Takes two draws of `random`.
 * @throws UsageError with the file for one that is missing or not in the format, for a user who is twice in a part, and for too few users
 */
export async function readLeafDirectory(
  directory: string,
  request: LeafRequest,
  random: Random,
): Promise<LeafSamples> {
  const [choice, held] = [substream(random), substream(random)];
  const names = await namesIn(directory);
  const users = new Map<string, User>();
  const inParts = names.includes('train');
  await addFolder(users, inParts ? join(directory, 'train') : directory, 'train');
  if (names.includes('test')) await addFolder(users, join(directory, 'test'), 'test');
  else for (const user of [...users.values()].sort(byName)) holdOutOf(user, request.test, held);
  const chosen = chooseUsers([...users.values()].sort(byName), directory, request, choice);
  const part = (name: 'train' | 'test') =>
    chosen.flatMap((user, number) => user[name].map((sample) => ({ ...sample, user: number })));
  return { train: part('train'), test: part('test') };
}

const byName = (a: User, b: User) => byCodeUnit(a.name, b.name);

function chooseUsers(
  users: readonly User[],
  directory: string,
  { users: wanted, minimum }: LeafRequest,
  random: Random,
): User[] {
  const large = users.filter(({ train, test }) => train.length + test.length >= minimum);
  const least = wanted ?? 1;
  if (large.length < least) {
    throw new UsageError(
      'too-few-users',
      `${directory}: expected at least ${least} user${least > 1 ? 's' : ''} with ${minimum} sample${minimum > 1 ? 's' : ''} or more, got ${large.length} of ${users.length}`,
      wanted === undefined ? 'data.minimum' : 'data.users',
    );
  }
  if (wanted === undefined) return large;
  const order = random.shuffle(Uint32Array.from(large.keys())).slice(0, wanted);
  return Array.from(order, (k) => large[k]!).sort(byName);
}

/** Moves a share of a user's samples to its tests, at random; one sample stays for training. */
function holdOutOf(user: User, share: number, random: Random): void {
  const order = random.shuffle(Uint32Array.from(user.train.keys()));
  const held = new Set(
    order.slice(0, Math.min(user.train.length - 1, Math.round(share * user.train.length))),
  );
  const all = user.train.splice(0);
  for (const [k, sample] of all.entries()) (held.has(k) ? user.test : user.train).push(sample);
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch((error: NodeJS.ErrnoException) => {
    const got = error.code === 'ENOENT' ? 'no such directory' : error.message;
    throw new UsageError(
      'missing-directory',
      `expected a directory with LEAF's files ${directory}, got: ${got}`,
      directory,
    );
  });
}

async function addFolder(users: Map<string, User>, folder: string, part: 'train' | 'test'): Promise<void> {
  const files = (await namesIn(folder)).filter((name) => name.endsWith('.json')).sort(byCodeUnit);
  if (files.length === 0) throw refusal(folder, 'at least one .json file', 'none');
  for (const name of files) addFile(users, await readText(join(folder, name)), join(folder, name), part);
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw refusal(path, 'a readable file', error.message);
  });
}

function addFile(users: Map<string, User>, text: string, path: string, part: 'train' | 'test'): void {
  const { users: names, num_samples: counts, user_data: data } = parseFile(text, path);
  if (names.length !== counts.length)
    throw refusal(path, 'as many num_samples as users', `${counts.length} and ${names.length}`);
  for (const [k, name] of names.entries()) {
    const where = `${path}, user ${quoted(name)}`;
    const own = Object.hasOwn(data, name) ? data[name] : undefined;
    if (!own) throw refusal(where, 'samples in user_data', 'none');
    if (own.x.length !== counts[k] || own.y.length !== counts[k])
      throw refusal(
        where,
        `${counts[k]} samples and labels (num_samples)`,
        `${own.x.length} and ${own.y.length}`,
      );
    const user = users.get(name) ?? { name, train: [], test: [] };
    if (user[part].length > 0) throw refusal(where, 'each user once', 'this one again');
    user[part].push(...own.x.map((x, i) => ({ x, y: own.y[i], where: `${where}, sample ${i}`, user: 0 })));
    if (own.x.length > 0) users.set(name, user);
  }
}

function parseFile(text: string, path: string): z.infer<typeof FILE> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refusal(path, 'a JSON file', shortened((error as Error).message));
  }
  const parsed = FILE.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue!.path.length === 0 ? 'the top' : shortened(issue!.path.join('.'));
  throw refusal(
    path,
    'users, num_samples and user_data as LEAF writes them',
    `${shortened(issue!.message)} at ${place}`,
  );
}

function refusal(where: string, expected: string, got: string): UsageError {
  return new UsageError('bad-leaf', `${where}: expected ${expected}, got ${got}`, where);
}

/** What is wrong with a sample. */
export function refuseSample({ where }: LeafSample, expected: string, got: unknown): UsageError {
  const text = typeof got === 'string' ? quoted(got) : shortened(String(JSON.stringify(got)));
  return refusal(where, expected, text);
}
