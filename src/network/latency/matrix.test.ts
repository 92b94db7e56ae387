import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderWith, latencyFrom, table } from '../../../test/support/latency.js';
import { Rig } from '../../../test/support/network.js';
import { Random } from '../../random.js';

const TEXT = `# Made up.
from,to,rtt_ms,jitter_ms,loss
oslo,oslo,2,,
oslo,bern,31,,0
bern,oslo,35,4,1%
`.replace('1%', '1');

const from = (text: string, options: Record<string, unknown> = {}, nodes = 3, seed = 1) =>
  latencyFrom(
    { use: 'matrix', file: 'rtt.csv', ...options },
    { nodes, seed, directory: folderWith({ 'rtt.csv': text }) },
  );

const PLACES = { places: { oslo: { nodes: [0, 2] }, bern: { nodes: [1] } } };

test('a latency is half of the round-trip time of the places, in each direction its own', async () => {
  const model = await from(TEXT.replace('35,4', '35,0'), PLACES);
  assert.deepEqual(table(model, 3), [
    [0, 15.5, 1],
    [17.5, 0, 17.5],
    [1, 15.5, 0],
  ]);
});

test('a direction that the file leaves out is as the other one, and samePlace stands for a place to itself', async () => {
  const model = await from('from,to,rtt_ms\noslo,bern,31\n', { ...PLACES, samePlace: '400us' });
  assert.deepEqual(table(model, 3), [
    [0, 15.5, 0.4],
    [15.5, 0, 15.5],
    [0.4, 15.5, 0],
  ]);
});

test('half a nanosecond is rounded up', async () => {
  const model = await from(
    'from,to,rtt_ms\noslo,bern,0.000003\n',
    { places: { oslo: { nodes: [0] }, bern: { nodes: [1] } } },
    2,
  );
  assert.equal(table(model, 2)[0]![1], 2e-6);
});

test('each way has half the variance of the round trip', async () => {
  const model = await from(TEXT, PLACES);
  const random = new Random('jitter');
  const draw = () => model.draw(() => random, { from: 1, to: 0, now: 0 }) / 1e6;
  const drawn = Array.from({ length: 40_000 }, draw);
  const mean = drawn.reduce((sum, latency) => sum + latency, 0) / drawn.length;
  const variance = drawn.reduce((sum, latency) => sum + (latency - mean) ** 2, 0) / drawn.length;
  // Standard errors: 0.014 ms and 0.06 ms². 4² ÷ 2 = 8.
  assert.ok(Math.abs(mean - 17.5) < 0.06, String(mean));
  assert.ok(Math.abs(variance - 8) < 0.3, String(variance));
});

test('the losses of a pair are dropped messages', async () => {
  const latency = await from(TEXT, PLACES);
  const sends = [0, 1, 2].flatMap((a) =>
    [0, 1, 2].filter((b) => b !== a).map((b) => ({ at: 0, from: a, to: b })),
  );
  const rig = new Rig({ nodes: 3, sends, latency }).start();
  await rig.kernel.run();
  const dropped = [...rig.ledger.rows()].flatMap((row) =>
    row.dropped_messages > 0 ? [`${row.from}>${row.to} ${row.dropped_bytes}`] : [],
  );
  assert.deepEqual(dropped, ['1>0 1000', '1>2 1000']);
  const none = await from(TEXT.replace('35,4,1', '35,4,0'), PLACES);
  assert.equal(none.loss, undefined);
});

test('nodes are dealt to the places of the file in turn, or at random as many to each', async () => {
  const rows = 'a,a,2\nb,b,4\nc,c,6\na,b,20\na,c,40\nb,c,60\n';
  const text = `from,to,rtt_ms\n${rows}`;
  // Node 0 at a, 1 at b, 2 at c, 3 at a again …
  assert.deepEqual(table(await from(text, {}, 5), 5)[0], [0, 10, 20, 1, 10]);
  const dealt = new Set<string>();
  for (let seed = 1; seed <= 5; seed++) {
    const model = await from(text, { deal: 'random' }, 6, seed);
    const own = table(model, 6).flatMap((row) => row.filter((latency) => latency < 10 && latency > 0));
    assert.deepEqual(
      own.sort((x, y) => x - y),
      [1, 1, 2, 2, 3, 3],
      'two nodes at each place',
    );
    dealt.add(JSON.stringify(table(model, 6)));
  }
  assert.ok(dealt.size > 1);
});

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  [
    'a missing column',
    'from,to\na,b\n',
    /^rtt\.csv:1: expected the columns from, to, rtt_ms\[, jitter_ms\]\[, loss\] in the first line, got no rtt_ms$/,
  ],
  ['an unknown column', 'from,to,rtt_ms,los\na,b,1,0\n', /^rtt\.csv:1: .*got also "los"$/],
  [
    'text as a time',
    'from,to,rtt_ms\na,b,1\na,a,fast\n',
    /^rtt\.csv:3: expected a number from 0 to 86400000 as rtt_ms, got "fast"$/,
  ],
  ['a negative time', 'from,to,rtt_ms\na,b,-1\n', /^rtt\.csv:2: .*got "-1"$/],
  [
    'a share above 1',
    'from,to,rtt_ms,loss\na,b,1,1.5\n',
    /^rtt\.csv:2: expected a number from 0 to 1 as loss/,
  ],
  ['a place without a name', 'from,to,rtt_ms\na,,1\n', /^rtt\.csv:2: expected a to, got an empty cell$/],
  [
    'a pair twice',
    'from,to,rtt_ms\na,b,1\n\na,b,2\n',
    /^rtt\.csv:4: expected one line from a to b, got a second one$/,
  ],
  ['too few cells', 'from,to,rtt_ms\na,b\n', /^rtt\.csv:2: expected 3 cells, as in the first line, got 2$/],
  ['jitter around nothing', 'from,to,rtt_ms,jitter_ms\na,b,0,1\n', /^rtt\.csv:2: expected no jitter_ms/],
  ['an empty file', '', /^rtt\.csv:1: .*got no from$/],
  ['no line', 'from,to,rtt_ms\n', /^expected lines below the first one, got none: rtt\.csv$/],
  [
    'a pair that is missing',
    'from,to,rtt_ms\na,b,1\nb,c,1\na,a,1\n',
    /^expected a line from a to c, got none: rtt\.csv$/,
  ],
  [
    'a place without a way to itself',
    'from,to,rtt_ms\na,b,1\n',
    /^expected a line from a to a, or the option samePlace, got none/,
  ],
];

for (const [name, text, message] of REFUSED) {
  test(`a matrix refuses ${name}`, async () => {
    await assert.rejects(from(text), { name: 'UsageError', message, path: 'network.latency.file' });
  });
}

test('a file that is missing and a place that the file does not have are refused', async () => {
  await assert.rejects(latencyFrom({ use: 'matrix', file: 'no.csv' }, { nodes: 2 }), {
    message: 'expected a file that can be read, got no such file: no.csv',
    path: 'network.latency.file',
  });
  await assert.rejects(from(TEXT, { places: { olso: { nodes: '0-2' } } }), {
    message: 'unknown place "olso". Did you mean "oslo"? Known: bern, oslo',
    path: 'network.latency.places.olso',
  });
});
