/** Canvases that are as wide as the page, sharp on every screen, and painted only while somebody sees them. */

/** The size of a canvas in CSS pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

interface SurfaceOptions {
  /** What it shows, for readers who do not see it. */
  readonly label: string;
  /** Its height, by its width. */
  readonly height: (width: number) => number;
  readonly paint: (context: CanvasRenderingContext2D, size: Size) => void;
}

/** A canvas, and what paints it. */
export class Surface {
  readonly canvas = document.createElement('canvas');
  readonly #context = this.canvas.getContext('2d')!;
  readonly #options: SurfaceOptions;
  #size: Size = { width: 0, height: 0 };
  #isSeen = false;
  #frame: number | undefined;

  constructor(options: SurfaceOptions) {
    this.#options = options;
    this.canvas.setAttribute('role', 'img');
    this.canvas.setAttribute('aria-label', options.label);
    this.canvas.style.cssText = 'display: block; width: 100%; height: auto';
    new ResizeObserver(() => this.redraw()).observe(this.canvas);
    new IntersectionObserver((entries) => {
      this.#isSeen = entries.at(-1)!.isIntersecting;
      if (this.#isSeen) this.redraw();
    }).observe(this.canvas);
    window.addEventListener('beforeprint', () => this.#paint());
  }

  get size(): Size {
    return this.#size;
  }

  /** Paints it before the next frame, if it is seen. */
  redraw(): void {
    if (!this.#isSeen || this.#frame !== undefined) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#paint();
    });
  }

  #paint(): void {
    if (!this.canvas.isConnected) return;
    this.#fit();
    const { width, height } = this.#size;
    if (width === 0) return;
    this.#context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    this.#context.clearRect(0, 0, width, height);
    this.#options.paint(this.#context, this.#size);
  }

  #fit(): void {
    const width = this.canvas.clientWidth;
    const height = Math.round(this.#options.height(width));
    this.#size = { width, height };
    const pixels = {
      width: Math.round(width * devicePixelRatio),
      height: Math.round(height * devicePixelRatio),
    };
    if (this.canvas.width === pixels.width && this.canvas.height === pixels.height) return;
    Object.assign(this.canvas, pixels);
    this.canvas.dataset.painted = '';
  }
}

/** The place of a pointer on a canvas, in CSS pixels. */
export function placeOf(event: MouseEvent): readonly [x: number, y: number] {
  const { left, top } = (event.currentTarget as HTMLElement).getBoundingClientRect();
  return [event.clientX - left, event.clientY - top];
}
