/** `geographic`: nodes are on the globe, and a message travels the great circle between two of them. */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { readCsvFile } from '../../files/csv.js';
import { duration, share } from '../../options/index.js';
import type { Random } from '../../random.js';
import { propagationSpeed, travelTime } from './distance.js';
import { Globe, type Position } from './globe.js';
import type { LatencyContext, LatencyEntry } from './latency.js';
import { spreadAround } from './pairs.js';
import { placeOptions, placesFromFile } from './places.js';

const degrees = (most: number) => z.number().min(-most).max(most);

const areaOptions = z
  .strictObject({
    south: degrees(90).default(-90).describe('least latitude, in degrees'),
    north: degrees(90).default(90).describe('greatest latitude'),
    west: degrees(180).default(-180).describe('least longitude, in degrees'),
    east: degrees(180).default(180).describe('greatest longitude'),
  })
  .refine(({ south, north }) => south <= north, {
    path: ['north'],
    error: 'expected a latitude not below south',
  })
  .refine(({ west, east }) => west <= east, { path: ['east'], error: 'expected a longitude not below west' });

const options = z
  .strictObject({
    positions: z
      .array(z.strictObject({ latitude: degrees(90), longitude: degrees(180) }))
      .min(1)
      .optional()
      .describe(
        'where the nodes are, in degrees: [{ latitude: 50.1, longitude: 8.7 }, …], one for each node',
      ),
    file: z
      .string()
      .min(1)
      .optional()
      .describe(
        'CSV file of places, relative to the scenario: columns name, latitude and longitude, in degrees',
      ),
    ...placeOptions,
    area: areaOptions
      .prefault({})
      .describe('where nodes are drawn, evenly over the surface, if there are neither positions nor a file'),
    speed: propagationSpeed()
      .prefault('200000km/s')
      .describe('how fast a signal travels: in fibre two thirds of light'),
    detour: z.number().min(1).max(100).default(1).describe('length of the cables ÷ distance'),
    access: duration()
      .prefault('0ms')
      .describe('time that each message takes besides, at both ends together'),
    spread: share()
      .prefault('0%')
      .describe(
        'standard deviation of latencies, as a share of their mean (log-normal); 0%: always the mean',
      ),
  })
  .refine(({ positions, file }) => positions === undefined || file === undefined, {
    path: ['file'],
    error: 'expected either positions or a file, got both',
  });

type Options = z.output<typeof options>;

/** Where the nodes are. */
interface Prepared extends Options {
  readonly globe: Globe;
}

/** Access time + distance × detour ÷ speed, drawn for each attempt where there is a spread, rounded up to the nanosecond. */
export const geographic: LatencyEntry<Options, Prepared> = {
  id: 'geographic',
  description: 'great-circle distance between nodes on the globe ÷ speed of the signal, and access time',
  options,
  prepare: async (given, context) => ({ ...given, globe: new Globe(await positionsOf(given, context)) }),
  draw({ globe, speed, detour, access, spread }, random, { from, to }) {
    return spreadAround(access + travelTime(globe.metres(from, to) * detour, speed), spread, random);
  },
};

async function positionsOf(given: Options, context: LatencyContext): Promise<readonly Position[]> {
  const { positions, file, area } = given;
  const { nodes, directory, random } = context;
  if (positions !== undefined) {
    if (positions.length === nodes) return positions;
    const message = `expected ${nodes} positions, one for each node, got ${positions.length}`;
    throw new UsageError('bad-places', message, 'positions');
  }
  if (file === undefined) return Array.from({ length: nodes }, () => drawn(area, random));
  const lines = await readCsvFile(
    { directory, name: file, path: 'file' },
    { required: ['name', 'latitude', 'longitude'], optional: [] },
  );
  const names: string[] = [];
  const places = lines.map((line): Position => {
    const name = line.text('name');
    if (names.includes(name)) line.refuse(`expected every place once, got ${name} a second time`);
    names.push(name);
    const degree = (column: string, most: number) =>
      line.number(column, { least: -most, most }) ?? line.refuse(`expected a ${column}, got an empty cell`);
    return { latitude: degree('latitude', 90), longitude: degree('longitude', 180) };
  });
  const find = (name: string) => (names.includes(name) ? names.indexOf(name) : undefined);
  return Array.from(placesFromFile(given, { names, find }, context), (place) => places[place]!);
}

/** Evenly over the surface: of equal strips between parallels, each has as much of it as its height (Archimedes). */
function drawn({ south, north, west, east }: Options['area'], random: Random): Position {
  const height = (latitude: number) => Math.sin((latitude * Math.PI) / 180);
  const z = height(south) + (height(north) - height(south)) * random.uniform();
  const latitude = (Math.asin(Math.max(-1, Math.min(1, z))) * 180) / Math.PI;
  return { latitude, longitude: west + (east - west) * random.uniform() };
}
