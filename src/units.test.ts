import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from './errors.js';
import {
  type BitsPerSecond,
  type Bytes,
  checkTime,
  formatBytes,
  formatDuration,
  type Nanoseconds,
  parseBandwidth,
  parseBytes,
  parseDuration,
  parseShare,
  parseSpeed,
  type Round,
} from './units.js';

/** `parse(text)` throws a UsageError with that code, whose message matches. */
function refuses(parse: (text: string) => number, text: string, code: string, message: RegExp): void {
  assert.throws(
    () => parse(text),
    (error) => {
      assert.ok(error instanceof UsageError, `${text}: ${String(error)}`);
      assert.equal(error.code, code, text);
      assert.match(error.message, message);
      return true;
    },
  );
}

test('durations are read in every unit', () => {
  const expected = {
    '7ns': 7,
    '7us': 7_000,
    '7µs': 7_000,
    '35ms': 35_000_000,
    '2s': 2e9,
    '3min': 180e9,
    '2h': 7200e9,
    '1d': 86_400e9,
    ' 1.5 s ': 1.5e9,
    '1e3ms': 1e9,
    '0s': 0,
  };
  for (const [text, value] of Object.entries(expected)) assert.equal(parseDuration(text), value, text);
});

test('decimal text means what it says, whatever its binary form', () => {
  assert.equal(parseDuration('0.1ms'), 100_000);
  assert.equal(parseDuration('1.1s'), 1_100_000_000);
  assert.equal(parseDuration('4.35us'), 4_350);
  assert.equal(parseBytes('1.005MB'), 1_005_000);
  assert.equal(parseShare('7%'), 0.07);
  assert.equal(parseDuration('9007199254740991ns'), 2 ** 53 - 1);
});

test('a duration is rounded up to the nanosecond', () => {
  assert.equal(parseDuration('0.1ns'), 1);
  assert.equal(parseDuration('1.0001us'), 1001);
});

test('every whole number of nanoseconds is read back as it was written', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (ns) => parseDuration(`${ns}ns`) === ns),
    { seed: 1, numRuns: 500 },
  );
});

test('sizes are read in decimal and in binary units', () => {
  const expected = { '1B': 1, '2kB': 2000, '2KB': 2000, '1.5MB': 1.5e6, '1GB': 1e9, '1KiB': 1024 };
  for (const [text, value] of Object.entries(expected)) assert.equal(parseBytes(text), value, text);
  assert.equal(parseBytes('0.5MiB'), 2 ** 19);
  assert.equal(parseBytes('2GiB'), 2 ** 31);
});

test('bandwidths, speeds and shares are read', () => {
  assert.deepEqual(
    ['1bps', '9kbps', '9Kbps', '10Mbps', '1Gbps'].map(parseBandwidth),
    [1, 9e3, 9e3, 1e7, 1e9],
  );
  assert.deepEqual(['1FLOPS', '1MFLOPS', '2GFLOPS', '0.5TFLOPS'].map(parseSpeed), [1, 1e6, 2e9, 5e11]);
  assert.deepEqual(['0%', '1%', '12.5%', '100%'].map(parseShare), [0, 0.01, 0.125, 1]);
});

test('a number without its unit, another unit and other text are errors that say what is expected', () => {
  const parsers = [
    [parseDuration, /duration.*units: ns, us/],
    [parseBytes, /size.*units: B, kB/],
    [parseBandwidth, /bandwidth.*units: bps/],
    [parseSpeed, /speed.*units: FLOPS/],
    [parseShare, /share.*units: %/],
  ] as const;
  for (const [parse, message] of parsers) {
    for (const text of [
      '',
      '5',
      '5 parsecs',
      '-1ms',
      '-1%',
      'ms',
      'NaN%',
      '1,5s',
      '5constructor',
      '5toString',
    ]) {
      refuses(parse, text, 'bad-unit', message);
    }
    refuses(parse, '5 lightyears', 'bad-unit', /got "5 lightyears"/);
  }
});

test('a number too large for a double is an error', () => {
  refuses(parseSpeed, '1e999GFLOPS', 'bad-unit', /expected a speed/);
  refuses(parseDuration, '1e999s', 'bad-unit', /expected a duration/);
});

test('values outside their range are errors', () => {
  refuses(parseDuration, '105d', 'time-range', /between 0 and 104 days, got 105d/);
  refuses(parseBytes, '1.5B', 'bad-unit', /whole number of bytes, got "1.5B"/);
  refuses(parseBandwidth, '0bps', 'bad-unit', /at least 1bps, got "0bps"/);
  refuses(parseBandwidth, '0.5bps', 'bad-unit', /whole number of bits per second/);
  refuses(parseSpeed, '0GFLOPS', 'bad-unit', /above zero, got "0GFLOPS"/);
  refuses(parseShare, '101%', 'bad-unit', /at most 100%, got "101%"/);
});

test('a time is a safe integer of at least zero', () => {
  assert.equal(checkTime(0, 'x'), 0);
  assert.equal(checkTime(2 ** 53 - 1, 'x'), 2 ** 53 - 1);
  for (const time of [-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => checkTime(time, 'the end'), /got the end/);
  }
});

test('durations are written with three digits in the largest fitting unit', () => {
  const expected: [number, string][] = [
    [0, '0 ns'],
    [999, '999 ns'],
    [1000, '1.00 µs'],
    [35_000_000, '35.0 ms'],
    [1_250_000_000, '1.25 s'],
    [179_900_000_000, '180 s'],
    [180e9, '3.00 min'],
    [7200e9, '2.00 h'],
    [8.64e15, '2400 h'],
    [999_999_999, '1000 ms'],
    [999_400, '999 µs'],
  ];
  for (const [ns, text] of expected) assert.equal(formatDuration(ns), text);
});

test('sizes are written in SI units', () => {
  const expected: [number, string][] = [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [1_250_000, '1.25 MB'],
    [999_999, '1000 kB'],
    [3e9, '3.00 GB'],
    [5e12, '5000 GB'],
  ];
  for (const [bytes, text] of expected) assert.equal(formatBytes(bytes), text);
});

test('no figure for people is in exponential form', () => {
  fc.assert(
    fc.property(
      fc.maxSafeNat(),
      (value) => !/e/.test(formatDuration(value)) && !/e/.test(formatBytes(value)),
    ),
    { seed: 1, numRuns: 500 },
  );
});

test('the compiler refuses a number of another unit, and accepts plain numbers and sums', () => {
  const delay: Nanoseconds = 5;
  const size: Bytes = 3;
  const rate: BitsPerSecond = 2;
  const round: Round = 1;
  // @ts-expect-error a size is no time.
  const time: Nanoseconds = size;
  // @ts-expect-error a bandwidth is no size.
  const other: Bytes = rate;
  // @ts-expect-error a time is no round.
  const next: Round = delay;
  // @ts-expect-error a round is no bandwidth.
  const speed: BitsPerSecond = round;
  // @ts-expect-error a size is not formatted as a time.
  const text = formatDuration(size);
  const later: Nanoseconds = delay + delay;
  assert.deepEqual([time, other, next, speed, text, later], [3, 2, 5, 1, '3 ns', 10]);
});
