/** What a chart is: options for Observable Plot, and the data that it shows. */
import type { PlotOptions } from '@observablehq/plot';
import type { Colors } from './palette.js';

/** How a chart is drawn. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly colors: Colors;
  /** Whether groups are named beside their lines: else a legend does it. */
  readonly named: boolean;
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

/** What all charts have in common. */
export function base({ width, height, colors }: Drawing): PlotOptions {
  return {
    width,
    height,
    marginLeft: 52,
    marginBottom: 42,
    marginTop: 24,
    style: { background: colors.paper, color: colors.ink, fontFamily: FONT, fontSize: '12px' },
  };
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
