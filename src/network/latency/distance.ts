/** The option for the speed of propagation. */
import { z } from 'zod';
import { quoted } from '../../errors.js';
import type { Nanoseconds } from '../../units.js';

const SPEED = /^\s*(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*km\/s\s*$/;
/** Of light in a vacuum, in km/s. */
const LIGHT = 299_792.458;

/** `"200000km/s"` → metres per second; above 0, at most that of light. */
export const propagationSpeed = () =>
  z
    .string({ error: () => 'expected a speed of propagation, such as "200000km/s"' })
    .meta({ unit: 'speed, such as "200000km/s"', pattern: SPEED.source })
    .transform((text, context): number => {
      const speed = Number(SPEED.exec(text)?.[1]);
      if (speed > 0 && speed <= LIGHT) return 1000 * speed;
      const message = `expected a speed of propagation above 0 and not above that of light (${LIGHT}km/s), such as "200000km/s", got ${quoted(text)}`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    });

/** The time for a distance in metres, in nanoseconds that are not rounded. */
export function travelTime(metres: number, metresPerSecond: number): Nanoseconds {
  return Number(((metres * 1e9) / metresPerSecond).toPrecision(15));
}
