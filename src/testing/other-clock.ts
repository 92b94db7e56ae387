/** Runs something where clocks and Math.random say something else: what depends on them comes out differently. */

/** Ten years, in milliseconds: seen by whoever looks at dates only, too. */
const SHIFT = 10 * 365.25 * 24 * 3600 * 1000;

/** Awaits `run` with `Date`, `performance.now`, `process.hrtime` and `Math.random` changed for the whole process. */
export async function withOtherClock<T>(run: () => Promise<T>): Promise<T> {
  const { Date: RealDate } = globalThis;
  const { random } = Math;
  const { now } = performance;
  const { hrtime } = process;
  class ShiftedDate extends RealDate {
    constructor(...given: []) {
      if (given.length === 0) super(ShiftedDate.now());
      else super(...given);
    }

    static override now(): number {
      return RealDate.now() + SHIFT;
    }
  }
  const shiftedTime = Object.assign((from?: [number, number]) => hrtime(from), {
    bigint: () => hrtime.bigint() + BigInt(SHIFT) * 1_000_000n,
  });
  globalThis.Date = ShiftedDate as DateConstructor;
  Math.random = () => 1 - random() / 2;
  performance.now = () => now.call(performance) + SHIFT;
  process.hrtime = shiftedTime;
  try {
    return await run();
  } finally {
    globalThis.Date = RealDate;
    Math.random = random;
    performance.now = now;
    process.hrtime = hrtime;
  }
}
