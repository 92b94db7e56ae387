import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderWith, latencyFrom, table } from '../../../test/support/latency.js';
import { choice } from '../../options/index.js';
import { Globe } from './globe.js';
import { latencyList } from './index.js';

const at = (latitude: number, longitude: number) => ({ latitude, longitude });
const FRANKFURT = at(50.1109, 8.6821);
const TOKYO = at(35.6762, 139.6503);
const SYDNEY = at(-33.8688, 151.2093);
const NEW_YORK = at(40.7128, -74.006);

/** Of a great circle, in metres: π ÷ 2 · 6,371,009 m. */
const QUARTER = 10_007_558;

test('distances are those of the haversine formula, computed elsewhere, to the metre', () => {
  const metres = (a: ReturnType<typeof at>, b: ReturnType<typeof at>) => new Globe([a, b]).metres(0, 1);
  assert.deepEqual(
    [metres(FRANKFURT, TOKYO), metres(FRANKFURT, SYDNEY), metres(NEW_YORK, SYDNEY)],
    [9_331_403, 16_482_902, 15_988_778],
  );
  // A quarter and a half of a great circle, and one degree across the date line on the tenth parallel.
  assert.deepEqual(
    [metres(at(0, 0), at(0, 90)), metres(at(90, 0), at(-90, 0)), metres(at(10, 179.5), at(10, -179.5))],
    [QUARTER, 20_015_115, 109_506],
  );
  assert.equal(metres(TOKYO, TOKYO), 0);
});

test('a latency is the access time and the distance with its detour ÷ speed', async () => {
  const positions = [at(0, 0), at(0, 90), at(0, 0)];
  const plain = await latencyFrom({ use: 'geographic', positions }, { nodes: 3 });
  // QUARTER m at 200,000 km/s are 5 ns a metre.
  assert.deepEqual(table(plain, 3)[0], [0, (QUARTER * 5) / 1e6, 0]);
  const options = { positions, speed: '100000km/s', detour: 1.5, access: '3ms' };
  const slow = await latencyFrom({ use: 'geographic', ...options }, { nodes: 3 });
  assert.deepEqual(table(slow, 3)[0], [0, (QUARTER * 15 + 3e6) / 1e6, 3]);
});

test('places come from a file', async () => {
  const directory = folderWith({
    'cities.csv': 'name,latitude,longitude\nzero,0,0\neast,0,90\n',
    'bad.csv': 'name,latitude,longitude\nzero,0,0\npole,91,0\n',
    'twice.csv': 'name,latitude,longitude\nzero,0,0\nzero,1,0\n',
  });
  const from = (options: object) => latencyFrom({ use: 'geographic', ...options }, { nodes: 3, directory });
  const far = (QUARTER * 5) / 1e6;
  assert.deepEqual(table(await from({ file: 'cities.csv' }), 3)[0], [0, far, 0]);
  const places = { zero: { nodes: [0, 1] }, east: { nodes: [2] } };
  assert.deepEqual(table(await from({ file: 'cities.csv', places }), 3)[0], [0, 0, far]);
  await assert.rejects(from({ file: 'bad.csv' }), {
    message: 'bad.csv:3: expected a number from -90 to 90 as latitude, got "91"',
    path: 'network.latency.file',
  });
  await assert.rejects(from({ file: 'twice.csv' }), /twice\.csv:3: expected every place once, got zero/);
});

test('nodes without positions are drawn evenly over the surface of their area', async () => {
  const nodes = 4000;
  const model = await latencyFrom({ use: 'geographic' }, { nodes });
  const link = (from: number, to: number) => model.draw(() => assert.fail(), { from, to, now: 0 });
  // The distance of two points drawn on a sphere has the mean of a quarter of a great circle.
  let total = 0;
  for (let node = 0; node < nodes; node += 2) total += link(node, node + 1);
  const mean = total / (nodes / 2) / 5;
  assert.ok(Math.abs(mean / QUARTER - 1) < 0.03, String(mean));
  const area = { south: 10, north: 10, west: 20, east: 21 };
  const near = await latencyFrom({ use: 'geographic', area }, { nodes: 20 });
  // One degree of the tenth parallel is 109.5 km.
  const furthest = Math.max(...table(near, 20).flat());
  assert.ok(furthest > 0.2 && furthest <= 109.51 * 0.005, String(furthest));
});

const REFUSED: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
  ['both positions and a file', { positions: [at(0, 0)], file: 'a.csv' }, /either positions or a file/],
  ['a latitude beyond the pole', { positions: [at(91, 0)] }, /latitude/],
  ['a speed beyond that of light', { speed: '300000km/s' }, /not above that of light/],
  ['a speed without its unit', { speed: '200000' }, /such as \\"200000km/],
  ['an area upside down', { area: { south: 10, north: 0 } }, /not below south/],
  ['a detour that is shorter', { detour: 0.5 }, /detour/],
];

for (const [name, change, message] of REFUSED) {
  test(`positions refuse ${name}`, () => {
    const { error } = choice(latencyList).safeParse({ use: 'geographic', ...change });
    assert.match(JSON.stringify(error?.issues ?? []), message);
  });
}

test('as many positions as nodes are needed', async () => {
  await assert.rejects(latencyFrom({ use: 'geographic', positions: [at(0, 0)] }, { nodes: 2 }), {
    message: 'expected 2 positions, one for each node, got 1',
    path: 'network.latency.positions',
  });
});
