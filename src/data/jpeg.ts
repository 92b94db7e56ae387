/**
 * JPEG images as pixels. The decoder is mozjpeg (libjpeg) compiled to WebAssembly, which gives the very pixels that Pillow
 * and torchvision read; decoders of their own arithmetic differ in most of them by a few units.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import decode, { init } from '@jsquash/jpeg/decode.js';

/** Of the environment; Node's types leave it out. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> };

/** An image, row-major [height × width × 4]: red, green, blue and 255. */
interface Pixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** What the decoder says of the present image: it prints warnings and goes on where it can. */
let complaints: string[] = [];
let ready: Promise<void> | undefined;

/**
 * Decodes a whole image.
 * @throws Error with the decoder's words for bytes that are no JPEG, cut short or damaged
 */
export async function decodeJpeg(bytes: Uint8Array): Promise<Pixels> {
  ready ??= start();
  await ready;
  complaints = [];
  let image: Pixels | undefined;
  try {
    image = await decode(bytes.slice().buffer);
  } catch (error) {
    // The decoder ends like a program: what was wrong stands in what it printed.
    if (complaints.length === 0) throw error;
  }
  if (complaints.length > 0 || image === undefined) throw new Error(complaints.join('; ') || 'no image');
  return image;
}

/** Loads the WebAssembly module from its package; by itself it would fetch it by URL, as a page does. */
async function start(): Promise<void> {
  // The decoder answers with an object of this class of browsers.
  Object.assign(globalThis, { ImageData });
  const file = createRequire(import.meta.url).resolve('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm');
  const listen = (line: string) => void complaints.push(line);
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
