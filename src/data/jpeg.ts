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
let compiled: Promise<object> | undefined;

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
    // The decoder ends like a program: the reason is in what it has printed, and the next image needs another one.
    ready = undefined;
    if (warnings.length === 0) throw error;
  }
  if (warnings.length > 0 || image === undefined) throw new Error(warnings.join('; ') || 'no image');
  return image;
}

/**
 * Width and height as the image says before it is decoded; undefined where it does not. A small file may claim gigabytes
 * of pixels, for which the decoder takes the memory.
 */
export function sizeOfJpeg(bytes: Uint8Array): Pick<Pixels, 'width' | 'height'> | undefined {
  const word = (at: number) => bytes[at]! * 256 + bytes[at + 1]!;
  for (let at = 2; at + 8 < bytes.length; ) {
    const marker = bytes[at + 1]!;
    // The decoder skips what is no marker, too.
    if (bytes[at] !== 0xff || marker === 0xff || marker === 0) at++;
    else if (isFrame(marker)) return { height: word(at + 5), width: word(at + 7) };
    else at += isBare(marker) ? 2 : 2 + word(at + 2);
  }
  return undefined;
}

/** SOF0 … SOF15: the numbers between them have other meanings. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** Markers without a length. */
const isBare = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9);

/** Loads the WebAssembly module from its package: the decoder would fetch it by URL, as a web page does. */
async function start(): Promise<void> {
  // The decoder returns an object of this class, which browsers have.
  Object.assign(globalThis, { ImageData });
  compiled ??= compile();
  const listen = (line: string) => void warnings.push(line);
  const load = init as (module: object, settings: object) => Promise<void>;
  await load(await compiled, { print: listen, printErr: listen });
}

async function compile(): Promise<object> {
  const file = createRequire(import.meta.url).resolve('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm');
  return WebAssembly.compile(await readFile(file));
}

class ImageData {
  constructor(
    readonly data: Uint8ClampedArray,
    readonly width: number,
    readonly height: number,
  ) {}
}
