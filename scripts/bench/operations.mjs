// The kernels that take the time in training, on every engine, one thread: the layers' own programs, on the shapes of W1 and
// W1-cnn, at batches of 32.
import { createMachine } from '../../dist/src/compute/machines.js';
import { convolution } from '../../dist/src/models/layers/conv.js';
import { dense } from '../../dist/src/models/layers/dense.js';
import { bitsOf } from '../../dist/src/numeric/bits.js';
import { NOWHERE } from '../../dist/src/numeric/machine.js';
import { ProgramBuilder } from '../../dist/src/numeric/program.js';
import { programBackends } from './support/engines.mjs';

const BATCH = 32;
/** Numbers at each register: enough for every operation below. */
const LENGTH = 1_000_000;
const SECONDS = { warmUp: 0.15, measured: 0.3 };

const at = (base, offset = 0) => ({ base, offset });

/** The program of one pass of a layer, without the passes before it. */
function layerProgram(layer, pass) {
  const builder = new ProgramBuilder();
  let wanted = pass === 'forward';
  const gate = {
    floats: (length) => builder.floats(length),
    doubles: (length) => builder.doubles(length),
    emit: (...instruction) => wanted && builder.emit(...instruction),
  };
  const lengthOf = ({ shape }) => shape.reduce((product, size) => product * size, 1);
  const params = layer.slices.map((_, s) => at('params', s === 0 ? 0 : 4 * lengthOf(layer.slices[0])));
  const { backward } = layer.program(gate, { params, input: at('data'), samples: BATCH });
  wanted = true;
  if (pass === 'params') {
    const ofParams = params.map(({ offset }) => at('results', offset));
    backward({ outputGradient: at('state'), ofParams, input: false });
  }
  if (pass === 'input') backward({ outputGradient: at('state'), ofParams: undefined, input: true });
  return builder.finish();
}

const ofLayer = (name, layer, pass, title) => ({
  name,
  title,
  unit: 'GFLOP/s',
  program: () => layerProgram(layer, pass),
  count: (BATCH * layer.flops[pass]) / 1e9,
});

const dense1 = dense('dense1', { inputs: 784, outputs: 64 });
const softmax = dense('softmax', { inputs: 784, outputs: 10 });
const conv1 = convolution('conv1', { height: 28, width: 28, channels: 1 }, { filters: 8, kernelSize: 5 });
const conv2 = convolution('conv2', { height: 12, width: 12, channels: 8 }, { filters: 16, kernelSize: 5 });
const MIXED = { vectors: 11, length: 50_890 };

function mixing() {
  const builder = new ProgramBuilder();
  builder.emit('mix', [at('results'), at('rows'), at('center')], [MIXED.vectors, MIXED.length]);
  return builder.finish();
}

function gathering() {
  const builder = new ProgramBuilder();
  const places = [at('results'), at('data'), at('order'), at('order')];
  builder.emit('gather', places, [BATCH, 784, 1, 0, bitsOf(1 / 255)]);
  return builder.finish();
}

const OPERATIONS = [
  ofLayer('dense', dense1, 'forward', 'dense layer 32×784×64'),
  ofLayer('dense-params', dense1, 'params', 'its gradient by kernel and bias'),
  ofLayer('dense-input', dense1, 'input', 'its gradient by the input'),
  ofLayer('softmax', softmax, 'forward', 'dense layer 32×784×10'),
  ofLayer('softmax-params', softmax, 'params', 'its gradient by kernel and bias'),
  ofLayer('conv1', conv1.layer, 'forward', 'convolution 5×5, 28×28×1 to 8 filters'),
  ofLayer('conv1-params', conv1.layer, 'params', 'its gradient by kernel and bias'),
  ofLayer('conv2', conv2.layer, 'forward', 'convolution 5×5, 12×12×8 to 16 filters'),
  ofLayer('conv2-params', conv2.layer, 'params', 'its gradient by kernel and bias'),
  ofLayer('conv2-input', conv2.layer, 'input', 'its gradient by the input'),
  {
    name: 'mixing',
    title: '11 vectors of 50,890, summed in float64',
    unit: 'G terms/s',
    program: mixing,
    count: (MIXED.vectors * MIXED.length) / 1e9,
  },
  {
    name: 'gather',
    title: 'rows of 784 bytes to float32',
    unit: 'G values/s',
    program: gathering,
    count: (BATCH * 784) / 1e9,
  },
];

/** How many times a second a program runs. */
function timesPerSecond(backend, program) {
  const machine = createMachine(backend);
  return machine.frame((frame) => {
    const random = () => {
      const block = frame.floats(LENGTH);
      for (let i = 0; i < LENGTH; i++) block.numbers[i] = ((i * 7919) % 1000) / 1000 - 0.5;
      return block.address;
    };
    const weights = frame.doubles(MIXED.vectors);
    weights.numbers.fill(1 / MIXED.vectors);
    const data = random();
    const vectors = Uint32Array.from({ length: MIXED.vectors }, (_, k) => data + 4 * k * MIXED.length);
    const registers = {
      ...NOWHERE,
      data,
      params: random(),
      state: random(),
      results: random(),
      center: weights.address,
      rows: frame.read(vectors),
      order: frame.read(Uint32Array.from({ length: BATCH }, (_, k) => (k * 37) % 1000)),
    };
    const measure = (seconds) => {
      const start = performance.now();
      for (let runs = 1; ; runs++) {
        machine.run(program, registers);
        const elapsed = (performance.now() - start) / 1000;
        if (elapsed >= seconds) return runs / elapsed;
      }
    };
    measure(SECONDS.warmUp);
    return measure(SECONDS.measured);
  });
}

export default OPERATIONS.flatMap(({ name, title, unit, program, count }) =>
  programBackends.map((backend) => ({
    name: `op-${name}-${backend}`,
    title: `${title}; ${backend}`,
    unit,
    higherIsBetter: true,
    run: () => count * timesPerSecond(backend, program()),
  })),
);
