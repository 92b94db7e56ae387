/** The data of a page: what the writer puts into it and what its views read. */

/** Text of few different values: `dictionary[codes[row]]`. */
export interface TextColumn {
  readonly dictionary: readonly string[];
  readonly codes: Int32Array;
}

/** The numbers or texts of a column, one for each row. Times are virtual, in nanoseconds, as Float64Array. */
export type Column = Float64Array | Int32Array | Uint8Array | TextColumn;

/** A table in columns. */
export interface ColumnTable {
  /** Number of rows. */
  readonly length: number;
  readonly columns: Readonly<Record<string, Column>>;
}

/** A run of which the page has results. */
export interface PageRun {
  /** Its tables are called `<index>/<name>`. */
  readonly index: number;
  /** What it is called on the page: scenario or variant, and seed. */
  readonly label: string;
  /** What runs that differ only in their seeds have in common. */
  readonly group: string;
  readonly title: string;
  readonly seed: number;
  /** Learners. */
  readonly nodes: number;
  readonly rounds: number;
  readonly events: number;
  /** Virtual time at the end, in nanoseconds. */
  readonly end: number;
  /** Bytes that were sent. */
  readonly sent: number;
  /**
   * Whether the bytes that had been sent at each measurement are known, from a probe or from spans; else they are those of the
   * rounds before.
   */
  readonly exactBytes: boolean;
  /** The commands that repeat it, where there are some: from its folder, and from its scenario as scenario.json. */
  readonly commands: { readonly verify?: string; readonly run?: string };
  /** Where it was found. */
  readonly folder: string;
  /** The content of summary.json. */
  readonly summary: Readonly<Record<string, unknown>>;
}

/** Everything that a page shows. */
export interface PageData {
  readonly title: string;
  readonly runs: readonly PageRun[];
  /** Tables of a run are called `<run index>/<name>`, such as `0/metrics`. */
  readonly tables: Readonly<Record<string, ColumnTable>>;
}
