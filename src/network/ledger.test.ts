import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bodyOf, Rig, type RigParts, runAudited } from '../../test/support/network.js';
import { CellTable } from './cells.js';
import { Ledger } from './ledger.js';
import { TRAFFIC_COLUMNS } from './traffic.js';

const KEY = { type: 0, from: 3, to: 9, round: 4 };

function onlyRow(ledger: Ledger) {
  const rows = [...ledger.rows()];
  assert.equal(rows.length, 1);
  return rows[0]!;
}

test('a delivered message is charged its header and its parts', () => {
  const ledger = new Ledger(['model']);
  const body = bodyOf(100, 40);
  ledger.delivered(ledger.attempt(KEY, body, false), body);
  ledger.ignored(KEY);
  assert.deepEqual(onlyRow(ledger), {
    ...{ type: 'model', from: 3, to: 9, round: 4 },
    ...{ sent_messages: 1, delivered_messages: 1, dropped_messages: 0, cut_messages: 0 },
    ...{ in_flight_messages: 0, ignored_messages: 1, retried_messages: 0 },
    ...{ sent_bytes: 132, delivered_bytes: 132, dropped_bytes: 0, cut_bytes: 0, in_flight_bytes: 0 },
    ...{ unsent_bytes: 0, values_bytes: 60, index_bytes: 40, header_bytes: 32, framing_bytes: 0 },
  });
});

test('rows and totals have the columns of traffic.csv, in their order', () => {
  const ledger = new Ledger(['model']);
  ledger.attempt(KEY, bodyOf(100), true);
  assert.deepEqual(Object.keys(onlyRow(ledger)), TRAFFIC_COLUMNS);
  assert.equal(
    TRAFFIC_COLUMNS.join(','),
    'type,from,to,round,sent_messages,delivered_messages,dropped_messages,cut_messages,in_flight_messages,' +
      'ignored_messages,retried_messages,sent_bytes,delivered_bytes,dropped_bytes,cut_bytes,in_flight_bytes,' +
      'unsent_bytes,values_bytes,index_bytes,header_bytes,framing_bytes',
  );
  assert.deepEqual(ledger.totals(), {
    messages: { sent: 1, delivered: 0, dropped: 0, cut: 0, inFlight: 1, ignored: 0, retried: 1 },
    bytes: { sent: 132, delivered: 0, dropped: 0, cut: 0, inFlight: 132, unsent: 0 },
    parts: { values: 100, index: 0, header: 32, framing: 0 },
  });
});

test('a cut attempt is charged the bytes that were sent, in wire order: header, index, values, header of the body', () => {
  const body = { ...bodyOf(100, 40), valuesBytes: 50, headerBytes: 10 };
  const parts = (sent: number) => {
    const ledger = new Ledger(['model']);
    ledger.cut(ledger.attempt(KEY, body, false), body, sent);
    ledger.audit([]);
    const row = onlyRow(ledger);
    assert.equal(row.cut_bytes, sent);
    assert.equal(row.sent_bytes, sent);
    assert.equal(row.unsent_bytes, 132 - sent);
    return [row.header_bytes, row.index_bytes, row.values_bytes];
  };
  assert.deepEqual(parts(0), [0, 0, 0]);
  assert.deepEqual(parts(20), [20, 0, 0]);
  assert.deepEqual(parts(50), [32, 18, 0]);
  assert.deepEqual(parts(80), [32, 40, 8]);
  assert.deepEqual(parts(125), [35, 40, 50]);
  assert.deepEqual(parts(132), [42, 40, 50]);
});

test('cells add up what was booked in them, whatever the sizes and outcomes, and when saved in between', () => {
  const booking = fc.record({
    to: fc.nat(2),
    size: fc.nat(3),
    retry: fc.boolean(),
    outcome: fc.constantFrom('delivered', 'ignored', 'dropped', 'cut', 'in flight'),
    saved: fc.boolean(),
    late: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(booking, { minLength: 1, maxLength: 30 }), (bookings) => {
      let ledger = new Ledger(['model']);
      const bodies = [bodyOf(100, 40), bodyOf(100), bodyOf(60, 40), bodyOf(0)];
      const ends: Array<() => void> = [];
      const expected = new Map<number, Record<string, number>>();
      for (const { to, size, retry, outcome, saved, late } of bookings) {
        const key = { ...KEY, to };
        const body = bodies[size]!;
        const bytes = 32 + body.bytes.length;
        const sent = outcome === 'cut' ? Math.floor(bytes / 2) : bytes;
        const cell = ledger.attempt(key, body, retry);
        const end = () => {
          if (outcome === 'delivered' || outcome === 'ignored') ledger.delivered(cell, body);
          if (outcome === 'ignored') ledger.ignored(key);
          if (outcome === 'dropped') ledger.dropped(cell, body);
          if (outcome === 'cut') ledger.cut(cell, body, sent);
        };
        if (late) ends.push(end);
        else end();
        const row = expected.get(to) ?? {};
        expected.set(to, row);
        const add = (column: string, number: number) => {
          row[column] = (row[column] ?? 0) + number;
        };
        const ending = outcome === 'ignored' ? 'delivered' : outcome.replace(' ', '_');
        add('sent_messages', 1);
        add(`${ending}_messages`, 1);
        add('ignored_messages', outcome === 'ignored' ? 1 : 0);
        add('retried_messages', retry ? 1 : 0);
        add('sent_bytes', sent);
        add(`${ending}_bytes`, sent);
        add('unsent_bytes', bytes - sent);
        if (!saved) continue;
        const state = ledger.save();
        ledger = new Ledger(['model']);
        ledger.load(structuredClone(state));
        assert.deepEqual(ledger.save(), state);
      }
      for (const end of ends) end();
      for (const row of ledger.rows())
        for (const column of TRAFFIC_COLUMNS.slice(4, -4))
          assert.equal(row[column], expected.get(row.to)![column] ?? 0, `${column} to ${row.to}`);
      assert.equal([...ledger.rows()].length, expected.size);
    }),
  );
});

