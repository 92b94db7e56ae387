/** All engines give the same bits, instruction by instruction, over random shapes and numbers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bitsOf } from './bits.js';
import { type Engine, nativeEngine, referenceEngine, wasmEngine } from './engine.js';
import { INSTRUCTION_NAMES, INSTRUCTIONS, type InstructionName } from './instructions.js';
import { Memory, type SharedMemory } from './webassembly.js';

/** What an instruction is given at one place. */
type Content =
  | { readonly kind: 'floats' | 'positive' | 'doubles' | 'bytes'; readonly length: number }
  | { readonly kind: 'below'; readonly length: number; readonly limit: number }
  | { readonly kind: 'room' | 'scratch'; readonly length: number };

interface Case {
  readonly places: readonly Content[];
  readonly numbers: readonly number[];
}

const floats = (length: number): Content => ({ kind: 'floats', length });
const positive = (length: number): Content => ({ kind: 'positive', length });
const doubles = (length: number): Content => ({ kind: 'doubles', length });
const room = (length: number): Content => ({ kind: 'room', length });
/** Room for what lies between: what is left there is no result. */
const scratch = (length: number): Content => ({ kind: 'scratch', length });
const below = (length: number, limit: number): Content => ({ kind: 'below', length, limit });

const size = (max: number) => fc.integer({ min: 1, max });
const flag = fc.integer({ min: 0, max: 1 });
const fraction = fc.double({ min: 0.001, max: 2, noNaN: true });

const ofLength = (make: (length: number) => Content[]) =>
  size(70).map((length): Case => ({ places: make(length), numbers: [length] }));

const denseShape = fc.tuple(size(40), size(40), size(40));
const windows = fc
  .record({
    batch: size(3),
    height: size(9),
    width: size(9),
    channels: size(20),
    size: size(3),
    stride: size(3),
  })
  .map((w) => ({ ...w, height: w.height + w.size - 1, width: w.width + w.size - 1 }));
const convShape = fc
  .record({ window: windows, filters: size(20), biased: flag })
  .map(({ window: { batch, height, width, channels, size, stride }, filters, biased }) => {
    const out = (length: number) => Math.floor((length - size) / stride) + 1;
    return {
      numbers: [batch, height, width, channels, size, stride, filters],
      biased,
      filters,
      image: batch * height * width * channels,
      kernel: size * size * channels * filters,
      output: batch * out(height) * out(width) * filters,
    };
  });
const poolShape = windows.chain(({ batch, height, width, channels, size, stride }) =>
  fc
    .record({ top: fc.integer({ min: 0, max: size - 1 }), left: fc.integer({ min: 0, max: size - 1 }) })
    .map((at) => {
      const outHeight = Math.ceil((height + at.top - size + 1) / stride) || 1;
      const outWidth = Math.ceil((width + at.left - size + 1) / stride) || 1;
      return {
        numbers: [batch, height, width, channels, size, stride, at.top, at.left, outHeight, outWidth],
        image: batch * height * width * channels,
        output: batch * outHeight * outWidth * channels,
        cells: size * size,
      };
    }),
);
const validPoolShape = windows.map(({ batch, height, width, channels, size, stride }) => {
  const out = (length: number) => Math.floor((length - size) / stride) + 1;
  return {
    numbers: [batch, height, width, channels, size, stride, 0, 0, out(height), out(width)],
    image: batch * height * width * channels,
    output: batch * out(height) * out(width) * channels,
  };
});
const groupShape = fc.tuple(size(3), size(12), size(4), size(6));
const responseShape = fc.tuple(size(6), size(24), size(6), fraction, fraction, fraction);

