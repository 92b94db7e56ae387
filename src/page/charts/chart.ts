/** What a chart is: options for Observable Plot, and the data that it shows. */
import { type Markish, type PlotOptions, text } from '@observablehq/plot';
import type { Colors } from './palette.js';

/** How a chart is drawn. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly colors: Colors;
  /** Whether groups are named beside their lines: else a legend does it. */
  readonly named: boolean;
  /** Above the chart. Default: none. */
  readonly title?: string | undefined;
}

/** A chart. */
export interface Chart {
  /** What it shows, in words. */
  readonly description: string;
  /** Its data, for CSV. */
  readonly rows: ReadonlyArray<Readonly<Record<string, number | string>>>;
  draw(drawing: Drawing): PlotOptions;
}

/** Fonts that are there; in files for print, the first one is embedded. */
export const FONT = 'Inter, "Helvetica Neue", "Segoe UI", Arial, "DejaVu Sans", sans-serif';

/** Room around a chart, in pixels. */
const TOP = 24;
const TITLE = 26;
const BOTTOM = 42;

/** Where the area of a chart begins and ends, in pixels from above. */
export function heights({ height, title }: Drawing): { readonly top: number; readonly bottom: number } {
  return { top: title === undefined ? TOP : TOP + TITLE, bottom: height - BOTTOM };
}

/** What all charts have in common. */
export function base(drawing: Drawing): PlotOptions {
  const { width, height, colors } = drawing;
  return {
    width,
    height,
    marginLeft: 52,
    marginBottom: BOTTOM,
    marginTop: heights(drawing).top,
    style: { background: colors.paper, color: colors.ink, fontFamily: FONT, fontSize: '12px' },
  };
}

/** The title, and below it what the vertical axis shows. */
export function headings({ title, colors }: Drawing, vertical: string): Markish[] {
  const place = {
    frameAnchor: 'top-left',
    textAnchor: 'start',
    lineAnchor: 'bottom',
    dx: -48,
    fill: colors.ink,
  } as const;
  return [
    text([vertical], { ...place, dy: -9 }),
    ...(title === undefined ? [] : [text([title], { ...place, dy: 6 - TITLE - 9, fontSize: 15 })]),
  ];
}

/** Room to the right for these names. */
export function nameMargin(names: readonly string[]): number {
  const longest = names.reduce((most, name) => Math.max(most, name.length), 0);
  return Math.min(220, 24 + 6.6 * longest);
}

/** A name that fits. */
export function shortName(name: string): string {
  return name.length > 30 ? `${name.slice(0, 29)}…` : name;
}
