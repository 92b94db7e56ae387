// Prints the table of docs/wire.md: `node scripts/codecs/sizes.mjs`.
import { sizes } from './measured.mjs';
import { model } from './subjects.mjs';

const whole = (value) => (value === undefined ? '–' : Math.ceil(value).toLocaleString('en'));
const titles = ['codec', 'bytes', 'bits each', 'relative error', 'entropy', 'rate–distortion'];
const rows = sizes().map(({ title, bytes, error, lossless, shannon }) => [
  title,
  whole(bytes),
  ((8 * bytes) / model.length).toFixed(2),
  error === 0 ? '0' : error.toPrecision(2),
  whole(lossless),
  whole(shannon),
]);
const widths = titles.map((name, k) => Math.max(name.length, ...rows.map((row) => row[k].length)));
const line = (cells) =>
  cells.map((cell, k) => (k === 0 ? cell.padEnd(widths[k]) : cell.padStart(widths[k]))).join('  ');
console.log([titles, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('\n'));
