/** LEAF's format, with small made-up directories. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { UsageError } from '../errors.js';
import { Random } from '../random.js';
import { testSource } from '../testing/data.js';
import type { Dataset } from './dataset.js';
import { femnist } from './sources/femnist.js';
import { shakespeare } from './sources/shakespeare.js';

type Content = Readonly<Record<string, unknown>>;

async function withFiles<Result>(
  content: Content,
  body: (directory: string) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'mycel-leaf-'));
  try {
    for (const [name, value] of Object.entries(content)) {
      await mkdir(join(directory, dirname(name)), { recursive: true });
      await writeFile(join(directory, name), typeof value === 'string' ? value : JSON.stringify(value));
    }
    return await body(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** A file of these users; each sample is [x, y]. */
function leaf(users: Readonly<Record<string, ReadonlyArray<readonly [unknown, unknown]>>>): object {
  const data = Object.entries(users).map(([name, samples]) => [
    name,
    { x: samples.map(([x]) => x), y: samples.map(([, y]) => y) },
  ]);
  return {
    users: Object.keys(users),
    num_samples: Object.values(users).map(({ length }) => length),
    user_data: Object.fromEntries(data),
  };
}

const PLAY = {
  'train/b.json': leaf({
    ROMEO: [
      ['abc', 'd'],
      ['bcd', 'a'],
    ],
    NURSE: [['aaa', 'b']],
  }),
  'train/a.json': leaf({ JULIET: [['ddd', 'c']] }),
  'test/a.json': leaf({ JULIET: [['dda', 'a']], ROMEO: [['cba', 'b']], GHOST: [['bbb', 'c']] }),
};

const loadText = (content: Content, options: object = {}): Promise<Dataset> =>
  withFiles(content, (directory) =>
    shakespeare.load(shakespeare.options.parse({ directory: '.', alphabet: 'abcd', ...options }), {
      ...{ directory, nodes: 2, random: new Random('leaf') },
    }),
  );

test('characters are numbers of the alphabet, and users are in the order of their names, from all files', async () => {
  const data = await loadText(PLAY);
  assert.deepEqual([data.shape, data.classes, data.scale, data.train, data.test], [[3], 4, 1, 4, 3]);
  // GHOST 0, who has tests alone, JULIET 1, NURSE 2, ROMEO 3.
  assert.deepEqual([...data.users!], [1, 2, 3, 3, 0, 1, 3]);
  assert.deepEqual([...data.labels], [2, 1, 3, 0, 2, 0, 1]);
  assert.deepEqual([...data.features], [3, 3, 3, 0, 0, 0, 0, 1, 2, 1, 2, 3, 1, 1, 1, 3, 3, 0, 2, 1, 0]);
});

test("the default alphabet is LEAF's 80 characters", async () => {
  const file = leaf({ A: [['The\n}', ' ']], B: [['zZ9"&', '\n']] });
  const data = await withFiles({ 'all.json': file }, (directory) =>
    testSource(shakespeare, { options: { directory } }),
  );
  assert.deepEqual([data.classes, data.shape, data.train, data.test], [80, [5], 2, 0]);
  assert.deepEqual([...data.features], [44, 60, 57, 0, 79, 78, 50, 20, 3, 4]);
  assert.deepEqual([...data.labels], [1, 0]);
});

test("without a folder of tests a share of each user's samples is for tests, and one stays for training", async () => {
  const samples = (count: number) => Array.from({ length: count }, () => ['ab', 'c'] as const);
  const content = { 'all.json': leaf({ A: samples(10), B: samples(1), C: samples(5) }) };
  const data = await loadText(content, { test: '40%' });
  const countsOf = (users: Int32Array) => [0, 1, 2].map((user) => users.filter((own) => own === user).length);
  assert.deepEqual([data.train, data.test], [10, 6]);
  assert.deepEqual(countsOf(data.users!.subarray(0, 10)), [6, 1, 3]);
  assert.deepEqual(countsOf(data.users!.subarray(10)), [4, 0, 2]);
  const large = await loadText(content, { minimum: 5, test: '0%' });
  assert.deepEqual([large.train, Math.max(...large.users!)], [15, 1]);
  const one = await loadText(content, { users: 1 });
  assert.equal(Math.max(...one.users!), 0);
  await assert.rejects(
    loadText(content, { users: 3, minimum: 2 }),
    /at least 3 users with 2 samples or more, got 2 of 3/,
  );
});

