/** A matrix as a canvas: a cell for each pair, whose colour is its value. */
import { inkOf, sequential } from '../network/colours.js';
import { placeOf, type Size, Surface } from '../network/surface.js';
import { element } from '../parts/element.js';
import type { Theme } from '../views/view.js';

/** The cells of a matrix. */
interface Cells {
  readonly rows: number;
  readonly columns: number;
  /** Row-major [rows × columns], as shares of the colour scale: 0 to 1, NaN where there is nothing. */
  readonly shares: Float64Array;
  /** What stands beside a row and above a column. */
  readonly rowName: (row: number) => string;
  readonly columnName: (column: number) => string;
  /** Rows and columns that are drawn attention to. */
  readonly marked: { readonly rows: readonly number[]; readonly columns: readonly number[] };
}

interface MatrixOptions {
  readonly id: string;
  readonly label: string;
  readonly rowTitle: string;
  readonly columnTitle: string;
  readonly cells: () => Cells;
  readonly theme: () => Theme;
  /** What is said of a cell. */
  readonly describe: (row: number, column: number) => string;
  readonly choose: (row: number, column: number) => void;
  /** Whether cells may be oblong; else they are squares. */
  readonly oblong?: boolean;
}

/** Pixels to the left of the cells and above them. */
const LEFT = 64;
const TOP = 40;
const SIDE_MAX = 640;
const CELL_MAX = 28;

/** A matrix on the page. */
export class Matrix {
  readonly root: HTMLElement;
  readonly #options: MatrixOptions;
  readonly #surface: Surface;
  readonly #image = document.createElement('canvas');
  readonly #tip = element('div', { class: 'tip', hidden: '' });

  constructor(options: MatrixOptions) {
    this.#options = options;
    this.#surface = new Surface({
      label: options.label,
      height: (width) => this.#extent(width).height + TOP + 6,
      paint: (context, size) => this.#paint(context, size),
    });
    const { canvas } = this.#surface;
    canvas.id = options.id;
    canvas.addEventListener('pointermove', (event) => this.#point(event));
    canvas.addEventListener('pointerleave', () => {
      this.#tip.hidden = true;
    });
    canvas.addEventListener('click', (event) => {
      const cell = this.#cellAt(event);
      if (cell) options.choose(...cell);
    });
    this.root = element('div', { class: 'canvas-stage plain' }, canvas, this.#tip);
  }

  redraw(): void {
    this.#surface.redraw();
  }

  /** The size of the cells together. */
  #extent(width: number): Size {
    const { rows, columns } = this.#options.cells();
    const room = Math.max(40, width - LEFT - 8);
    if (this.#options.oblong)
      return { width: Math.min(room, columns * CELL_MAX * 2), height: Math.min(SIDE_MAX, rows * CELL_MAX) };
    const side = Math.min(CELL_MAX, Math.min(room, SIDE_MAX) / Math.max(rows, columns));
    return { width: columns * side, height: rows * side };
  }

  #paint(context: CanvasRenderingContext2D, size: Size): void {
    const cells = this.#options.cells();
    const extent = this.#extent(size.width);
    this.#render(cells);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.#image, LEFT, TOP, extent.width, extent.height);
    this.#names(context, cells, extent);
  }

  /** A pixel for each cell. */
  #render({ rows, columns, shares }: Cells): void {
    Object.assign(this.#image, { width: columns, height: rows });
    const context = this.#image.getContext('2d')!;
    const pixels = context.createImageData(columns, rows);
    const theme = this.#options.theme();
    for (const [cell, share] of shares.entries())
      if (!Number.isNaN(share)) pixels.data.set([...sequential(share, theme), 255], 4 * cell);
    context.putImageData(pixels, 0, 0);
  }

  #names(context: CanvasRenderingContext2D, cells: Cells, extent: Size): void {
    const { rowTitle, columnTitle, theme } = this.#options;
    const ink = inkOf(theme());
    const [cellWidth, cellHeight] = [extent.width / cells.columns, extent.height / cells.rows];
    context.strokeStyle = ink.line;
    context.strokeRect(LEFT - 0.5, TOP - 0.5, extent.width + 1, extent.height + 1);
    context.font = '12px system-ui, sans-serif';
    context.fillStyle = ink.faint;
    context.textBaseline = 'middle';
    context.textAlign = 'left';
    context.fillText(`${columnTitle} →`, LEFT, 10);
    context.textAlign = 'right';
    context.fillText(`${rowTitle} ↓`, LEFT - 6, TOP - 10);
    const rowStep = Math.ceil(14 / cellHeight);
    for (let row = 0; row < cells.rows; row += rowStep)
      context.fillText(cells.rowName(row), LEFT - 6, TOP + (row + 0.5) * cellHeight);
    context.textAlign = 'center';
    const columnStep = Math.ceil(30 / cellWidth);
    for (let column = 0; column < cells.columns; column += columnStep)
      context.fillText(cells.columnName(column), LEFT + (column + 0.5) * cellWidth, TOP - 10);
    context.strokeStyle = ink.ink;
    context.lineWidth = 2;
    for (const row of cells.marked.rows)
      context.strokeRect(LEFT, TOP + row * cellHeight, extent.width, cellHeight);
    for (const column of cells.marked.columns)
      context.strokeRect(LEFT + column * cellWidth, TOP, cellWidth, extent.height);
  }

  #cellAt(event: MouseEvent): [row: number, column: number] | undefined {
    const { rows, columns } = this.#options.cells();
    const extent = this.#extent(this.#surface.size.width);
    const [x, y] = placeOf(event);
    const row = Math.floor(((y - TOP) / extent.height) * rows);
    const column = Math.floor(((x - LEFT) / extent.width) * columns);
    return row >= 0 && row < rows && column >= 0 && column < columns ? [row, column] : undefined;
  }

  #point(event: PointerEvent): void {
    const cell = this.#cellAt(event);
    this.#tip.hidden = cell === undefined;
    if (!cell) return;
    this.#tip.textContent = this.#options.describe(...cell);
    const isRight = event.offsetX > this.#surface.size.width * 0.6;
    this.#tip.style.left = isRight ? 'auto' : `${event.offsetX + 14}px`;
    this.#tip.style.right = isRight ? `${this.#surface.size.width - event.offsetX + 14}px` : 'auto';
    this.#tip.style.top = `${event.offsetY + 14}px`;
  }
}
