/** A graph as a file states it, before nodes get their numbers; and the mistakes that all formats have in common. */
import { UsageError } from '../../errors.js';

/** An edge, or a link where it is directed, and the line of the file in which it stands, from 1. */
export interface FileEdge {
  readonly from: string;
  readonly to: string;
  readonly isDirected: boolean;
  /** Absent where the file states none. */
  readonly weight?: number | undefined;
  readonly line: number;
}

/** What all readers return. */
export interface FileGraph {
  /** Ids, in the order of the file; undefined for a format that names nodes by their edges alone. */
  readonly nodes?: readonly FileNode[];
  readonly edges: readonly FileEdge[];
}

/** A node and its line. */
interface FileNode {
  readonly id: string;
  readonly line: number;
}

/** The mistake of a file, with its place. */
export function fileError(file: string, line: number, message: string): UsageError {
  return new UsageError('bad-graph-file', `${file}:${line}: ${message}`, 'topology');
}

/** A finite number in a text; undefined for one that is none. */
export function numberIn(text: string): number | undefined {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : undefined;
}
