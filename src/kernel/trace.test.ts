import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Fingerprint, wordOf } from './fingerprint.js';
import { Trace, type TraceRecord } from './trace.js';

const EVENT = { time: 2 ** 40 + 5, priority: 128, target: 3, payload: 0 };

function fingerprintOf(feed: (trace: Trace) => void): string {
  const trace = new Trace();
  feed(trace);
  return trace.fingerprint;
}

test('the fingerprint of a small trace is the one that it always was', () => {
  assert.equal(new Trace().fingerprint, '23af8aab99c1a91d');
  const actual = fingerprintOf((trace) => {
    trace.record(EVENT, 'deliver', wordOf('deliver'));
    trace.mix(1);
    trace.mix(2 ** 53 - 1);
    trace.mix(-0.1);
    trace.mix(Number.NaN);
    trace.record({ ...EVENT, target: -1, priority: 255 }, 'train', wordOf('train'));
  });
  assert.equal(actual, '6a2bf889c013af9a');
});

test('every field of an event, every number mixed in, and their order change the fingerprint', () => {
  const word = wordOf('a');
  const prints = [
    fingerprintOf(() => {}),
    fingerprintOf((trace) => trace.record(EVENT, 'a', word)),
    fingerprintOf((trace) => trace.record({ ...EVENT, time: EVENT.time + 1 }, 'a', word)),
    fingerprintOf((trace) => trace.record({ ...EVENT, time: EVENT.time + 2 ** 32 }, 'a', word)),
    fingerprintOf((trace) => trace.record({ ...EVENT, time: EVENT.time + 2 ** 52 }, 'a', word)),
    fingerprintOf((trace) => trace.record({ ...EVENT, priority: 129 }, 'a', word)),
    fingerprintOf((trace) => trace.record({ ...EVENT, target: 4 }, 'a', word)),
    fingerprintOf((trace) => trace.record(EVENT, 'b', wordOf('b'))),
    fingerprintOf((trace) => trace.mix(0)),
    fingerprintOf((trace) => trace.mix(0.1)),
    fingerprintOf((trace) => trace.mix(0.1 + 2 ** -56)),
    ...[
      [1, 2],
      [2, 1],
    ].map((pair) =>
      fingerprintOf((trace) => {
        for (const value of pair) trace.mix(value);
      }),
    ),
  ];
  assert.equal(new Set(prints).size, prints.length);
  for (const print of prints) assert.match(print, /^[0-9a-f]{16}$/);
});

test('an event is not the same as numbers mixed in', () => {
  fc.assert(
    fc.property(fc.double(), fc.double(), (a, b) => {
      const sum = fingerprintOf((trace) => {
        trace.mix(a);
        trace.mix(b);
      });
      const event = fingerprintOf((trace) => trace.record(EVENT, 'a', wordOf('a')));
      return sum !== event;
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('all NaN have the same fingerprint', () => {
  const other = new Float64Array(Uint32Array.of(5, 0xfff80001).buffer)[0]!;
  assert.equal(
    fingerprintOf((trace) => trace.mix(other)),
    fingerprintOf((trace) => trace.mix(Number.NaN)),
  );
});

test('single bits of words spread over the whole fingerprint', () => {
  const prints = Array.from({ length: 64 }, (_, bit) => {
    const fingerprint = new Fingerprint();
    fingerprint.word(bit < 32 ? 1 << bit : 0);
    fingerprint.word(bit < 32 ? 0 : 1 << (bit - 32));
    return fingerprint.hex();
  });
  assert.equal(new Set(prints).size, 64);
  for (let digit = 0; digit < 16; digit++) assert.ok(new Set(prints.map((print) => print[digit])).size > 10);
});

test('a trace continues from a saved state', () => {
  const whole = fingerprintOf((trace) => {
    for (let i = 0; i < 10; i++) trace.mix(i);
  });
  const first = new Trace();
  for (let i = 0; i < 4; i++) first.mix(i);
  const second = new Trace();
  second.load(structuredClone(first.save()));
  for (let i = 4; i < 10; i++) second.mix(i);
  assert.equal(second.fingerprint, whole);
});

test('a listener gets each event with the name of its kind', () => {
  const records: TraceRecord[] = [];
  const trace = new Trace({ event: (record) => void records.push(record) });
  trace.record({ ...EVENT, payload: { size: 1 } }, 'deliver', wordOf('deliver'));
  assert.deepEqual(records, [{ ...EVENT, kind: 'deliver', payload: { size: 1 } }]);
});

test('a trace without mixing refuses numbers, and takes them again afterwards', () => {
  const trace = new Trace();
  assert.throws(() => trace.withoutMixing(() => trace.mix(1)), /silent event/);
  assert.equal(trace.fingerprint, new Trace().fingerprint);
  trace.mix(1);
  assert.notEqual(trace.fingerprint, new Trace().fingerprint);
});
