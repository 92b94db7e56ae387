import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyOf } from '../../test/support/network.js';
import { Archive, type ArchivedRow, type ByteStore } from './archive.js';
import { Ledger } from './ledger.js';
import { MESSAGES, WIDTH } from './traffic.js';

function memoryStore(): ByteStore {
  const bytes: number[] = [];
  return {
    append(more) {
      for (const byte of more) bytes.push(byte);
    },
    read: (start, length) => Uint8Array.from(bytes.slice(start, start + length)),
  };
}

/** A row of round `round` whose columns are `first`, `first` + 1 …, and where nothing was ignored. */
function rowOf(round: number, first: number): ArchivedRow {
  const numbers = Float64Array.from({ length: WIDTH }, (_, column) => first + column);
  numbers[MESSAGES.ignored] = 0;
  return { key: { type: 0, from: 1, to: 2, round }, numbers };
}

const copied = (rows: Iterable<ArchivedRow>) =>
  Array.from(rows, ({ key, numbers }) => ({ key, numbers: Float64Array.from(numbers) }));
const none = (): Iterator<ArchivedRow> => [][Symbol.iterator]();

test('lists of any length come back as they were laid aside, also from a saved state', () => {
  for (const length of [1, 511, 512, 513, 1300]) {
    const store = memoryStore();
    const archive = new Archive(store);
    const rows = Array.from({ length }, (_, k) => rowOf(k, 10 * k));
    archive.add(rows);
    assert.deepEqual(copied(archive.merged(none())), rows, `${length} rows`);
    const other = new Archive(store);
    other.load(structuredClone(archive.save()));
    assert.deepEqual(other.sums, archive.sums);
    other.add([rowOf(length, 3)]);
    assert.deepEqual(copied(other.merged(none())), [...rows, rowOf(length, 3)]);
  }
});

test('rows of one key in several lists are added up, and stand where their key belongs', () => {
  const archive = new Archive(memoryStore());
  archive.add([rowOf(1, 10), rowOf(4, 20)]);
  archive.add([]);
  archive.add([rowOf(2, 30), rowOf(4, 40)]);
  const merged = copied(archive.merged([rowOf(0, 50), rowOf(4, 60)][Symbol.iterator]()));
  assert.deepEqual(
    merged.map(({ key }) => key.round),
    [0, 1, 2, 4],
  );
  const sum = Float64Array.from({ length: WIDTH }, (_, column) => 120 + 3 * column);
  sum[MESSAGES.ignored] = 0;
  assert.deepEqual(merged[3]!.numbers, sum);
});

test('an archive is empty until a row is laid aside', () => {
  const archive = new Archive(memoryStore());
  archive.add([]);
  assert.equal(archive.isEmpty, true);
  archive.add([rowOf(0, 1)]);
  assert.equal(archive.isEmpty, false);
});

const types = ['model'];
const at = (to: number, round: number) => ({ type: 0, from: 0, to, round });
const body = bodyOf(100);

/** A ledger with cells of six receivers, of which those with even numbers are still in flight, and the cells of these. */
function halfDone(archive?: ConstructorParameters<typeof Ledger>[1]) {
  const ledger = new Ledger(types, archive);
  const live = new Map<number, number>();
  for (let to = 0; to < 6; to++) {
    const cell = ledger.attempt(at(to, 1), body, false);
    if (to % 2 === 0) live.set(to, cell);
    else ledger.delivered(cell, body);
  }
  return { ledger, live };
}

/** Ends what is in flight, and begins the next round. */
function goOn(ledger: Ledger, live: ReadonlyMap<number, number>): void {
  for (const cell of live.values()) ledger.delivered(cell, body);
  for (let to = 0; to < 6; to++) ledger.delivered(ledger.attempt(at(to, 2), body, false), body);
  ledger.delivered(ledger.attempt(at(1, 1), body, true), body);
}

test('cells that were laid aside count in rows, totals and audits as if they had stayed, also when saved', () => {
  const plain = halfDone();
  goOn(plain.ledger, plain.live);
  for (const isSaved of [false, true]) {
    const archive = { store: memoryStore(), cells: 5 };
    const { ledger, live } = halfDone(archive);
    assert.equal(ledger.isFull, true);
    const placeOf = ledger.layAside();
    assert.equal(ledger.isFull, false);
    const under = [...live.keys()].map((to) => ({ ...at(to, 1), bytes: 132 }));
    ledger.audit(under);
    let current = ledger;
    if (isSaved) {
      current = new Ledger(types, archive);
      current.load(structuredClone(ledger.save()));
      current.audit(under);
      current.auditTotals(under);
      assert.deepEqual(current.totals(), ledger.totals());
    }
    goOn(current, new Map([...live].map(([to, cell]) => [to, placeOf(cell)])));
    current.audit([]);
    assert.deepEqual(current.totals(), plain.ledger.totals());
    assert.deepEqual([...current.rows()], [...plain.ledger.rows()]);
  }
});
