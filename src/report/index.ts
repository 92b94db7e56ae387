/** Writes the results of a run: files, and tables for people. */
export { checkWritable, ResultDirectory } from './result-directory.js';
export { resultPath, scenarioPath } from './result-path.js';
export { RESULT_FILES } from './tables.js';
export { formatTable } from './text-table.js';
