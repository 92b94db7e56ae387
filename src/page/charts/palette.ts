/** The colours of groups, and of what stands behind them. */

/** Light or dark. */
export type Theme = 'light' | 'dark';

/** What a chart is drawn with. */
export interface Colors {
  readonly ink: string;
  readonly faint: string;
  readonly paper: string;
  /** For groups, and for the parts of bars, one after another. */
  readonly groups: readonly string[];
}

/**
 * After M. Okabe and K. Ito, “Color Universal Design” (2008), with its yellow, sky and black replaced so that each colour has a contrast
 * of at least 3 to the paper. Any two stay as far apart as theirs for eyes without one kind of cone.
 */
export const COLORS: Readonly<Record<Theme, Colors>> = {
  light: {
    ink: '#1a1a1a',
    faint: '#595959',
    paper: '#ffffff',
    groups: ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#1a1a1a', '#6a3d00', '#5b1a8b'],
  },
  dark: {
    ink: '#ececea',
    faint: '#a8a8a4',
    paper: '#16181a',
    groups: ['#56b4e9', '#e69f00', '#009e73', '#cc79a7', '#f4f4f2', '#d55e00', '#6f6fe0'],
  },
};

/** Lengths of dashes and gaps, for groups beyond the colours. */
const DASHES = ['', '7 3', '2 3', '9 3 2 3', '12 4 4 4'] as const;

/** How a group is drawn. */
interface GroupStyle {
  readonly color: string;
  /** As in `stroke-dasharray`; none for a solid line. */
  readonly dash: string;
}

/** A style for each group, by its name: groups keep theirs when others are hidden. */
export function groupStyles(groups: readonly string[], { groups: colors }: Colors): Map<string, GroupStyle> {
  const style = (k: number): GroupStyle => ({
    color: colors[k % colors.length]!,
    dash: DASHES[Math.floor(k / colors.length) % DASHES.length]!,
  });
  return new Map(groups.map((group, k) => [group, style(k)]));
}
