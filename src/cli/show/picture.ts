/** A picture of a split in a terminal: nodes down, classes across, the darker the more rows. */

/** Shades from no row to the most rows that a node has of a class. */
const SHADES = [' ', '░', '▒', '▓', '█'];

/** Most nodes that are drawn; of more, evenly chosen ones are. */
const NODES_MAX = 24;

/** Width of what stands beside the classes. */
const MARGIN = 18;

/** Width of a terminal. */
const WIDTH = 80;

/**
 * The lines of the picture, at most 80 columns wide.
 * @param perClass rows of each node in each class
 */
export function splitPicture(perClass: ReadonlyArray<readonly number[]>): string[] {
  const classes = perClass[0]!.length;
  const perColumn = Math.ceil(classes / (WIDTH - MARGIN));
  const columns = Math.ceil(classes / perColumn);
  const cell = perColumn === 1 && 3 * columns <= WIDTH - MARGIN ? 3 : 1;
  const nodes = chosen(perClass.length);
  const joined = nodes.map((node) => inColumns(perClass[node]!, perColumn));
  const most = joined.flat().reduce((greatest, rows) => Math.max(greatest, rows), 1);
  const numbers = Array.from({ length: columns }, (_, k) => (cell === 3 ? `${k}`.padStart(2).padEnd(3) : ''));
  const title =
    cell === 3
      ? numbers.join('')
      : `classes 0 to ${classes - 1}${perColumn > 1 ? `, ${perColumn} a column` : ''}`;
  const line = (left: string, middle: string, right: string) =>
    `${left.padStart(7)}  ${middle}  ${right}`.trimEnd();
  return [
    line('node', title.padEnd(cell * columns), 'rows'),
    ...joined.map((rows, k) => {
      const middle = rows
        .map((count) =>
          shade(count, most)
            .repeat(Math.max(1, cell - 1))
            .padEnd(cell),
        )
        .join('');
      const total = perClass[nodes[k]!]!.reduce((sum, count) => sum + count, 0);
      return line(String(nodes[k]), middle, String(total).padStart(6));
    }),
    ...(nodes.length < perClass.length ? [`  (${nodes.length} of ${perClass.length} nodes)`] : []),
  ];
}

/** Every row that there is can be seen: the lightest shade is for more than none. */
function shade(count: number, most: number): string {
  return SHADES[Math.ceil((count / most) * (SHADES.length - 1))]!;
}

/** Nodes to draw, ascending: the first, the last, and evenly those between. */
function chosen(nodes: number): number[] {
  const drawn = Math.min(nodes, NODES_MAX);
  return Array.from({ length: drawn }, (_, k) =>
    drawn === 1 ? 0 : Math.round((k * (nodes - 1)) / (drawn - 1)),
  );
}

function inColumns(counts: readonly number[], perColumn: number): number[] {
  return Array.from({ length: Math.ceil(counts.length / perColumn) }, (_, column) =>
    counts.slice(column * perColumn, (column + 1) * perColumn).reduce((sum, count) => sum + count, 0),
  );
}
