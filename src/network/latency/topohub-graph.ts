/**
 * Reads the JSON files of TopoHub (https://www.topohub.org): networkx's node-link format, with a position of each node,
 * `[longitude, latitude]` in degrees, and the length `dist` of each link in kilometres.
 */
import { z } from 'zod';
import { type NamedFile, wrongFile } from '../../files/named-file.js';
import { formatPath } from '../../options/index.js';
import { travelTime } from './distance.js';
import { Globe } from './globe.js';
import { type GraphLink, type GraphPlace, PlaceGraph } from './place-graph.js';

const name = z.union([z.string(), z.number()]);

const node = z.looseObject({
  id: name,
  name: name.optional(),
  label: name.optional(),
  type: z.string().optional(),
  pos: z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]).optional(),
});

const link = z.looseObject({ source: name, target: name, dist: z.number().min(0).optional() });

const graph = z.looseObject({
  directed: z.boolean().default(false),
  nodes: z.array(node).min(1),
  links: z.array(link).optional(),
  // What later versions of networkx call them.
  edges: z.array(link).optional(),
});

/** The graph of a file; a link takes its length ÷ `speed` (m/s), by default the distance of its ends. Throws UsageErrors. */
export function readTopoHubGraph(text: string, file: NamedFile, speed: number): PlaceGraph {
  const { nodes, links, edges, directed } = parse(text, file);
  const indices = new Map(nodes.map(({ id }, index) => [id, index]));
  if (indices.size < nodes.length)
    throw wrongFile(file, `expected an id of its own for every node: ${file.name}`);
  const places = nodes.map(
    (own): GraphPlace => ({
      name: String(own.id),
      labels: [own.name, own.label].flatMap((label) => (label === undefined ? [] : String(label))),
      kind: own.type,
    }),
  );
  const globe = new Globe(nodes.map(({ pos = [0, 0] }) => ({ longitude: pos[0], latitude: pos[1] })));
  const all = (links ?? edges ?? []).flatMap(({ source, target, dist }, k): GraphLink[] => {
    const [from, to] = [indices.get(source), indices.get(target)];
    const at = `${file.name}: ${links ? 'links' : 'edges'}.${k}`;
    if (from === undefined || to === undefined)
      throw wrongFile(file, `${at}: expected ids of nodes as source and target, got ${source} and ${target}`);
    if (dist === undefined && !(nodes[from]!.pos && nodes[to]!.pos))
      throw wrongFile(file, `${at}: expected a dist in kilometres, or a pos of both nodes, got neither`);
    const metres = dist === undefined ? globe.metres(from, to) : 1000 * dist;
    const one = { from, to, latency: Math.ceil(travelTime(metres, speed)), loss: 0 };
    return directed ? [one] : [one, { ...one, from: to, to: from }];
  });
  return new PlaceGraph(places, all);
}

function parse(text: string, file: NamedFile): z.output<typeof graph> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrongFile(
      file,
      `expected JSON, got text that is not JSON (${(error as Error).message}): ${file.name}`,
    );
  }
  const parsed = graph.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = formatPath(issue!.path.map((key) => (typeof key === 'number' ? key : String(key))));
  throw wrongFile(file, `${file.name}: ${where}: ${issue!.message}`);
}