test('a message cannot be ignored more often than it was delivered', () => {
  const ledger = new Ledger(['model']);
  ledger.attempt(KEY, bodyOf(1), false);
  assert.throws(() => ledger.ignored(KEY), /model, link 3>9, round 4: more messages ignored/);
});

test('rows are sorted by type, from, to and round, and sum to the totals', () => {
  const ledger = new Ledger(['model', 'control']);
  const key = fc.record({
    type: fc.nat(1),
    from: fc.nat(3),
    to: fc.nat(3),
    round: fc.nat(30),
    bytes: fc.nat(9),
  });
  fc.assert(
    fc.property(fc.array(key, { maxLength: 200 }), (keys) => {
      for (const { bytes, ...rest } of keys) ledger.attempt(rest, bodyOf(bytes), false);
      const rows = [...ledger.rows()];
      const order = rows.map((row) => [row.type === 'model' ? 0 : 1, row.from, row.to, row.round]);
      for (let i = 1; i < order.length; i++) {
        const first = order[i]!.findIndex((value, k) => value !== order[i - 1]![k]);
        assert.ok(order[i]![first]! > order[i - 1]![first]!);
      }
      const sum = (pick: (row: (typeof rows)[number]) => number) => rows.reduce((a, row) => a + pick(row), 0);
      const totals = ledger.totals();
      assert.equal(
        sum((row) => row.sent_messages),
        totals.messages.sent,
      );
      assert.equal(
        sum((row) => row.in_flight_bytes),
        totals.bytes.inFlight,
      );
      assert.equal(
        sum((row) => row.header_bytes),
        totals.parts.header,
      );
    }),
    { seed: 1, numRuns: 30 },
  );
});

