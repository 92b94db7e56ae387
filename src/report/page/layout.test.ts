import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layout } from './layout.js';

const ring = (nodes: number) =>
  Array.from({ length: nodes }, (_, node) => ({ from: node, to: (node + 1) % nodes, weight: 1 }));

function distances({ x, y }: ReturnType<typeof layout>) {
  return (a: number, b: number) => Math.hypot(x[a]! - x[b]!, y[a]! - y[b]!);
}

test('the same network has the same layout, which fills the square from −1 to 1', () => {
  const one = layout(12, ring(12));
  assert.deepEqual(one, layout(12, ring(12)));
  const all = [...one.x, ...one.y];
  assert.equal(Math.max(...all.map(Math.abs)), 1);
});

test('neighbours on a ring are nearer to each other than the others are', () => {
  const between = distances(layout(12, ring(12)));
  for (let node = 0; node < 12; node++)
    for (let other = 2; other <= 10; other++)
      assert.ok(between(node, (node + 1) % 12) < between(node, (node + other) % 12), `${node} ${other}`);
});

test('nodes with heavy links lie together, wherever they start', () => {
  // Even and odd nodes are a group each, with weak links between them.
  const edges = Array.from({ length: 12 * 12 }, (_, k) => ({ from: Math.floor(k / 12), to: k % 12 }))
    .filter(({ from, to }) => from < to)
    .map((edge) => ({ ...edge, weight: (edge.from - edge.to) % 2 === 0 ? 3 : 0.02 }));
  const between = distances(layout(12, edges));
  const within = Math.max(
    ...edges.filter(({ weight }) => weight === 3).map(({ from, to }) => between(from, to)),
  );
  const across = Math.min(
    ...edges.filter(({ weight }) => weight < 1).map(({ from, to }) => between(from, to)),
  );
  assert.ok(within < across, `${within} < ${across}`);
});

test('one node and nodes without links have places too', () => {
  assert.deepEqual(layout(1, []), { x: Float64Array.of(0), y: Float64Array.of(0) });
  const { x, y } = layout(5, []);
  assert.ok([...x, ...y].every(Number.isFinite));
  assert.equal(new Set([...x].map((value, k) => `${value} ${y[k]}`)).size, 5);
});
