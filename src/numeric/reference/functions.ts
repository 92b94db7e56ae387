/** exp and log with the same steps, and so the same bits, as `c/functions.h`. */
import { bitsOf, floatOf } from '../bits.js';

const { fround } = Math;

const LOW = fround(-87.336545);
const HIGH = fround(88.72283);
const LOG2_E = fround(Math.LOG2E);
const ROUND = 12582912;
const LN_2_LOW = fround(-2.1219444e-4);
const EXP = [1.9916559e-4, 1.3943445e-3, 8.333269e-3, 4.1666318e-2, 1.6666667e-1, 0.5].map(fround);

/** e^x in float32. */
export function exp32(x: number): number {
  if (x < LOW) return 0;
  if (x > HIGH) return Number.POSITIVE_INFINITY;
  if (Number.isNaN(x)) return x;
  const shifted = fround(fround(x * LOG2_E) + ROUND);
  const n = fround(shifted - ROUND);
  const r = fround(fround(x - fround(n * 0.693359375)) - fround(n * LN_2_LOW));
  let p = EXP[0]!;
  for (let k = 1; k < EXP.length; k++) p = fround(fround(p * r) + EXP[k]!);
  const e = fround(fround(fround(p * fround(r * r)) + r) + 1);
  const half = n >> 1;
  return fround(fround(e * floatOf((half + 127) << 23)) * floatOf((n - half + 127) << 23));
}

const ROOT_HALF = 0x3f3504f3;
const LOG = [
  6.967697e-2, -1.1708955e-1, 1.1803568e-1, -1.2394936e-1, 1.4230432e-1, -1.6668941e-1, 2.0001554e-1,
  -2.4999987e-1, 3.3333322e-1,
].map(fround);

/** ln x in float32, for normal x > 0. */
export function log32(x: number): number {
  const bits = (bitsOf(x) - ROOT_HALF) | 0;
  const n = bits >> 23;
  const f = fround(floatOf((bits & 0x7fffff) + ROOT_HALF) - 1);
  const square = fround(f * f);
  let p = LOG[0]!;
  for (let k = 1; k < LOG.length; k++) p = fround(fround(p * f) + LOG[k]!);
  const high = fround(fround(fround(f * square) * p) + fround(n * LN_2_LOW));
  const tail = fround(high - fround(square * 0.5));
  return fround(fround(f + tail) + fround(n * 0.693359375));
}

const EXP_64 = [
  4.1381367970572385e-8, -1.6533902205465252e-6, 6.613756321437934e-5, -0.0027777777777015593,
  0.16666666666666602,
];

/** e^x in float64: the bits of `Math.exp` of V8, whatever JavaScript runs this. */
export function exp64(x: number): number {
  if (!(x <= 709.782712893384)) return Number.isNaN(x) ? x : Number.POSITIVE_INFINITY;
  if (x < -745.1332191019411) return 0;
  if (Math.abs(x) < 2 ** -28) return 1 + x;
  if (x === 1) return Math.E;
  const n = Math.abs(x) >= HALF_LN_2 ? Math.trunc(x * Math.LOG2E + (x < 0 ? -0.5 : 0.5)) : 0;
  const high = x - n * 0.6931471803691238;
  const low = n * 1.9082149292705877e-10;
  const r = high - low;
  const square = r * r;
  let p = EXP_64[0]!;
  for (let k = 1; k < EXP_64.length; k++) p = p * square + EXP_64[k]!;
  const c = r - square * p;
  const y = 1 - (low - (r * c) / (2 - c) - high);
  if (n > 1023) return y * 2 * 2 ** 1023;
  return n < -1021 ? y * 2 ** (n + 1000) * 2 ** -1000 : y * 2 ** n;
}

/** ln 2 / 2, rounded up to the first 20 bits behind the point. */
const HALF_LN_2 = 0x162e43 * 2 ** -22;

const long = new BigInt64Array(1);
const double = new Float64Array(long.buffer);
const ROOT_HALF_64 = 0x3fe6a09e667f3bcdn;

/** ln x in float64, for normal x > 0. */
export function log64(x: number): number {
  double[0] = x;
  const bits = long[0]! - ROOT_HALF_64;
  const n = Number(bits >> 52n);
  long[0] = (bits & 0xfffffffffffffn) + ROOT_HALF_64;
  const m = double[0]!;
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let p = 1 / 21;
  for (let k = 19; k >= 3; k -= 2) p = p * square + 1 / k;
  return 2 * s + 2 * s * square * p + n * Math.LN2;
}