/** What each instruction may be given. */
const CASES: Record<InstructionName, fc.Arbitrary<Case>> = {
  gather: fc.tuple(size(5), size(40), flag, flag, fraction).map(([batch, length, bytes, ordered, scale]) => ({
    places: [
      room(4 * batch * length),
      bytes ? { kind: 'bytes', length: 7 * length } : floats(7 * length),
      below(batch, 7),
      below(length, length),
    ],
    numbers: [batch, length, bytes, ordered, bitsOf(scale)],
  })),
  dense: fc.tuple(denseShape, flag).map(([[rows, inputs, outputs], biased]) => ({
    places: [room(4 * rows * outputs), floats(rows * inputs), floats(inputs * outputs), floats(outputs)],
    numbers: [rows, inputs, outputs, biased],
  })),
  dense_kernel_gradient: denseShape.map(([rows, inputs, outputs]) => ({
    places: [room(4 * inputs * outputs), floats(rows * inputs), floats(rows * outputs)],
    numbers: [rows, inputs, outputs],
  })),
  dense_input_gradient: denseShape.map(([rows, inputs, outputs]) => ({
    places: [
      room(4 * rows * inputs),
      floats(rows * outputs),
      floats(inputs * outputs),
      scratch(4 * inputs * outputs),
    ],
    numbers: [rows, inputs, outputs],
  })),
  column_sums: fc.tuple(size(40), size(40)).map(([rows, columns]) => ({
    places: [room(4 * columns), floats(rows * columns)],
    numbers: [rows, columns],
  })),
  conv: convShape.map(({ numbers, biased, image, kernel, output, filters }) => ({
    places: [room(4 * output), floats(image), floats(kernel), floats(filters)],
    numbers: [...numbers, biased],
  })),
  conv_kernel_gradient: convShape.map(({ numbers, image, kernel, output }) => ({
    places: [room(4 * kernel), floats(image), floats(output)],
    numbers,
  })),
  turn_kernel: fc.tuple(size(9), size(20), size(20)).map(([cells, channels, filters]) => ({
    places: [room(4 * cells * channels * filters), floats(cells * channels * filters)],
    numbers: [cells, channels, filters],
  })),
  place_cells: fc
    .tuple(
      fc.tuple(size(3), size(6), size(6), size(5)),
      fc.tuple(size(9), size(9)),
      fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: -4, max: 4 }), size(3)),
    )
    .map(([[batch, height, width, channels], [outHeight, outWidth], at]) => ({
      places: [room(4 * batch * outHeight * outWidth * channels), floats(batch * height * width * channels)],
      numbers: [batch, height, width, channels, outHeight, outWidth, ...at],
    })),
  relu: ofLength((length) => [room(4 * length), floats(length)]),
  relu_gradient: ofLength((length) => [room(4 * length), floats(length), floats(length)]),
  elu: ofLength((length) => [room(4 * length), floats(length)]),
  elu_gradient: ofLength((length) => [room(4 * length), floats(length), floats(length)]),
  add: ofLength((length) => [room(4 * length), floats(length), floats(length)]),
  max_pool: poolShape.map(({ numbers, image, output }) => ({
    places: [room(4 * output), room(4 * output), floats(image)],
    numbers,
  })),
  max_pool_gradient: validPoolShape.map(({ numbers, image, output }) => ({
    places: [room(4 * image), below(output, numbers[4]! * numbers[4]!), floats(output)],
    numbers,
  })),
  average_pool: validPoolShape.map(({ numbers, image, output }) => ({
    places: [room(4 * output), floats(image)],
    numbers,
  })),
  average_pool_gradient: validPoolShape.map(({ numbers, image, output }) => ({
    places: [room(4 * image), floats(output)],
    numbers,
  })),
  channel_means: groupShape.map(([samples, places, groups, width]) => ({
    places: [room(4 * samples * groups * width), floats(samples * places * groups * width)],
    numbers: [samples, places, groups * width],
  })),
  channel_means_gradient: groupShape.map(([samples, places, groups, width]) => ({
    places: [room(4 * samples * places * groups * width), floats(samples * groups * width)],
    numbers: [samples, places, groups * width],
  })),
  group_norm: groupShape.map(([samples, places, groups, width]) => {
    const channels = groups * width;
    const all = samples * places * channels;
    return {
      places: [room(4 * all), room(16 * samples * channels), floats(all), floats(channels), floats(channels)],
      numbers: [samples, places, channels, groups, bitsOf(1e-5)],
    };
  }),
  group_norm_gradient: groupShape.map(([samples, places, groups, width]) => {
    const channels = groups * width;
    const all = samples * places * channels;
    return {
      places: [
        ...[room(4 * all), room(4 * channels), room(4 * channels)],
        doubles(2 * samples * channels),
        ...[floats(all), floats(channels), floats(all)],
        scratch(32 * channels),
      ],
      numbers: [samples, places, channels, groups],
    };
  }),
  response_norm: responseShape.map(([cells, channels, size, ...settings]) => ({
    places: [
      room(4 * cells * channels),
      room(4 * cells * channels),
      scratch(4 * channels),
      floats(cells * channels),
    ],
    numbers: [cells, channels, size, ...settings.map(bitsOf)],
  })),
  response_norm_gradient: responseShape.map(([cells, channels, size, scale, beta]) => ({
    places: [
      room(4 * cells * channels),
      scratch(12 * channels),
      positive(cells * channels),
      floats(cells * channels),
      floats(cells * channels),
    ],
    numbers: [cells, channels, size, bitsOf(scale), bitsOf(beta)],
  })),
  softmax: fc.tuple(size(9), size(20)).map(([rows, classes]) => ({
    places: [room(4 * rows * classes), floats(rows * classes)],
    numbers: [rows, classes],
  })),
  cross_entropy: fc.tuple(size(9), size(20)).map(([rows, classes]) => ({
    places: [room(4 * rows * classes), room(8), floats(rows * classes), below(rows, classes)],
    numbers: [rows, classes],
  })),
  score: fc.tuple(size(9), size(20)).map(([rows, classes]) => ({
    places: [doubles(2), scratch(4 * classes), floats(rows * classes), below(rows, classes)],
    numbers: [rows, classes],
  })),
  sgd: fc.tuple(size(70), flag, flag).map(([length, momentum, decay]) => ({
    places: [floats(length), floats(length), floats(length), positive(3)],
    numbers: [length, momentum, decay],
  })),
  adam: fc.tuple(size(70), flag).map(([length, decay]) => ({
    places: [floats(length), floats(length), positive(length), floats(length), positive(9)],
    numbers: [length, decay],
  })),
  amsgrad: fc.tuple(size(70), flag).map(([length, decay]) => ({
    places: [
      ...[floats(length), floats(length), positive(length), positive(length)],
      ...[floats(length), positive(7)],
    ],
    numbers: [length, decay],
  })),
  norm: ofLength((length) => [room(8), floats(length)]),
  clip: ofLength((length) => [floats(length), doubles(1), positive(1)]),
  pull: ofLength((length) => [floats(length), floats(length), floats(length), positive(1)]),
  aggregate: ofLength((length) => [room(4 * length), floats(length), floats(length)]),
  straight_through: fc.tuple(size(9), size(20)).map(([rows, units]) => ({
    places: [
      room(4 * rows * units),
      ...[floats(rows * units), floats(rows * units), floats(rows * units), floats(rows * units)],
      scratch(8 * units),
      doubles(3),
    ],
    numbers: [rows * units, units],
  })),
  mask: ofLength((length) => [floats(length), below(length, 2)]),
  threshold: ofLength((length) => [room(4 * length), floats(length), floats(length), below(length, 2)]),
  sigmoid_through: ofLength((length) => [
    ...[floats(length), floats(length), floats(length)],
    ...[below(length, 2), doubles(1)],
  ]),
  mix: fc.tuple(size(6), size(1100)).map(([count, length]) => ({
    places: [room(4 * length), { kind: 'addresses' as never, length: count, limit: length }, doubles(count)],
    numbers: [count, length],
  })),
  finite: ofLength((length) => [room(4), floats(length)]),
};

