/** Positions on the globe, and the distances between them. */

/** Degrees: latitude −90 … 90, longitude −180 … 180. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
}

/** Mean radius of the earth in metres (IUGG). */
const RADIUS = 6_371_009;
/** Twice the radius: the factor of the arc sine of half a chord. */
const DIAMETER = 2 * RADIUS;

/** Positions as unit vectors: float64 [positions × 3], row-major. */
export class Globe {
  readonly #vectors: Float64Array;

  constructor(positions: readonly Position[]) {
    this.#vectors = new Float64Array(3 * positions.length);
    for (const [k, { latitude, longitude }] of positions.entries()) {
      const [north, east] = [(latitude * Math.PI) / 180, (longitude * Math.PI) / 180];
      const parallel = Math.cos(north);
      this.#vectors.set([parallel * Math.cos(east), parallel * Math.sin(east), Math.sin(north)], 3 * k);
    }
  }

  /**
   * The great-circle distance between two positions on a sphere, in whole metres: what the last bits of sines are, which
   * depend on the engine, makes no difference.
   */
  metres(a: number, b: number): number {
    const [v, from, to] = [this.#vectors, 3 * a, 3 * b];
    const [x, y, z] = [v[from]! - v[to]!, v[from + 1]! - v[to + 1]!, v[from + 2]! - v[to + 2]!];
    const chord = Math.sqrt(x * x + y * y + z * z);
    return Math.round(DIAMETER * Math.asin(Math.min(1, chord / 2)));
  }
}