test('a table of cells gives every key its own number, and the same one after it is saved and loaded', () => {
  const word = fc.oneof(fc.nat(3), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
  const key = fc.record({ type: fc.nat(255), from: word, to: word, round: word });
  fc.assert(
    fc.property(fc.array(key, { maxLength: 400 }), (keys) => {
      const table = new CellTable();
      const numbers = new Map<string, number>();
      for (const k of keys) {
        const name = `${k.type} ${k.from} ${k.to} ${k.round}`;
        if (!numbers.has(name)) assert.equal(table.find(k), -1);
        const expected = numbers.get(name) ?? numbers.size;
        numbers.set(name, expected);
        assert.equal(table.cell(k), expected);
        assert.deepEqual(table.key(expected), { ...k });
      }
      const copy = new CellTable();
      copy.load(table.save());
      for (const k of keys) assert.equal(copy.find(k), table.find(k));
      assert.equal(copy.length, numbers.size);
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('a table of cells tells the receivers of large broadcasts apart, in any order', () => {
  const receivers = fc.array(fc.nat(120), { maxLength: 300 });
  fc.assert(
    fc.property(
      fc.array(fc.record({ from: fc.nat(2), round: fc.nat(1), receivers }), { maxLength: 6 }),
      (list) => {
        const table = new CellTable();
        const numbers = new Map<string, number>();
        for (const { from, round, receivers } of list) {
          for (const to of receivers) {
            const name = `${from} ${round} ${to}`;
            const key = { type: 0, from, to, round };
            assert.equal(table.find(key), numbers.get(name) ?? -1);
            if (!numbers.has(name)) numbers.set(name, numbers.size);
            assert.equal(table.cell(key), numbers.get(name));
          }
        }
      },
    ),
    { seed: 1, numRuns: 100 },
  );
});

// A faulty network: the real one, with one of its reports to the ledger falsified.
const BUSY: RigParts = {
  nodes: 3,
  network: { uplink: '1Mbps', downlink: '1Mbps', latency: { use: 'constant', value: '5ms' }, drop: '40%' },
  faults: [{ use: 'node-down', node: 2, at: '30ms', for: '2s' }],
  sends: Array.from({ length: 12 }, (_, i) => ({
    at: 3e6 * i,
    from: i % 2,
    to: ((i % 2) + 1 + (i % 3 === 0 ? 1 : 0)) % 3,
    reliable: true,
  })),
};

type Mutation = (ledger: Ledger) => Partial<Record<keyof Ledger, unknown>>;

function mutant(mutation: Mutation): Rig {
  const bookkeeper = (ledger: Ledger): Ledger => {
    const falsified = mutation(ledger);
    return new Proxy(ledger, {
      get(target, name) {
        const value = name in falsified ? falsified[name as keyof Ledger] : Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  };
  return new Rig({ ...BUSY, bookkeeper }).start();
}

const MUTANTS: Record<string, Mutation> = {
  'that delivers twice': (ledger) => ({
    delivered: (cell: number, body: never) => {
      ledger.delivered(cell, body);
      ledger.delivered(cell, body);
    },
  }),
  'that forgets a cut': () => ({ cut: () => undefined }),
  'that loses a message silently': () => ({ dropped: () => undefined }),
  'that does not count a retry': (ledger) => ({
    attempt: (key: never, body: never, retry: boolean) => (retry ? 0 : ledger.attempt(key, body, retry)),
  }),
  'that books a wrong size': (ledger) => ({
    attempt: (key: never, _: never, retry: boolean) => ledger.attempt(key, bodyOf(7), retry),
  }),
  'that delivers another size than it sent': (ledger) => ({
    delivered: (cell: number) => ledger.delivered(cell, bodyOf(1)),
  }),
  'that books the wrong link': (ledger) => ({
    attempt: (key: { from: number; to: number }, body: never, retry: boolean) =>
      ledger.attempt({ type: 0, round: 0, from: key.to, to: key.from }, body, retry),
  }),
};

test('a network without faults passes the audit, with every outcome and a retry', async () => {
  const rig = mutant(() => ({}));
  await runAudited(rig);
  const { delivered, dropped, cut, retried, inFlight } = rig.ledger.totals().messages;
  assert.ok(delivered > 0 && dropped > 0 && cut > 0 && retried > 0);
  assert.equal(inFlight, 0);
});

test('the audit catches a codec whose parts do not add up to its bytes, whatever the outcome', () => {
  const body = { ...bodyOf(100, 40), valuesBytes: 59 };
  const outcomes: Array<(ledger: Ledger, cell: number) => void> = [
    () => undefined,
    (ledger, cell) => ledger.delivered(cell, body),
    (ledger, cell) => ledger.dropped(cell, body),
    (ledger, cell) => ledger.cut(cell, body, 132),
  ];
  for (const [i, end] of outcomes.entries()) {
    let ledger = new Ledger(['model']);
    end(ledger, ledger.attempt(KEY, body, false));
    const state = ledger.save();
    for (const saved of [false, true]) {
      if (saved) {
        ledger = new Ledger(['model']);
        ledger.load(state);
      }
      const live = i === 0 ? [{ ...KEY, bytes: 132 }] : [];
      assert.throws(() => ledger.audit(live), /audit: model, link 3>9, round 4: .*131/);
      assert.throws(() => ledger.auditTotals(live), /audit: totals: .*131/);
    }
  }
});

test('the audit compares messages and bytes under way, cell by cell and in all', () => {
  const ledger = new Ledger(['model']);
  ledger.attempt(KEY, bodyOf(100, 40), false);
  ledger.attempt({ ...KEY, to: 1 }, bodyOf(100, 40), false);
  const other = { ...KEY, to: 1, bytes: 132 };
  assert.doesNotThrow(() => ledger.audit([{ ...KEY, bytes: 132 }, other]));
  const wrong = [
    [[{ ...KEY, bytes: 264 }], /2 messages booked as in flight, 1 under way/],
    [[{ ...KEY, bytes: 131 }, other], /264 bytes booked as in flight, 263 under way/],
    [[{ ...KEY, bytes: 100 }, { ...KEY, bytes: 32 }, other], /2 messages booked as in flight, 3 under way/],
  ] as const;
  for (const [live, message] of wrong) {
    assert.throws(() => ledger.auditTotals(live), message);
    assert.throws(
      () => ledger.audit(live),
      /audit: model, link 3>[19], round 4: \d+ (messages|bytes) booked/,
    );
  }
  const moved = [other, other];
  assert.doesNotThrow(() => ledger.auditTotals(moved));
  assert.throws(() => ledger.audit(moved), /1 messages booked as in flight, [02] under way/);
  assert.throws(() => ledger.audit([{ ...KEY, to: 7, bytes: 132 }]), /link 3>7, .*never booked as sent/);
});

for (const [name, mutation] of Object.entries(MUTANTS)) {
  test(`the audit catches a network ${name}`, async () => {
    await assert.rejects(runAudited(mutant(mutation)), /audit: /);
  });
}

test('bodies of one size with other parts are told apart', () => {
  const ledger = new Ledger(['model']);
  for (const index of [40, 10, 40]) {
    const body = bodyOf(100, index);
    ledger.delivered(ledger.attempt(KEY, body, false), body);
  }
  const { values_bytes, index_bytes, sent_bytes } = onlyRow(ledger);
  assert.deepEqual([values_bytes, index_bytes, sent_bytes], [60 + 90 + 60, 40 + 10 + 40, 3 * 132]);
});
