/**
 * A table in a Parquet file, written row by row. Rows are kept until there are enough for a row group; what is kept, and what
 * was written, can be saved, so that a run that goes on ends with the same bytes.
 */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { RowGroup, SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { assert } from '../errors.js';
import { continued, orUnwritable, type Written } from './output-file.js';
import type { Cell } from './tables.js';

/** What a column holds. All may be missing in a row but the required ones. */
type ColumnType = 'int32' | 'int64' | 'double' | 'string';

/** Columns by name, in their order; `?` at the end of a type: the cell may be undefined. */
export type ParquetColumns = Readonly<Record<string, ColumnType | `${ColumnType}?`>>;

/** A table that is not finished. Plain data. */
export interface ParquetState extends Written {
  readonly rowGroups: readonly RowGroup[];
  readonly rows: bigint;
  /** By column, in the order of the columns. */
  readonly pending: readonly (readonly Cell[])[];
}

/** Rows of a group: some megabytes in memory, and enough to be compressed well. */
const GROUP = 1 << 16;

/** Streams rows into a Parquet file. Every method throws UsageError `unwritable-output`. */
export class ParquetTable {
  readonly path: string;
  readonly #columns: readonly (readonly [name: string, type: ColumnType])[];
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;
  #descriptor: number | undefined;
  #crc32: number;
  #pending: Cell[][];

  /** Creates the file, or continues one from its state; what stands behind that is cut off. */
  constructor(path: string, columns: ParquetColumns, from?: ParquetState) {
    this.path = path;
    this.#crc32 = from?.crc32 ?? 0;
    const entries = Object.entries(columns);
    this.#columns = entries.map(([name, type]) => [name, type.replace('?', '') as ColumnType]);
    this.#pending = entries.map((_, k) => [...(from?.pending[k] ?? [])]);
    this.#descriptor = orUnwritable(path, () => (from ? continued(path, from) : openSync(path, 'wx')));
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: [{ name: 'root', num_children: entries.length }, ...entries.map(elementOf)],
      createdBy: 'mycel',
    });
    if (from) this.#goOn(from);
    else this.#flush();
  }

  /** Cells in the order of the columns. */
  write(row: readonly Cell[]): void {
    assert(
      this.#descriptor !== undefined && row.length === this.#columns.length,
      `${this.path}: expected ${this.#columns.length} cells, before close, got ${row.length}`,
    );
    for (const [k, column] of this.#pending.entries()) column.push(row[k]);
    if (this.#pending[0]!.length === GROUP) this.#writeGroup();
  }

  save(): ParquetState {
    const { row_groups, num_rows } = this.#writer;
    const pending = this.#pending.map((column) => [...column]);
    return {
      bytes: this.#bytes.offset,
      crc32: this.#crc32,
      rowGroups: [...row_groups],
      rows: num_rows,
      pending,
    };
  }

  /** Writes what is pending and the directory of the file, and closes it. */
  close(): void {
    if (this.#descriptor === undefined) return;
    if (this.#pending[0]!.length > 0) this.#writeGroup();
    this.#writer.finish();
    this.#flush();
    this.discard();
  }

  /** Closes the file as it is, which nobody can read. */
  discard(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) orUnwritable(this.path, () => closeSync(descriptor));
  }

  #goOn({ bytes, rowGroups, rows }: ParquetState): void {
    // The first bytes, which the writer has just given, stand in the file already.
    this.#bytes.index = 0;
    this.#bytes.offset = bytes;
    this.#writer.row_groups = [...rowGroups];
    this.#writer.num_rows = rows;
  }

  #writeGroup(): void {
    this.#writer.write({
      columnData: this.#columns.map(([name, type], k) => ({
        name,
        data: type === 'int64' ? this.#pending[k]!.map(asBigInt) : this.#pending[k]!.map(orNull),
        offsetIndex: false,
      })),
      rowGroupSize: GROUP,
    });
    this.#pending = this.#columns.map(() => []);
    this.#flush();
  }

  #flush(): void {
    const bytes = this.#bytes.getBytes();
    // Unlike writeSync it continues after a short write.
    orUnwritable(this.path, () => writeFileSync(this.#descriptor!, bytes));
    this.#crc32 = crc32(bytes, this.#crc32);
    this.#bytes.index = 0;
  }
}

const TYPES = {
  int32: { type: 'INT32' },
  int64: { type: 'INT64' },
  double: { type: 'DOUBLE' },
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
} as const;

function elementOf([name, type]: [string, ParquetColumns[string]]): SchemaElement {
  const repetition_type = type.endsWith('?') ? 'OPTIONAL' : 'REQUIRED';
  return { name, repetition_type, ...TYPES[type.replace('?', '') as ColumnType] };
}

const orNull = (cell: Cell): Exclude<Cell, undefined> | null => cell ?? null;

function asBigInt(cell: Cell): bigint | null {
  return cell === undefined ? null : BigInt(cell as number);
}
