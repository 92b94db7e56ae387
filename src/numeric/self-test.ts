/**
 * A small program of every instruction, on fixed numbers. Its result has the same bits wherever the kernels compute as
 * they should; an engine that gives others is not used.
 */
import { bitsOf } from './bits.js';
import { type Machine, NOWHERE } from './machine.js';
import { type Place, type Program, ProgramBuilder } from './program.js';

/** What {@link selfTest} returns where all is well: that of the engine in TypeScript. */
export const EXPECTED = 487888222;

/** Sizes that fill no register, so that every kernel also has a tail. */
const [SAMPLES, SIDE, CHANNELS, FILTERS, CLASSES] = [3, 6, 3, 21, 5];
const LENGTH = 1 << 14;

/** A hash of all that the program computes, and of its checksum. */
export function selfTest(machine: Machine): number {
  return machine.frame((frame) => {
    const data = frame.floats(LENGTH);
    const state = frame.floats(LENGTH);
    const results = frame.floats(LENGTH);
    let number = 1;
    for (let i = 0; i < LENGTH; i++) {
      number = (Math.imul(number, 1103515245) + 12345) | 0;
      data.numbers[i] = (number >> 8) / 2 ** 23;
      // A running mean of squares is not negative.
      state.numbers[i] = (number >>> 8) / 2 ** 24;
    }
    results.numbers.fill(0);
    const rows = frame.read(Uint32Array.from({ length: SAMPLES }, (_, k) => (2 * k) % SAMPLES));
    const order = frame.read(Uint32Array.from({ length: IMAGE }, (_, k) => (k * 7) % IMAGE));
    const labels = frame.read(Int32Array.from({ length: SAMPLES }, (_, k) => (k * 3) % CLASSES));
    const settings = frame.read(Float32Array.of(0.1, 0.9, 0.1, 0.99, 0.01, 1e-8, 0.01, 0.2, 0.3));
    const center = frame.doubles(5);
    center.numbers.set([0.5, -0.25, 1.5], 2);
    new Uint32Array(center.numbers.buffer, center.address, 4).set([
      data.address,
      state.address,
      data.address + 4,
      0,
    ]);
    machine.run(program(), {
      ...NOWHERE,
      data: data.address,
      params: state.address,
      state: state.address,
      results: results.address,
      rows,
      order,
      labels,
      settings,
      center: center.address,
    });
    const checksum = machine.crc32(results.address, results.numbers.byteLength);
    return (hashOf(results.numbers) ^ checksum) >>> 0;
  });
}

const IMAGE = SIDE * SIDE * CHANNELS;

