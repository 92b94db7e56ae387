/** Writes the results of a run: files, and tables for people. */
export { checkWritable, ResultDirectory } from './result-directory.js';
export { resultPath } from './result-path.js';
export type { Row } from './tables.js';
export { formatTable } from './text-table.js';
