/**
 * JPEG images as pixels. The decoder is mozjpeg (libjpeg) compiled to WebAssembly, which gives exactly the pixels that
 * Pillow and torchvision read; decoders with other arithmetic differ in most pixels by a few units.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import decode, { init } from '@jsquash/jpeg/decode.js';

/** A global of Node that its types leave out. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> };

/** An image, row-major [height × width × 4]: red, green, blue and 255. */
interface Pixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** Lines that the decoder has printed about the present image: it prints warnings, and continues if it can. */
let warnings: string[] = [];
let ready: Promise<void> | undefined;

/**
 * Decodes an image.
 * @throws Error with the decoder's message for bytes that are not a JPEG image, or are truncated or damaged
 */
export async function decodeJpeg(bytes: Uint8Array): Promise<Pixels> {
  ready ??= start();
  await ready;
  warnings = [];
  let image: Pixels | undefined;
  try {
    image = await decode(bytes.slice().buffer);
  } catch (error) {
    // The decoder ends like a program: the reason is in what it has printed.
    if (warnings.length === 0) throw error;
  }
  if (warnings.length > 0 || image === undefined) throw new Error(warnings.join('; ') || 'no image');
  return image;
}

/** Loads the WebAssembly module from its package: the decoder would fetch it by URL, as a web page does. */
async function start(): Promise<void> {
  // The decoder returns an object of this class, which browsers have.
  Object.assign(globalThis, { ImageData });
  const file = createRequire(import.meta.url).resolve('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm');
  const listen = (line: string) => void warnings.push(line);
  const load = init as (module: object, settings: object) => Promise<void>;
  await load(await WebAssembly.compile(await readFile(file)), { print: listen, printErr: listen });
}

class ImageData {
  constructor(
    readonly data: Uint8ClampedArray,
    readonly width: number,
    readonly height: number,
  ) {}
}
