import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LinksAt } from '../../page/network/links-at.js';
import type { PageResult } from './group.js';
import { networkTables } from './network.js';

const folder = mkdtempSync(join(tmpdir(), 'mycel-network-'));
test.after(() => rmSync(folder, { recursive: true }));

const END = 1e9;

/** The tables of a run of so many nodes with these files. */
async function tablesOf(nodes: number, traffic: readonly string[], topology: readonly string[]) {
  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(join(folder, name), lines.map((line) => `${line}\r\n`).join(''));
  write('traffic.csv', ['type,from,to,round,sent_messages,sent_bytes,delivered_bytes', ...traffic]);
  write('topology.csv', ['time_ns,change,from,to,weight', ...topology]);
  const result = { folder, summary: { time_ns: END, scenario: { nodes } } };
  return await networkTables(result as unknown as PageResult);
}

test('links have the sums of the ledger over types and rounds, and servers are nodes after the learners', async () => {
  const traffic = ['model,0,1,0,2,100,60', 'mask,0,1,1,1,10,10', 'model,1,2,0,1,7,0'];
  const { links, layout, 'network-sampling': sampling } = await tablesOf(2, traffic, ['0,add,1,2,']);
  assert.deepEqual(links!.columns, {
    from: Int32Array.of(0, 1),
    to: Int32Array.of(1, 2),
    messages: Float64Array.of(3, 1),
    sent_bytes: Float64Array.of(110, 7),
    delivered_bytes: Float64Array.of(70, 0),
    block: Int32Array.of(1, 1),
  });
  assert.equal(layout!.length, 3);
  assert.equal(sampling, undefined);
});

test('links that come, change their weight and go are there when topology.csv says', async () => {
  const { topology } = await tablesOf(
    3,
    [],
    ['0,add,0,1,0.5', '5,add,0,1,0.25', '5,add,1,2,', '9,remove,0,1,'],
  );
  const links = new LinksAt(topology!, 3);
  const at = (time: number) => [...links.seek(time).live].map(({ from, to, weight }) => [from, to, weight]);
  assert.deepEqual(at(0), [[0, 1, 0.5]]);
  assert.deepEqual(at(7), [
    [0, 1, 0.25],
    [1, 2, Number.NaN],
  ]);
  assert.deepEqual(at(9), [[1, 2, Number.NaN]]);
  assert.deepEqual(at(4), [[0, 1, 0.5]]);
});

test('of very many changes a page has the state at moments at equal distances, and says so', async () => {
  // Link 0 → 1 has a new weight at each of 200,000 times; 1 → 2 is there in the second half.
  const changes = Array.from({ length: 200_000 }, (_, k) => `${k * 5000},add,0,1,${(k + 1) / 200_000}`);
  changes.splice(100_000, 0, '500000000,add,1,2,1');
  const { topology, 'network-sampling': sampling } = await tablesOf(3, [], changes);
  assert.ok(topology!.length <= 150_001 && topology!.length > 70_000, String(topology!.length));
  assert.deepEqual(sampling!.columns.all, Float64Array.of(200_001));
  assert.deepEqual(sampling!.columns.kept, Float64Array.of(topology!.length));
  const links = new LinksAt(topology!, 3);
  for (const share of [0.1, 0.49, 0.51, 1]) {
    links.seek(share * END);
    assert.ok(Math.abs(links.link(0, 1)!.weight - share) < 0.001, String(share));
    assert.equal(links.link(1, 2) !== undefined, share > 0.5);
  }
});

test('of more than 250,000 links a page has sums over blocks of nodes, with no byte lost', async () => {
  const nodes = 520;
  const traffic = Array.from(
    { length: nodes * nodes },
    (_, k) => `m,${Math.floor(k / nodes)},${k % nodes},0,1,${k % 7},1`,
  );
  const { links } = await tablesOf(nodes, traffic, []);
  // Three nodes each.
  assert.equal(links!.length, Math.ceil(nodes / 3) ** 2);
  const { block, sent_bytes, from } = links!.columns as {
    block: Int32Array;
    sent_bytes: Float64Array;
    from: Int32Array;
  };
  assert.ok(block.every((size) => size === 3) && from.every((node) => node % 3 === 0));
  const expected = traffic.reduce((sum, _line, k) => sum + (k % 7), 0);
  assert.equal(
    sent_bytes.reduce((sum, bytes) => sum + bytes, 0),
    expected,
  );
});
