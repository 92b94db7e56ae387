/** Edge lists: a line for each edge, with both ends and perhaps a weight, parted by spaces, tabs or commas. */
import { type FileEdge, type FileGraph, fileError, numberIn } from './read-graph.js';

/** First lines that name the columns. */
const HEADER = /^(from|source)$/i;

/**
 * Reads `3 5`, `3,5` or `3,5,0.25`. Lines that begin with `#` or `%` are comments, and the first line may name the columns.
 * Throws UsageErrors with file and line.
 */
export function readEdgeList(text: string, file: string, isDirected: boolean): FileGraph {
  const edges: FileEdge[] = [];
  let isFirst = true;
  for (const [index, raw] of text.split('\n').entries()) {
    const trimmed = raw.trim();
    if (trimmed === '' || /^[#%]/.test(trimmed)) continue;
    const columns = trimmed.split(/\s*[,;]\s*|\s+/);
    const isHeader = isFirst && HEADER.test(columns[0]!);
    isFirst = false;
    if (isHeader) continue;
    const [from, to, third, ...more] = columns;
    const weight = third === undefined ? undefined : numberIn(third);
    const fits = from && to && more.length === 0 && (third === undefined || weight !== undefined);
    if (!fits) {
      const expected = 'expected two nodes and perhaps a number, their weight';
      throw fileError(file, index + 1, `${expected}, got ${JSON.stringify(trimmed.slice(0, 60))}`);
    }
    edges.push({ from, to, isDirected, weight, line: index + 1 });
  }
  return { edges };
}
