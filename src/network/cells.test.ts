import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { type CellKey, CellTable } from './cells.js';

const nameOf = ({ type, from, to, round }: CellKey) => `${type} ${from} ${to} ${round}`;

/** A table and the list of its keys, asked for the same things. */
class Compared {
  table = new CellTable();
  readonly keys: CellKey[] = [];
  readonly #cells = new Map<string, number>();

  find(key: CellKey): void {
    assert.equal(this.table.find(key), this.#cells.get(nameOf(key)) ?? -1, nameOf(key));
  }

  touch(key: CellKey): void {
    let cell = this.#cells.get(nameOf(key));
    if (cell === undefined) {
      cell = this.keys.push(key) - 1;
      this.#cells.set(nameOf(key), cell);
    }
    assert.equal(this.table.cell(key), cell, nameOf(key));
    assert.equal(this.table.length, this.keys.length);
  }

  check(): void {
    assert.deepEqual(
      this.keys.map((_, cell) => this.table.key(cell)),
      this.keys,
    );
    for (const key of this.keys) this.find(key);
    const sorted = this.keys
      .map((key, cell) => ({ ...key, cell }))
      .sort((a, b) => a.type - b.type || a.from - b.from || a.to - b.to || a.round - b.round);
    assert.deepEqual(
      this.table.sorted(),
      sorted.map(({ cell }) => cell),
    );
  }

  restore(): void {
    const state = this.table.save();
    const copy = new CellTable();
    copy.load(state);
    copy.load(state);
    this.table = copy;
  }
}

test('cells of any keys, asked for in any order, are numbered as they are first touched', () => {
  // Few rows with many receivers, many rows with few, and both.
  for (const [types, nodes, receivers, rounds] of [
    [1, 1, 120, 1],
    [2, 3, 45, 2],
    [3, 40, 4, 30],
    [2, 8, 33, 3],
  ] as const) {
    const random = new Random(`cells ${receivers}`);
    const compared = new Compared();
    const draw = (): CellKey => ({
      type: random.integer(types),
      from: random.integer(nodes),
      to: random.integer(receivers),
      round: random.integer(rounds),
    });
    for (let step = 0; step < 4000; step++) {
      compared.find(draw());
      if (step % 3 > 0) compared.touch(draw());
      if (step % 1500 === 700) compared.restore();
    }
    compared.check();
  }
});

test('broadcasts in ascending order, and then in the same order again, find their cells', () => {
  const compared = new Compared();
  for (const receivers of [5, 31, 32, 33, 34, 70]) {
    for (const round of [0, 1, 0, 1]) {
      for (let to = 0; to < receivers; to += 2) compared.touch({ type: 0, from: receivers, to, round });
    }
    for (let to = 0; to <= receivers + 1; to++) compared.find({ type: 0, from: receivers, to, round: 1 });
    for (let to = 1; to < receivers; to += 2) compared.touch({ type: 0, from: receivers, to, round: 0 });
  }
  compared.check();
});

test('keys are 32-bit numbers without a sign, and an empty table has no cells', () => {
  const compared = new Compared();
  compared.find({ type: 0, from: 0, to: 0, round: 0 });
  assert.deepEqual([compared.table.length, compared.table.sorted()], [0, []]);
  const most = 2 ** 32 - 1;
  compared.touch({ type: 255, from: most, to: most, round: most });
  compared.touch({ type: 255, from: most, to: 0, round: most });
  compared.check();
});
