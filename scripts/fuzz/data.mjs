// Data files that are damaged, and files that claim more than they hold, or hold more than they claim. They load as what is written in them,
// or are refused with the file's name; memory stays bounded.
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { UsageError } from '../../dist/src/errors.js';
import { Streams } from '../../dist/src/random.js';
import { toScenario } from '../../dist/src/scenario/load.js';
import { planScenario } from '../../dist/src/scenario/plan.js';
import { loadDataset } from '../../dist/src/simulation/constants.js';
import { damaged } from './support/damage.mjs';
import { writeDirectories } from './support/data-directories.mjs';
import { expect } from './support/inputs.mjs';

/** Zeros in one member of a gzip file, which is a thousandth of it; and how many members a bomb has: it holds up to 4 GB. */
const ZEROS = 1e8;
const MEMBERS = [1, 1, 1, 40];

export default {
  name: 'data',
  runs: 8_000,
  short: 20,
  limits: { seconds: 20, megabytes: 1500 },
  async open({ folder }) {
    const whole = join(folder, 'whole');
    await writeDirectories(whole);
    const formats = readdirSync(whole);
    const input = join(folder, 'input');
    const expected = {};
    for (const format of formats) expected[format] = sumOf(await load(format, join(whole, format)));
    const zeros = gzipSync(Buffer.alloc(ZEROS));
    const bombOf = (members, header) => Buffer.concat([gzipSync(header), ...Array(members).fill(zeros)]);
    return {
      async try(draw, { keep }) {
        const format = draw.pick(formats);
        rmSync(input, { recursive: true, force: true });
        cpSync(join(whole, format), input, { recursive: true });
        const [file, change] = changeFile(draw, input, bombOf);
        keep('change.txt', `${format}: ${change} ${file}\n`);
        let dataset;
        try {
          dataset = await load(format, input);
        } catch (error) {
          expect(
            error instanceof UsageError,
            () => `${format}: expected a UsageError, got ${error?.stack ?? error}`,
          );
          expect(
            error.path.startsWith('data'),
            `${format}: expected a place in the scenario, got ${error.path}`,
          );
          expect(
            error.message.includes(input),
            `${format}: expected a message with the file, got: ${error.message}`,
          );
          expect(
            error.message.length < 2000,
            `${format}: expected a short message, got ${error.message.length} characters`,
          );
          // What was refused leaves nothing behind.
          if (draw.chance(0.05))
            expect(
              sumOf(await load(format, join(whole, format))) === expected[format],
              `${format}: whole files load as before`,
            );
          return 'refused';
        }
        const { features, labels, train, test, shape, attributes = 1 } = dataset;
        const sample = shape.reduce((product, length) => product * length, 1);
        expect(labels.length === (train + test) * attributes, `${format}: expected labels of all samples`);
        expect(features.length === (train + test) * sample, `${format}: expected features of all samples`);
        return 'accepted';
      },
    };
  },
};

async function load(format, directory) {
  const use = format.replace(/-.*/, '');
  const scenario = await toScenario({
    title: 'data',
    seed: 1,
    nodes: 2,
    data: { use, split: 'iid', ...optionsOf(use, directory) },
    model: 'softmax',
    topology: 'ring',
    network: { latency: { use: 'constant', value: '10ms' }, uplink: '10Mbps', downlink: '10Mbps' },
    algorithm: 'd-psgd',
    stop: { after: '1 round' },
  });
  return loadDataset(planScenario(scenario)[0], new Streams(1));
}

/** What a scenario says of a data source whose files are in a directory. */
function optionsOf(use, directory) {
  const file = (name) => join(directory, name);
  if (use === 'csv') return { file: file('data.csv'), target: 'y', categorical: ['kind'] };
  if (use === 'npz') return { file: file('data.npz') };
  if (use === 'npy') return { features: file('x.npy'), labels: file('y.npy') };
  return { directory, ...(use === 'celeba' && { attributes: ['Male', 'Smiling'], size: 8 }) };
}

function sumOf({ features, labels, train, test, classes }) {
  let sum = classes + 31 * train + 97 * test;
  for (const array of [features, labels]) for (const value of array) sum = (Math.imul(sum, 31) + value) | 0;
  return sum;
}

