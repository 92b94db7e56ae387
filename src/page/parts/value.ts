/** Values of figures as text. */
import { formatBytes, formatDuration } from '../../units.js';
import { isShare } from '../charts/axis.js';

/** A value of a figure with its unit; differences of shares are in percentage points (`share`). */
export function valueText(figure: string, value: number, share: '%' | 'pp' = '%'): string {
  if (/^sent_bytes|^bytes_to_|-bytes$/.test(figure)) return formatBytes(Math.round(value));
  if (figure.endsWith('_ns')) return formatDuration(Math.round(value));
  if (isShare(figure)) return `${(100 * value).toFixed(1)} ${share}`;
  return String(Number(value.toPrecision(4)));
}
