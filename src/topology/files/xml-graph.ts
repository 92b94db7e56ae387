/**
 * The graph in a GEXF or GraphML file. Graphology has readers of both, which merge edges that stand twice, take
 * `directed="false"` in a directed GraphML for directed, and name no lines; so the elements are read here.
 */
import { Parser } from 'htmlparser2';
import { type FileEdge, type FileGraph, fileError, numberIn } from './read-graph.js';

/** An element with its attributes, and what is in it. */
interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly line: number;
  readonly children: Element[];
  text: string;
}

/** What a format says of an edge's direction and weight. */
interface Format {
  readonly name: string;
  /** What edges are that do not say so themselves. */
  directedByDefault(graph: Element): boolean;
  /** Undefined where the edge does not say. */
  isDirected(edge: Element): boolean | undefined;
  /** The text of the weight; `weightKey` is the id of the key of that name. */
  weight(edge: Element, weightKey: string): string | undefined;
}

const GEXF: Format = {
  name: 'GEXF',
  directedByDefault: ({ attributes }) => attributes.defaultedgetype === 'directed',
  isDirected: ({ attributes: { type } }) => (type === undefined ? undefined : type === 'directed'),
  weight: ({ attributes }) => attributes.weight,
};

const GRAPHML: Format = {
  name: 'GraphML',
  directedByDefault: ({ attributes }) => attributes.edgedefault === 'directed',
  isDirected: ({ attributes: { directed } }) => (directed === undefined ? undefined : directed === 'true'),
  weight: ({ children }, weightKey) =>
    children.find(({ name, attributes }) => name === 'data' && attributes.key === weightKey)?.text,
};

/** Throws UsageErrors with file and line. */
export const readGexf = (text: string, file: string): FileGraph => readXml(text, file, GEXF);

/** Throws UsageErrors with file and line. */
export const readGraphml = (text: string, file: string): FileGraph => readXml(text, file, GRAPHML);

function readXml(text: string, file: string, format: Format): FileGraph {
  const elements = elementsOf(text, file);
  const graph = elements.find(({ name }) => name === 'graph');
  if (!graph) throw fileError(file, 1, `expected a ${format.name} document with a graph`);
  const needed = ({ name, attributes, line }: Element, attribute: string): string => {
    const value = attributes[attribute];
    if (value) return value;
    throw fileError(file, line, `expected the attribute "${attribute}" of <${name}>`);
  };
  const byDefault = format.directedByDefault(graph);
  const key = elements.find(
    ({ name, attributes }) =>
      name === 'key' && attributes.for !== 'node' && attributes['attr.name'] === 'weight',
  );
  const weightOf = (edge: Element): number | undefined => {
    const stated = format.weight(edge, key?.attributes.id ?? 'weight');
    const weight = stated === undefined ? undefined : numberIn(stated);
    if (stated === undefined || weight !== undefined) return weight;
    throw fileError(file, edge.line, `expected a number as the weight, got ${JSON.stringify(stated)}`);
  };
  const named = (wanted: string) => elements.filter(({ name }) => name === wanted);
  return {
    nodes: named('node').map((node) => ({ id: needed(node, 'id'), line: node.line })),
    edges: named('edge').map(
      (edge): FileEdge => ({
        from: needed(edge, 'source'),
        to: needed(edge, 'target'),
        isDirected: format.isDirected(edge) ?? byDefault,
        weight: weightOf(edge),
        line: edge.line,
      }),
    ),
  };
}

/** All elements, in the order in which they begin. The parser forgives elements that are not closed, which this does not. */
function elementsOf(text: string, file: string): Element[] {
  const all: Element[] = [];
  const open: Element[] = [];
  let line = 1;
  let counted = 0;
  const lineAt = (index: number) => {
    for (; counted < index; counted++) if (text[counted] === '\n') line++;
    return line;
  };
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        const element = { name, attributes, line: lineAt(parser.startIndex), children: [], text: '' };
        open.at(-1)?.children.push(element);
        all.push(element);
        open.push(element);
      },
      ontext(piece) {
        const element = open.at(-1);
        if (element) element.text += piece;
      },
      onclosetag(name, isImplied) {
        const element = open.pop();
        const isShort = text[parser.endIndex - 1] === '/' && text[parser.endIndex] === '>';
        if (element && isImplied && !isShort)
          throw fileError(file, element.line, `expected XML that is well formed: <${name}> is not closed`);
      },
    },
    { xmlMode: true },
  );
  parser.write(text);
  parser.end();
  return all;
}
