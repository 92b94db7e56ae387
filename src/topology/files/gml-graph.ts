/** The graph in a GML file. */
import { type GmlItem, parseGml } from './gml.js';
import { type FileGraph, fileError } from './read-graph.js';

/** Reads `graph [ directed 1 node [ id … ] edge [ source … target … weight … ] ]`. Throws UsageErrors with file and line. */
export function readGml(text: string, file: string): FileGraph {
  const graphs = parseGml(text, file).filter(({ key }) => key === 'graph');
  const graph = graphs[0];
  if (!graph || typeof graph.value !== 'object' || graphs.length > 1)
    throw fileError(file, graphs[1]?.line ?? 1, `expected one graph [ … ], got ${graphs.length}`);
  const items = graph.value;
  const isDirected = items.some(({ key, value }) => key === 'directed' && value === 1);
  const listsOf = (name: string) =>
    items.flatMap(({ key, value, line }) => {
      if (key !== name) return [];
      if (typeof value !== 'object') throw fileError(file, line, `expected ${name} [ … ]`);
      return [{ value, line }];
    });
  const idIn = (list: readonly GmlItem[], key: string, line: number): string => {
    const id = list.find((item) => item.key === key)?.value;
    if (typeof id === 'number' || typeof id === 'string') return String(id);
    throw fileError(file, line, `expected ${key}, a number or a text`);
  };
  const weightIn = (list: readonly GmlItem[]): number | undefined => {
    const weight = list.find(({ key }) => key === 'weight');
    if (weight === undefined || typeof weight.value === 'number') return weight?.value as number | undefined;
    throw fileError(file, weight.line, 'expected a number as the weight');
  };
  return {
    nodes: listsOf('node').map(({ value, line }) => ({ id: idIn(value, 'id', line), line })),
    edges: listsOf('edge').map(({ value, line }) => ({
      from: idIn(value, 'source', line),
      to: idIn(value, 'target', line),
      isDirected,
      weight: weightIn(value),
      line,
    })),
  };
}
