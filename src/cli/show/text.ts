/** The facts of a run as text. */
import { formatBytes, formatDuration } from '../../units.js';
import { formatFlops } from '../figures.js';
import type { Facts } from './facts.js';
import { splitPicture } from './picture.js';

/** A paragraph of the text: what it is about, and its lines. */
type Part = readonly [name: string, lines: readonly string[]];

/** All that is known of a variant; paragraphs that are those of the variant before are not repeated. */
export function factsText(facts: Facts, before?: Facts): string {
  const earlier = new Map(before && partsOf(before));
  const parts = partsOf(facts).map(([name, lines]): Part => {
    const isSame = lines.join('\n') === earlier.get(name)?.join('\n');
    return [name, isSame ? [`as in ${before!.variant}`] : lines];
  });
  const heading = [facts.file, facts.variant, `seed ${facts.seed}`].filter(Boolean).join(' ');
  return [heading, ...parts.flatMap(([name, lines]) => paragraph(name, lines))].join('\n');
}

/** Width of the text beside the names of paragraphs. */
const WIDTH = 67;

function paragraph(name: string, lines: readonly string[]): string[] {
  return lines.flatMap(wrapped).map((line, k) => `  ${(k === 0 ? name : '').padEnd(10)} ${line}`.trimEnd());
}

/** A line in as many as it takes, broken at spaces; all but the first are indented. */
function wrapped(line: string): string[] {
  if (line.length <= WIDTH) return [line];
  const at = line.lastIndexOf(' ', WIDTH);
  const end = at > line.search(/\S/) ? at : line.indexOf(' ', WIDTH);
  if (end < 0) return [line];
  return [line.slice(0, end), ...wrapped(`  ${line.slice(end + 1)}`)];
}

function partsOf(facts: Facts): Part[] {
  const { scenario } = facts;
  return [
    ['data', dataLines(facts)],
    ['model', modelLines(facts)],
    ['topology', topologyLines(facts)],
    ['algorithm', [asText(scenario.algorithm)]],
    ['traffic', trafficLines(facts)],
    ['memory', [`about ${formatBytes(facts.memoryBytes)} at most`]],
    ['events', eventLines(scenario.faults)],
    ['stop', [stopText(scenario.stop as Readonly<Record<string, string>>)]],
  ];
}

const number = (value: number) => value.toLocaleString('en');

function dataLines({ data, scenario }: Facts): string[] {
  const { split } = scenario.data as { split: unknown };
  const of = data.classes > 0 ? `${data.classes} classes` : 'a target to regress on';
  const least = data.rows.reduce((smallest, rows) => Math.min(smallest, rows));
  const most = data.rows.reduce((greatest, rows) => Math.max(greatest, rows));
  const each = least === most ? number(most) : `${number(least)} to ${number(most)}`;
  const picture = data.perClass.length > 0 ? splitPicture(data.perClass) : [];
  return [
    `${data.use}: ${number(data.trainRows)} training rows, ${number(data.testRows)} test rows of [${data.shape.join(', ')}], ${of}`,
    `split ${asText(split)}: ${each} training rows a node`,
    ...picture,
  ];
}

function modelLines({ models }: Facts): string[] {
  return models.flatMap(({ use, nodes, params, bytes, forwardFlops, backwardFlops, slices }) => [
    `${use}${models.length > 1 ? ` (${nodes} nodes)` : ''}: ${number(params)} params, ${formatBytes(bytes)}; ` +
      `a sample takes ${formatFlops(forwardFlops)} forward, ${formatFlops(backwardFlops)} backward`,
    ...slices.map(
      ({ name, shape, group }) => `  ${name} [${shape.join(', ')}]${group === 'head' ? ' (head)' : ''}`,
    ),
  ]);
}

function topologyLines({ topology, scenario }: Facts): string[] {
  const { degree, diameter, diameterIsExact, spectralGap, changing } = topology;
  const { allowDisconnected: _, ...entry } = (scenario.topology ?? {}) as Readonly<Record<string, unknown>>;
  const use = scenario.topology === undefined ? 'star around the server' : asText(entry);
  const degrees =
    degree.least === degree.greatest
      ? `degree ${degree.least}`
      : `degree ${degree.least} to ${degree.greatest}, ${Number(degree.mean.toPrecision(3))} on average`;
  const far = Number.isFinite(diameter)
    ? `diameter ${diameterIsExact ? '' : 'at least '}${diameter}`
    : 'some nodes cannot be reached from others';
  return [
    `${use}: ${number(topology.nodes)} nodes, ${number(topology.links)} ${topology.directed ? 'directed ' : ''}links`,
    `${topology.connected ? 'connected' : 'not connected'}, ${degrees}, ${far}`,
    ...(spectralGap === undefined ? [] : [`spectral gap ${Number(spectralGap.toPrecision(3))}`]),
    ...(changing ? [`in the first round; links differ from round to round${mixingText(changing)}`] : []),
  ];
}

/** What repeated mixing does where there is no spectral gap. */
function mixingText({ rounds, factor }: NonNullable<Facts['topology']['changing']>): string {
  if (rounds === undefined || factor === undefined) return '';
  if (factor === 0) return `, and ${rounds} rounds of mixing are an exact average`;
  return `; mixing takes the distance from the mean to ${Number((100 * factor).toPrecision(3))}% a round (over ${rounds})`;
}

function trafficLines({ traffic, scenario }: Facts): string[] {
  const { roundsRun, bytesByRound, lastRound, totalBytes, time } = traffic;
  if (roundsRun === 0) return ['not predicted: the first rounds were not run, or took too long'];
  const isSteady = bytesByRound.every((bytes) => bytes === bytesByRound[0]);
  const types = lastRound.map(
    ({ type, messages, bytes }) =>
      `${messages === 0 ? type : `${number(messages)} × ${type}`}, ${formatBytes(bytes)}`,
  );
  const rounds = isSteady
    ? [`${formatBytes(bytesByRound[0]!)} a round: ${types.join('; ')}`]
    : bytesByRound.map((bytes, round) => `${formatBytes(bytes)} in round ${round}`);
  const { after } = scenario.stop as { after?: string };
  return [
    ...rounds,
    ...(totalBytes === undefined
      ? []
      : [`${between(totalBytes)} in ${after}, if later rounds are like these`]),
    `(from the first ${roundsRun === 1 ? 'round' : `${roundsRun} rounds`}, which were run: ${formatDuration(time)} of virtual time)`,
  ];
}

function between({ least, most }: NonNullable<Facts['traffic']['totalBytes']>): string {
  const ends = [...new Set([formatBytes(least), formatBytes(most)])];
  return ends.length === 1 ? `about ${ends[0]}` : `from ${ends.join(' to ')}`;
}

function eventLines(faults: unknown): string[] {
  const listed = faults as readonly unknown[];
  return listed.length === 0 ? ['none'] : listed.map(asText);
}

function stopText({ after, at, diverged }: Readonly<Record<string, string>>): string {
  const ends = [after && `after ${after}`, at && `at ${at} of virtual time`].filter(Boolean).join(', or ');
  return diverged === 'stop' ? `${ends}; or where params are no longer finite` : ends;
}

/** An entry with its options, as a scenario could have it: `random-regular (degree: 4)`. */
function asText(entry: unknown): string {
  const { use, ...options } = entry as Readonly<Record<string, unknown>>;
  const given = Object.entries(options).map(([key, value]) => `${key}: ${plain(value)}`);
  return given.length === 0 ? String(use) : `${use} (${given.join(', ')})`;
}

function plain(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(plain).join(', ')}]`;
  return 'use' in value ? asText(value) : JSON.stringify(value);
}