const image = (value: number) => Array<number>(784).fill(value);

test('femnist has images of numbers from 0 to 1, its writers, and 62 classes', async () => {
  const content = {
    'train/a.json': leaf({
      f0001_41: [
        [image(0.25), 61],
        [image(1), 0],
      ],
      f0002_10: [[image(0), 7]],
    }),
    'test/a.json': leaf({ f0001_41: [[image(0.5), 3]] }),
  };
  const data = await withFiles(content, (directory) => testSource(femnist, { options: { directory } }));
  assert.deepEqual([data.shape, data.classes, data.train, data.test], [[28, 28, 1], 62, 3, 1]);
  assert.deepEqual([...data.labels], [61, 0, 7, 3]);
  assert.deepEqual(
    [0, 1, 2, 3].map((row) => data.features[row * 784 + 783]),
    [0.25, 1, 0, 0.5],
  );
  assert.deepEqual([...data.users!], [0, 0, 1, 0]);
});

const refused = (load: () => Promise<unknown>, message: RegExp) =>
  assert.rejects(load, (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, message);
    return true;
  });

test('mistakes in a file are refused with the file, the user and the sample', async () => {
  const text = (file: unknown, message: RegExp, options: object = {}) =>
    refused(() => loadText({ 'a.json': file }, options), message);
  await text('{', /a\.json: expected a JSON file/);
  await text({ users: ['A'] }, /a\.json: expected users, num_samples and user_data as LEAF writes them/);
  await text(
    { users: ['A'], num_samples: [1], user_data: {} },
    /user "A": expected samples in user_data, got none/,
  );
  await text(
    { ...leaf({ A: [['a', 'b']] }), num_samples: [2] },
    /user "A": expected 2 samples and labels.*got 1 and 1/,
  );
  await text({ ...leaf({ A: [['a', 'b']] }), num_samples: [] }, /as many num_samples as users, got 0 and 1/);
  await text(
    { ...leaf({ A: [['a', 'b']] }), users: ['A', 'A'], num_samples: [1, 1] },
    /each user once, got this one again/,
  );
  await text(
    leaf({
      A: [
        ['ab', 'b'],
        ['abc', 'b'],
      ],
    }),
    /user "A", sample 1: expected x of 2 characters.*got "abc"/,
    { test: '0%' },
  );
  await text(leaf({ A: [['ax', 'b']] }), /sample 0: expected characters of the alphabet, got "x"/);
  await text(leaf({ A: [['a', 'bc']] }), /expected y as one character, got "bc"/);
  await text(leaf({ A: [[5, 'b']] }), /expected x as a text, got 5/);
  await text(leaf({}), /at least 1 user with 1 sample or more, got 0 of 0/);
  await refused(() => loadText({ 'a.txt': '' }), /expected at least one \.json file, got none/);
  await refused(
    () => loadText({ 'train/a.json': PLAY['train/a.json'], test: '' }),
    /expected a directory with LEAF's files/,
  );
  const writer = (x: unknown, y: unknown, message: RegExp) =>
    refused(
      () =>
        withFiles({ 'a.json': leaf({ w: [[x, y]] }) }, (directory) =>
          testSource(femnist, { options: { directory } }),
        ),
      message,
    );
  await writer([0, 1], 3, /user "w", sample 0: expected x of 784 numbers, got 2/);
  await writer(image(255), 3, /expected pixels from 0 to 1, got 255/);
  await writer(image(0), 62, /expected y as a class from 0 to 61, got 62/);
});
