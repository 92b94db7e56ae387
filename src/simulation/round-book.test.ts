import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RoundBook } from './round-book.js';

/** A book over nodes; those in `down` are down. */
function bookOf(counts: readonly boolean[], down = new Set<number>()) {
  const book = new RoundBook({ counts, isUp: (node) => !down.has(node) });
  const turn = (node: number, up: boolean) => {
    if (up) down.delete(node);
    else down.add(node);
    book.upChanged();
  };
  return { book, down, turn };
}

test('the least round is that of the slowest node that counts', () => {
  const { book } = bookOf([true, true, false]);
  book.set(0, 1);
  assert.equal(book.least, 0);
  book.set(1, 2);
  assert.equal(book.least, 1);
  assert.equal(book.of(2), 0);
});

test('a round never goes back', () => {
  const { book } = bookOf([true]);
  book.set(0, 5);
  book.set(0, 3);
  assert.equal(book.of(0), 5);
});

test('a node that is down does not count for the least round, and counts again when it comes back', () => {
  const { book, turn } = bookOf([true, true]);
  book.set(1, 4);
  turn(0, false);
  assert.equal(book.least, 4);
  turn(0, true);
  assert.equal(book.least, 0);
});

test('while all nodes are down the least round does not change', () => {
  const { book, turn } = bookOf([true, true]);
  book.set(0, 2);
  book.set(1, 3);
  turn(0, false);
  turn(1, false);
  assert.equal(book.least, 3);
});

test('the least round is always the minimum over the nodes that count and are up, also after a restart', () => {
  const nodes = 4;
  const event = fc.oneof(
    fc.record({ node: fc.nat(nodes - 1), round: fc.nat(6) }),
    fc.record({ node: fc.nat(nodes - 1), up: fc.boolean() }),
  );
  const counts = fc.array(fc.boolean(), { minLength: nodes, maxLength: nodes });
  fc.assert(
    fc.property(counts, fc.array(event, { maxLength: 40 }), fc.nat(40), (who, events, restart) => {
      let { book, down, turn } = bookOf(who);
      const rounds = who.map(() => 0);
      let least = 0;
      for (const [i, item] of events.entries()) {
        if ('round' in item) {
          book.set(item.node, item.round);
          rounds[item.node] = Math.max(rounds[item.node]!, item.round);
        } else {
          turn(item.node, item.up);
        }
        const counted = rounds.filter((_, node) => who[node] && !down.has(node));
        if (counted.length > 0) least = Math.min(...counted);
        if (i === restart) {
          const saved = structuredClone(book.save());
          ({ book, down, turn } = bookOf(who, down));
          book.load(saved);
        }
        assert.equal(book.least, least);
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});