function program(): Program {
  const builder = new ProgramBuilder();
  const data = (offset = 0): Place => ({ base: 'data', offset: 4 * offset });
  const state = (offset = 0): Place => ({ base: 'state', offset: 4 * offset });
  const settings: Place = { base: 'settings', offset: 0 };
  let next = 0;
  /** Where the next result goes. */
  const result = (words: number): Place => {
    const place: Place = { base: 'results', offset: 4 * next };
    next += 2 * Math.ceil(words / 2);
    return place;
  };
  const all = SAMPLES * IMAGE;
  const image = result(all);
  builder.emit(
    'gather',
    [image, data(), { base: 'rows', offset: 0 }, { base: 'order', offset: 0 }],
    [SAMPLES, IMAGE, 0, 1, bitsOf(0.7)],
  );
  // Convolutions.
  const conv = [SAMPLES, SIDE, SIDE, CHANNELS, 3, 1, FILTERS];
  const cells = SAMPLES * 4 * 4;
  const filtered = result(cells * FILTERS);
  builder.emit('conv', [filtered, image, data(100), data(7)], [...conv, 1]);
  builder.emit('conv_kernel_gradient', [result(9 * CHANNELS * FILTERS), image, filtered], conv);
  builder.emit('turn_kernel', [result(9 * CHANNELS * FILTERS), data(50)], [9, CHANNELS, FILTERS]);
  const placed = [SAMPLES, SIDE, SIDE, CHANNELS, 9, 9, 1, -1, 2];
  builder.emit('place_cells', [result(SAMPLES * 81 * CHANNELS), image], placed);
  // Dense layers and what is done to each number.
  const output = result(cells * CLASSES);
  builder.emit('dense', [output, filtered, data(30), data(5)], [cells, FILTERS, CLASSES, 1]);
  builder.emit(
    'dense_kernel_gradient',
    [result(FILTERS * CLASSES), filtered, output],
    [cells, FILTERS, CLASSES],
  );
  builder.emit(
    'dense_input_gradient',
    [result(cells * FILTERS), output, data(30), builder.floats(FILTERS * CLASSES)],
    [cells, FILTERS, CLASSES],
  );
  builder.emit('column_sums', [result(FILTERS), filtered], [cells, FILTERS]);
  for (const name of ['relu', 'elu'] as const) {
    const after = result(all);
    builder.emit(name, [after, image], [all]);
    builder.emit(`${name}_gradient`, [result(all), after, data(20)], [all]);
  }
  builder.emit('add', [result(all), image, data(40)], [all]);
  // Pools and norms.
  const pool = [SAMPLES, SIDE, SIDE, CHANNELS, 2, 2, 0, 0, 3, 3];
  const pooled = SAMPLES * 9 * CHANNELS;
  const picks = result(pooled);
  builder.emit('max_pool', [result(pooled), picks, image], pool);
  builder.emit('max_pool_gradient', [result(all), picks, data(60)], pool);
  builder.emit('average_pool', [result(pooled), image], pool);
  builder.emit('average_pool_gradient', [result(all), data(60)], pool);
  const means = [SAMPLES, SIDE * SIDE, CHANNELS];
  builder.emit('channel_means', [result(SAMPLES * CHANNELS), image], means);
  builder.emit('channel_means_gradient', [result(all), data(70)], means);
  const moments = result(4 * SAMPLES * CHANNELS);
  builder.emit('group_norm', [result(all), moments, image, data(3), data(9)], [...means, 1, bitsOf(1e-5)]);
  builder.emit(
    'group_norm_gradient',
    [
      ...[result(all), result(CHANNELS), result(CHANNELS), moments],
      ...[image, data(3), data(80), builder.doubles(4 * CHANNELS)],
    ],
    [...means, 1],
  );
  const numbers = [bitsOf(0.1), bitsOf(0.75), bitsOf(1)];
  const response = result(cells * FILTERS);
  const norms = result(cells * FILTERS);
  builder.emit(
    'response_norm',
    [response, norms, builder.floats(FILTERS), filtered],
    [cells, FILTERS, 5, ...numbers],
  );
  builder.emit(
    'response_norm_gradient',
    [result(cells * FILTERS), builder.floats(3 * FILTERS), norms, filtered, data(90)],
    [cells, FILTERS, 5, ...numbers.slice(0, 2)],
  );
  // Losses.
  builder.emit('softmax', [result(cells * CLASSES), output], [cells, CLASSES]);
  const classified: Place[] = [output, { base: 'labels', offset: 0 }];
  builder.emit('cross_entropy', [result(SAMPLES * CLASSES), result(2), ...classified], [SAMPLES, CLASSES]);
  builder.emit('score', [result(4), builder.floats(CLASSES), ...classified], [SAMPLES, CLASSES]);
  // Updates of vectors.
  const length = 301;
  builder.emit('sgd', [state(), state(400), data(11), settings], [length, 1, 1]);
  builder.emit('adam', [state(1000), state(1400), state(1800), data(12), settings], [length, 1]);
  builder.emit(
    'amsgrad',
    [state(3400), state(3800), state(4200), state(4600), data(16), settings],
    [length, 1],
  );
  const norm = result(2);
  builder.emit('norm', [norm, data(13)], [length]);
  builder.emit('clip', [state(), norm, settings], [length]);
  builder.emit('pull', [state(), state(1000), data(14), settings], [length]);
  builder.emit('aggregate', [result(length), data(15), data(17)], [length]);
  const scores: Place[] = [state(2300), data(18), data(19), data(21), builder.doubles(7)];
  builder.emit('straight_through', [result(7 * 43), ...scores, { base: 'center', offset: 16 }], [7 * 43, 7]);
  builder.emit('mask', [state(700), { base: 'order', offset: 0 }], [4 * IMAGE]);
  const kept: Place = { base: 'order', offset: 0 };
  builder.emit('threshold', [result(4 * IMAGE), data(22), data(23), kept], [4 * IMAGE]);
  const rate: Place = { base: 'center', offset: 24 };
  builder.emit('sigmoid_through', [state(2900), data(24), data(25), kept, rate], [4 * IMAGE]);
  builder.emit('add', [result(4 * IMAGE), state(2900), data(26)], [4 * IMAGE]);
  builder.emit(
    'mix',
    [result(length), { base: 'center', offset: 0 }, { base: 'center', offset: 16 }],
    [3, length],
  );
  for (const at of [0, 400, 700, 1000, 1400, 1800, 2300, 3400, 3800, 4200, 4600])
    builder.emit('add', [result(length), state(at), data()], [length]);
  builder.emit('finite', [result(2), state()], [length]);
  return builder.finish();
}

/** FNV-1a over the words. */
function hashOf(numbers: Float32Array): number {
  const words = new Int32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  let hash = 0x811c9dc5;
  for (const word of words) hash = Math.imul(hash ^ word, 0x01000193);
  return hash >>> 0;
}