const REGISTERS = 2 ** 18;
const PROGRAM = REGISTERS + 128;
const FIRST = REGISTERS + 1024;

/** One memory for each engine. */
function memoryWith(engine: (memory: SharedMemory) => Engine) {
  const memory = new Memory({ initial: 16, maximum: 65536, shared: true });
  return { memory, engine: engine(memory) };
}

const machines = [memoryWith(referenceEngine), memoryWith(wasmEngine)];
const native = new Memory({ initial: 16, maximum: 65536, shared: true });
const nativeOrReason = nativeEngine(native);
if (!('missing' in nativeOrReason)) machines.push({ memory: native, engine: nativeOrReason });

/** A small generator of numbers: what they are matters less than that they are many. */
function numbersFrom(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) | 0;
    return (state >>> 8) / 2 ** 24;
  };
}

const SPECIAL = [0, -0, 1, -1, 1e-40, -1e-40, 88, -88, -100, 30];

/** Writes what a case is given, and returns the words of its instruction and the end of what it touches. */
function lay(memory: SharedMemory, name: InstructionName, { places, numbers }: Case, seed: number) {
  const random = numbersFrom(seed);
  const float = () => (random() < 0.05 ? SPECIAL[Math.floor(random() * SPECIAL.length)]! : 4 * random() - 2);
  const words = new Int32Array(memory.buffer);
  new Uint8Array(memory.buffer, REGISTERS).fill(0);
  const program = [INSTRUCTION_NAMES.indexOf(name)];
  const scratches: number[] = [];
  let next = FIRST;
  const take = (bytes: number) => {
    const at = next;
    next += Math.ceil(bytes / 8) * 8 + 8;
    return at;
  };
  for (const [p, content] of places.entries()) {
    const { kind, length } = content as { kind: string; length: number };
    const bytes = { doubles: 8, bytes: 1, room: 1, scratch: 1 }[kind] ?? 4;
    const at = take(bytes * length);
    program.push(p % 2, at - [0, 4096][p % 2]!);
    if (kind === 'scratch') scratches.push(at, length);
    if (kind === 'room' || kind === 'scratch') continue;
    const { limit } = content as { limit: number };
    if (kind === 'bytes') fill(new Uint8Array(memory.buffer, at, length), () => random() * 256);
    else if (kind === 'doubles') fill(new Float64Array(memory.buffer, at, length), float);
    else if (kind === 'floats') fill(new Float32Array(memory.buffer, at, length), float);
    else if (kind === 'positive')
      fill(new Float32Array(memory.buffer, at, length), () => 0.01 + 2 * random());
    else if (kind === 'below') fill(new Uint32Array(memory.buffer, at, length), () => random() * limit);
    else {
      for (let k = 0; k < length; k++) {
        const vector = take(4 * limit);
        new Uint32Array(memory.buffer, at, length)[k] = vector;
        fill(new Float32Array(memory.buffer, vector, limit), float);
      }
    }
  }
  program.push(...numbers);
  words.set(program, PROGRAM / 4);
  words.set([0, 4096], REGISTERS / 4);
  return { count: program.length, end: next, scratches };
}

