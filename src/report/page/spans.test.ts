import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ParquetTable } from '../parquet-table.js';
import { MESSAGE_SPAN_COLUMNS, NODE_SPAN_COLUMNS } from '../span-columns.js';
import type { PageResult } from './group.js';
import { spanTables } from './spans.js';

const folder = mkdtempSync(join(tmpdir(), 'mycel-spans-'));
test.after(() => rmSync(folder, { recursive: true }));

const NODES = 400;
const SPANS = 500;
const MESSAGES = 160_000;

const tablesOf = async (path: string) => await spanTables({ folder: path } as PageResult);

test('a run without spans has no tables of them', async () => {
  assert.deepEqual(await tablesOf(folder), {});
});

test('of very many spans, a page has all of the least accurate and of a sample of nodes, and every k-th message', async () => {
  const nodes = new ParquetTable(join(folder, 'node-spans.parquet'), NODE_SPAN_COLUMNS);
  for (let span = 0; span < SPANS; span++)
    for (let node = 0; node < NODES; node++) nodes.write([node, 'wait', span, span + 1, span]);
  nodes.close();
  const messages = new ParquetTable(join(folder, 'message-spans.parquet'), MESSAGE_SPAN_COLUMNS);
  for (let k = 0; k < MESSAGES; k++)
    messages.write([k, 1, 0, 1, 'model', k, k, k, undefined, undefined, 5, 1, 32, 2, 'in-flight']);
  messages.close();
  // Node 123 is the worst.
  const accuracies = Array.from(
    { length: NODES },
    (_, node) => `0,0,${node},accuracy,${node === 123 ? 0 : 0.5}`,
  );
  writeFileSync(
    join(folder, 'metrics.csv'),
    ['time_ns,round,node,metric,value', ...accuracies, ''].join('\n'),
  );
  const {
    'node-spans': ofNodes,
    'message-spans': ofMessages,
    'span-sampling': sampling,
  } = await tablesOf(folder);
  assert.ok(ofNodes!.length <= 150_000);
  const kept = new Map<number, number>();
  for (const node of ofNodes!.columns.node as Int32Array) kept.set(node, (kept.get(node) ?? 0) + 1);
  assert.ok(kept.has(123) && kept.size > 100);
  assert.ok([...kept.values()].every((count) => count === SPANS));
  assert.equal(ofMessages!.length, MESSAGES / 2);
  assert.deepEqual(sampling!.columns.all, Float64Array.of(NODES * SPANS, MESSAGES));
  assert.deepEqual(sampling!.columns.kept, Float64Array.of(ofNodes!.length, MESSAGES / 2));
  const column = (name: string) => ofMessages!.columns[name] as Float64Array;
  assert.deepEqual([column('sent_bytes')[0], column('arrived_ns')[0]], [40, Number.NaN]);
});
