/** `mycel plot`: one figure of results, as a file. */
import { writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { EXIT, nearestName, UsageError } from '../../errors.js';
import type { Against } from '../../page/charts/axis.js';
import { curveChart } from '../../page/charts/curves.js';
import { COLORS } from '../../page/charts/palette.js';
import { type CurveRow, curveRows, groupsOf, metricsOf } from '../../page/charts/rows.js';
import { orUnwritable } from '../../report/output-file.js';
import { pageData } from '../../report/page/index.js';
import { collectResults } from '../collect.js';
import { pageResults } from '../page.js';
import { svgOf } from './drawing.js';
import { FORMATS } from './formats.js';

/** Options of `mycel plot` as commander gives them. */
export interface PlotFlags {
  readonly x: Against;
  readonly y: string;
  readonly out: string;
  readonly width: number;
  readonly height: number;
  readonly title?: string;
}

/** Writes a metric of results against bytes, time or rounds. Returns the exit code. */
export async function plotCommand(folders: readonly string[], flags: PlotFlags): Promise<number> {
  const { x: against, y, out, width, height, title } = flags;
  const write = FORMATS[extname(out).toLowerCase()];
  if (write === undefined)
    throw new UsageError(
      'bad-format',
      `expected a file that ends in ${Object.keys(FORMATS).join(', ')}, got ${out}`,
      out,
    );
  const data = await pageData(pageResults(collectResults(folders)));
  const metric = metricNamed(y, metricsOf(data));
  const rows = curveRows(data);
  if (against === 'bytes') checkBytes(rows, metric);
  const chart = curveChart(rows, { metric, against, groups: groupsOf(data) });
  const svg = svgOf(chart, { width, height, title, colors: COLORS.light, named: true });
  const content = await write(svg, { width, height });
  orUnwritable(out, () => writeFileSync(out, content));
  console.log(`${out}: ${chart.description}`);
  return EXIT.ok;
}

/** `accuracy` is the mean over the nodes, where there is no metric of the whole run that is called so. */
function metricNamed(name: string, known: readonly string[]): string {
  const found = [name, `${name}-mean`].find((metric) => known.includes(metric));
  if (found !== undefined) return found;
  const near = nearestName(name, known);
  throw new UsageError(
    'unknown-metric',
    `expected for --y a metric of the whole run that all seeds have (${known.join(', ')}), got "${name}"${near ? `: did you mean ${near}?` : ''}`,
  );
}

function checkBytes(rows: readonly CurveRow[], metric: string): void {
  if (rows.some((row) => row.metric === metric && Number.isFinite(row.sent_bytes))) return;
  throw new UsageError(
    'unknown-bytes',
    'expected results with traffic.csv, or with the probe bytes, to draw against bytes, got none: take --x time or rounds',
  );
}
