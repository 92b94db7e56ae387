// How fast codecs are: `npm run bench:codecs [-- --runs 15]`. MB of float32 that are encoded, or decoded, in a second; the median of the runs.
// Compare only figures of one call.
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Random } from '../dist/src/random.js';
import { wholeNumber } from './bench/support/options.mjs';
import { figure, median, table } from './bench/support/table.mjs';
import { chosen, codecOf, model, normalNumbers, titleOf } from './codecs/subjects.mjs';

const { values: options } = parseArgs({ options: { runs: { type: 'string', default: '15' } } });
const runs = wholeNumber(options, 'runs');
const vectors = [0, 1].map((k) => normalNumbers(`bench ${k}`));
const megabytes = (4 * model.length) / 1e6;

function seconds(work) {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

function measure(choice) {
  const codec = codecOf(choice);
  const random = new Random('bench');
  const memory = { value: undefined, to: [1] };
  const received = { value: undefined };
  const times = { encode: [], decode: [] };
  // The first runs are not counted: they are slower, and the first message of a chain is whole.
  for (let run = -3; run < runs; run++) {
    let encoded;
    const encode = seconds(() => {
      encoded = codec.encode({ values: vectors[Math.abs(run) % 2] }, random, memory);
    });
    const decode = seconds(() => codec.decode(encoded.bytes, encoded.indexBytes, received));
    if (run < 0) continue;
    times.encode.push(encode);
    times.decode.push(decode);
  }
  return ['encode', 'decode'].map((way) => figure(megabytes / median(times[way])));
}

console.log(
  `Node ${process.version}, ${cpus()[0].model.trim()}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}; ${runs} runs, ` +
    `${model.length.toLocaleString('en')} coordinates\n`,
);
const rows = chosen.map((choice) => [titleOf(choice), ...measure(choice)]);
console.log(table(['codec', 'encode MB/s', 'decode MB/s'], rows));
