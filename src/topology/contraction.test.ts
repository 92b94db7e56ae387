import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { buildTopology } from './build.js';
import { contractionOf } from './contraction.js';
import { mixingRows, spectralGap, type TopologyEntry, topologies } from './index.js';

function built(id: string, nodes: number) {
  const entry = topologies.find((one) => one.id === id) as TopologyEntry;
  return buildTopology(entry, entry.options.parse({}), {
    nodes,
    random: new Random('x'),
    roundRandom: (round) => new Random(`x ${round}`),
    allowDisconnected: true,
  });
}

test('a cycle of a one-peer exponential graph is an exact average', () => {
  assert.deepEqual(contractionOf(built('one-peer-exponential', 16).linksAt!, 'uniform', 100), {
    rounds: 4,
    factor: 0,
  });
});

test('of links that stay, the factor is the modulus of the slowest mode in the long run', () => {
  const { neighbors } = built('ring', 8);
  const { factor, rounds } = contractionOf(() => neighbors, 'metropolis-hastings', 60);
  const modulus = 1 - spectralGap(mixingRows(neighbors, 'metropolis-hastings'), neighbors);
  assert.equal(rounds, 60);
  assert.ok(factor <= modulus + 1e-12 && factor > 0.95 * modulus, `${factor} of ${modulus}`);
});

test('random matchings shrink the squared distance as the theory of gossip says', () => {
  // Of x with mean 0, the square of a pair's average keeps ½(x_i² + x_j²) + x_i x_j, and a pair is met with probability
  // 1/(n − 1): E‖x‖² shrinks to ½ − 1/(2(n − 1)), 0.484 for 32 nodes, whose root is 0.696.
  const { factor } = contractionOf(built('random-matching', 32).linksAt!, 'metropolis-hastings', 60);
  assert.ok(Math.abs(factor - 0.696) < 0.04, `${factor}`);
});

test('nodes that come near to agreement by and by have no exact average', () => {
  const { neighbors } = built('hypercube', 8);
  const { factor, rounds } = contractionOf(() => neighbors, 'metropolis-hastings', 100);
  // All slow modes have the modulus ½, so 1e-12 is reached after 40 rounds.
  assert.equal(rounds, 40);
  assert.ok(Math.abs(factor - 0.5) < 0.01, `${factor}`);
});
