import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { diffCommand } from './diff.js';
import { differencesOf } from './differences.js';
import { readSummary } from './summary.js';

const SUMMARY = {
  mycel: '0.1.0',
  seed: 1,
  stopped: 'rounds',
  computed: {},
  scenario: {},
  machine: { node: 'v20' },
};

/** Two folders with these files, by name; an object is a summary. */
function folders(context: TestContext, ...files: readonly Readonly<Record<string, unknown>>[]): string[] {
  const root = mkdtempSync(join(tmpdir(), 'mycel-differences-'));
  context.after(() => rmSync(root, { recursive: true }));
  return files.map((content, k) => {
    const folder = join(root, String(k));
    mkdirSync(folder);
    for (const [name, value] of Object.entries(content))
      writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));
    return folder;
  });
}

test('results are compared byte for byte, and named by their first line that reads differently', async (context) => {
  const lines = 'time\r\n1\r\n2\r\n';
  const found = async (other: string) => {
    const [a, b] = folders(context, { 'metrics.csv': lines }, { 'metrics.csv': other });
    return differencesOf(a!, b!);
  };
  assert.deepEqual(await found(lines), []);
  assert.deepEqual(await found(lines.replace('2', '3')), ['metrics.csv: line 3 was "2", and is "3"']);
  const others = ['metrics.csv: other bytes, such as ends of lines, in lines that read the same'];
  assert.deepEqual(await found(lines.replaceAll('\r', '')), others);
  assert.deepEqual(await found(lines.trimEnd()), others);
  const long = 'x'.repeat(200_000);
  const [a, b] = folders(context, { 'metrics.csv': `${long}\n` }, { 'metrics.csv': `${long}\r\n` });
  assert.deepEqual(await differencesOf(a!, b!), others);
});

test('of summaries only the machine may differ, and one that is none is refused with its place', async (context) => {
  const other = { ...SUMMARY, machine: {}, seed: 2 };
  const [a, b, broken, list] = folders(
    context,
    { 'summary.json': SUMMARY },
    { 'summary.json': other },
    { 'summary.json': '{ "seed": 1,' },
    { 'summary.json': [] },
  );
  assert.deepEqual(await differencesOf(a!, b!), ['summary.json: seed was 1, and is 2']);
  for (const folder of [broken!, list!])
    await assert.rejects(differencesOf(a!, folder), {
      code: 'no-result',
      message: /^expected a result that can be read, got .*summary\.json: /,
    });
  await assert.rejects(differencesOf(a!, join(a!, 'none')), { code: 'no-result', message: /ENOENT/ });
});

test('a file that is a folder is refused', async (context) => {
  const [a, b] = folders(context, { 'metrics.csv': 'time' }, {});
  mkdirSync(join(b!, 'metrics.csv'));
  await assert.rejects(differencesOf(a!, b!), { code: 'no-result', message: /metrics\.csv: EISDIR/ });
});

test('a summary whose parts have other types is refused with the part', (context) => {
  for (const [key, value] of Object.entries({
    computed: null,
    machine: 5,
    mycel: 1,
    forked: {},
    variant: [],
  })) {
    const [folder] = folders(context, { 'summary.json': { ...SUMMARY, [key]: value } });
    assert.throws(() => readSummary(folder!), {
      code: 'no-result',
      message: new RegExp(`expected a summary of a run in .*, got another JSON: look at ${key}$`),
    });
  }
  const [whole] = folders(context, { 'summary.json': SUMMARY });
  assert.deepEqual(readSummary(whole!), SUMMARY);
});

test('journals are the same where all of them is, and a line that is no record is refused with its number', async (context) => {
  context.mock.method(console, 'log', () => {});
  const record = { event: 0, time_ns: 5, kind: 'timer', target: 1, draws: [['a', 0.5]], numbers: [['n', 1]] };
  const codeOf = async (other: string) => {
    const [folder] = folders(context, { a: `${JSON.stringify(record)}\n`, b: `${other}\n` });
    return diffCommand(join(folder!, 'a'), join(folder!, 'b'), { workers: 0 });
  };
  assert.equal(await codeOf(JSON.stringify(record, null, 1).replaceAll('\n', '')), 0);
  for (const change of [{ time_ns: 6 }, { draws: [] }, { more: 1 }])
    assert.equal(await codeOf(JSON.stringify({ ...record, ...change })), 1, JSON.stringify(change));
  for (const line of ['null', '{}', '3', '{"event":"set-up"}', JSON.stringify({ ...record, draws: [1] })])
    await assert.rejects(codeOf(line), {
      code: 'bad-journal',
      message: /b:1: expected a line .* another JSON/,
    });
});