function fill(array: Uint8Array | Uint32Array | Float32Array | Float64Array, next: () => number): void {
  for (let i = 0; i < array.length; i++) array[i] = next();
}

for (const name of INSTRUCTION_NAMES) {
  test(`${name}: ${machines.map(({ engine }) => engine.instructions).join(', ')} give the same bits`, () => {
    fc.assert(
      fc.property(CASES[name], fc.integer(), (given, seed) => {
        assert.equal(given.places.length, INSTRUCTIONS[name][0]);
        assert.equal(given.numbers.length, INSTRUCTIONS[name][1]);
        const results = machines.map(({ memory, engine }) => {
          const { count, end, scratches } = lay(memory, name, given, seed);
          engine.run(PROGRAM, count, REGISTERS, 1);
          for (let k = 0; k < scratches.length; k += 2)
            new Uint8Array(memory.buffer, scratches[k]!, scratches[k + 1]!).fill(0);
          return Buffer.from(new Uint8Array(memory.buffer, FIRST, end - FIRST));
        });
        for (const result of results) {
          const d = result.findIndex((b, i) => b !== results[0]![i]);
          if (d >= 0)
            assert.fail(`${d} ${[result, results[0]!].map((r) => r.readFloatLE(Math.floor(d / 4) * 4))}`);
        }
      }),
      { numRuns: 150, includeErrorInReport: true },
    );
  });
}
