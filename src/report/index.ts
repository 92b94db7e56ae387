/** Writes the results of a run: files, and tables for people. */
export { MetricsWriter, writeTable } from './csv.js';
export { NdjsonWriter, writeSummary } from './json.js';
export { PartialFile } from './partial-file.js';
export { checkWritable, ResultDirectory } from './result-directory.js';
export { resultPath } from './result-path.js';
export { type Cell, type MetricRow, RESULT_FILES, type ResultFile, type Row } from './tables.js';
export { formatTable, type TableForm, type TextColumn } from './text-table.js';
