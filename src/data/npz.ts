/** NumPy's archives: zip files with an array in the format of NumPy in each member, `NAME.npy`. */
import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import { byCodeUnit, quoted, shortened, UsageError, unknownName } from '../errors.js';
import { type NpyArray, parseNpy } from './npy.js';

/** Most bytes of an array that are read. */
const BYTES_MAX = 2 ** 31 - 1;
/** Most bytes that one byte of an archive can become by deflating. */
const DEFLATE_MAX = 1032;

/** An array of a file, and where a scenario names it. */
interface WantedArray {
  /** The name in the archive, without `.npy`. */
  readonly name: string;
  /** The option with the name, for errors. */
  readonly path: string;
  /** Whether an archive without it is taken. */
  readonly optional?: boolean;
}

/** Reads one array from a `.npy` file. Throws UsageError. */
export async function readNpyFile(path: string): Promise<NpyArray> {
  return parseNpy(await readBytes(path, 'a .npy file'), path, path);
}

/**
 * Reads some arrays of an archive, stored or deflated, each checked by its size and its CRC-32; undefined for an optional one
 * that is not there. Throws UsageError.
 */
export async function readNpzFile(
  path: string,
  wanted: readonly WantedArray[],
): Promise<Array<NpyArray | undefined>> {
  const bytes = await readBytes(path, 'a .npz file');
  try {
    const archive = await yauzl.fromBufferPromise(bytes);
    const entries = new Map<string, yauzl.Entry>();
    for await (const entry of archive.eachEntry()) {
      if (entries.has(entry.fileName)) throw new Error(`two members are called ${quoted(entry.fileName)}`);
      entries.set(entry.fileName, entry);
    }
    const arrays: Array<NpyArray | undefined> = [];
    for (const one of wanted) arrays.push(await arrayOf(archive, entries, one, path));
    return arrays;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { message } = error as Error;
    throw new UsageError(
      'bad-npz',
      `${path}: expected a complete zip file of arrays, got: ${shortened(message)}`,
      path,
    );
  }
}

async function arrayOf(
  archive: yauzl.ZipFile,
  entries: ReadonlyMap<string, yauzl.Entry>,
  { name, path: option, optional = false }: WantedArray,
  path: string,
): Promise<NpyArray | undefined> {
  const entry = entries.get(`${name}.npy`);
  if (!entry) {
    if (optional) return undefined;
    const known = [...entries.keys()].flatMap((member) =>
      member.endsWith('.npy') ? [member.slice(0, -4)] : [],
    );
    throw unknownName(`array of ${path}`, name, known.sort(byCodeUnit).slice(0, 20), option);
  }
  const { uncompressedSize: claimed, compressedSize } = entry;
  if (claimed > BYTES_MAX) throw new Error(`an array of ${claimed} bytes, of at most ${BYTES_MAX}`);
  if (claimed > DEFLATE_MAX * compressedSize) throw new Error(`${claimed} bytes in ${compressedSize}`);
  const unpacked = new Uint8Array(claimed);
  let length = 0;
  // The stream ends with an error where there are more or fewer bytes than the archive says.
  for await (const chunk of (await archive.openReadStreamPromise(entry)) as AsyncIterable<Uint8Array>) {
    unpacked.set(chunk, length);
    length += chunk.length;
  }
  if (crc32(unpacked) !== entry.crc32)
    throw new Error(`other bytes in ${quoted(entry.fileName)} than its CRC-32 says`);
  return parseNpy(unpacked, `${path}, array ${name}`, path);
}

async function readBytes(path: string, what: string): Promise<Buffer> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    const got = error.code === 'ENOENT' ? 'no such file' : error.message;
    throw new UsageError('missing-file', `expected ${what} ${path}, got: ${got}`, path);
  });
}