/** Changes one file of a folder, or the folder; returns the file's name and what was done. */
function changeFile(draw, folder, bombOf) {
  const files = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();
  const file = draw.pick(files);
  const path = join(folder, file);
  const bytes = readFileSync(path);
  const kind = draw.integer(20);
  if (kind === 0) return [file, replaced(path, (to) => mkdirSync(to), 'a folder in place of')];
  if (kind === 1) return [file, replaced(path, (to) => symlinkSync(to, to), 'a link to itself in place of')];
  if (kind === 2) return [file, replaced(path, () => {}, 'removed')];
  if (kind === 3)
    return [file, written(path, readFileSync(join(folder, draw.pick(files))), 'another file in place of')];
  if (kind === 4) return [file, written(path, gzipSync(damaged(bytes, draw)), 'gzip of a damaged')];
  if (kind === 5) return [file, written(path, damaged(gzipSync(bytes), draw), 'damaged gzip of')];
  if (kind === 6)
    return [file, written(path, Buffer.concat([gzipSync(bytes), gzipSync(bytes)]), 'two gzip members of')];
  if (kind === 7 && draw.chance(0.2)) {
    const members = draw.pick(MEMBERS);
    // What it claims is little, or a gigabyte at most.
    const header = claim(bytes, draw, draw.chance(0.3) ? ZEROS : bytes.length, true);
    return [file, written(path, bombOf(members, header), 'a bomb in place of')];
  }
  if (kind === 8)
    return [file, written(path, claim(bytes, draw, 2 ** draw.integer(33)), 'another size in the header of')];
  if (kind === 9 && isText(file))
    return [file, written(path, textWith(bytes.toString(), draw), 'changed words in')];
  if (kind === 10 && file.endsWith('.jpg'))
    return [file, written(path, otherSize(bytes, draw), 'another size of')];
  return [file, written(path, damaged(bytes, draw), 'damaged')];
}

function replaced(path, put, what) {
  rmSync(path);
  put(path);
  return what;
}

function written(path, content, what) {
  writeFileSync(path, content);
  return what;
}

/** An IDX header that claims the length, or something near it; of other files the first bytes. */
function claim(bytes, draw, length, isExact = false) {
  const header = Buffer.from(bytes.subarray(0, 16));
  if (header.length < 16 || header[0] !== 0 || header[2] !== 8) return header;
  const [first, ...rest] = header[3] === 3 ? [Math.floor(length / 16), 4, 4] : [length];
  const sizes = [isExact || draw.chance(0.5) ? first : draw.integer(2 ** 32), ...rest];
  if (!isExact && draw.chance(0.2)) sizes[draw.integer(sizes.length)] = 0xffffffff;
  for (const [k, size] of sizes.entries()) header.writeUInt32BE(Math.min(size, 0xffffffff), 4 + 4 * k);
  return header.subarray(0, 4 + 4 * sizes.length);
}

const isText = (file) => /\.(txt|csv|json)$/.test(file);

function textWith(text, draw) {
  const words = text.split(/(\s+)/);
  for (let count = draw.between(1, 3); count > 0; count--)
    words[draw.integer(words.length)] = draw.pick([
      '',
      '0',
      '-1',
      '2',
      '1e9',
      '99999999999',
      '\n',
      '../../x.jpg',
      'x.jpg',
      'Male',
      '\0',
      '\ufeff',
      'é',
      '"',
      ',,',
      '{"users": [',
    ]);
  return words.join('');
}

/** A JPEG image whose frame header has other sizes. */
function otherSize(bytes, draw) {
  const copy = Buffer.from(bytes);
  const at = copy.findIndex((byte, k) => byte === 0xff && [0xc0, 0xc1, 0xc2].includes(copy[k + 1]));
  if (at < 0) return copy;
  copy.writeUInt16BE(draw.pick([0, 1, 217, 219, 5000, 20_000, 65_535]), at + 5);
  if (draw.chance(0.7)) copy.writeUInt16BE(draw.pick([0, 1, 177, 179, 5000, 20_000, 65_535]), at + 7);
  return copy;
}
