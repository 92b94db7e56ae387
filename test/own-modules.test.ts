/** Models, codecs, latencies, sharing disciplines and faults of the user's own, from the module that a scenario names to the end of a run. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { PluginError, UsageError } from '../src/errors.js';
import { planOf } from '../src/testing/index.js';
import { runToEnd as runPlan } from '../src/testing/run.js';
import {
  assertNear,
  folder,
  mistake,
  modelText,
  outcome,
  PLUGIN,
  planFrom,
  write,
} from './support/own-modules.js';

test('a model of the user’s own is trained and evaluated by the built-in tasks, with any number of workers', async () => {
  const use = write('model.js', modelText());
  const own = { model: `model: { use: ${use}, units: 6 }` };
  const inline = await outcome(own);
  assert.deepEqual(await outcome(own, 2), inline);
  assertNear(await outcome({ model: 'model: { use: mlp, hidden: [6] }' }), inline);
  assert.notDeepEqual((await outcome({ model: `model: ${use}` })).fingerprints, inline.fingerprints);
});

test('a result names the model’s module as the scenario does', async () => {
  const use = write('model.js', modelText());
  const { resolved } = await planFrom({ model: `model: ${use}` });
  assert.deepEqual((resolved as { model: unknown }).model, { use, units: 4, init: 'common' });
  assert.ok(!JSON.stringify(resolved).includes(folder));
});

for (const workers of [0, 2]) {
  test(`a model that throws in a task is named with its module (${workers} workers)`, async () => {
    const use = write(
      'throws.js',
      modelText("model.gradient = () => { throw new TypeError('not today'); };"),
    );
    const error = await mistake({ model: `model: ${use}` }, workers);
    assert.ok(error instanceof PluginError);
    assert.match(error.message, /"train" .*model "mine" \(file:\/\/\/throws\.js\): not today$/);
  });
}

test('a model whose build throws, and a module that is not a model, are named before the run', async () => {
  const broken = write('broken.js', modelText("throw new RangeError('too wide');"));
  const thrown = await mistake({ model: `model: ${broken}` });
  assert.equal(thrown.message, 'model "mine" (file:///broken.js): too wide');
  const none = write('none.js', modelText('return {};'));
  const { message } = await mistake({ model: `model: ${none}` });
  assert.match(message, /^model "mine" \(file:\/\/\/none\.js\): build\(spec\): expected a model with slices/);
});

test('an error of a worker names a module that loads only in the main thread', async () => {
  const text = `import { isMainThread } from 'node:worker_threads';
    if (!isMainThread) throw new Error('main thread only');${modelText()}`;
  const use = write('main-only.js', text);
  const error = await mistake({ model: `model: ${use}` }, 2);
  assert.equal(
    error.message,
    'file:///main-only.js: expected a module that loads, got Error: main thread only',
  );
});

test('a plan may hold a model object: without workers as it is, with workers by the URL of its module', async () => {
  const use = write('library.js', modelText());
  const url = pathToFileURL(join(folder, use)).href;
  const { default: entry } = await import(url);
  const sketch = (model: object) => planOf({ model: { use: entry, units: 3, ...model } as never });
  const workers = { backend: 'cpu', workers: 2 } as const;
  const { result } = await runPlan(sketch({}));
  const { result: parallel } = await runPlan(sketch({ module: url }), workers);
  assert.deepEqual(parallel.fingerprints, result.fingerprints);
  await assert.rejects(runPlan(sketch({}), workers), (error) => {
    assert.ok(error instanceof UsageError);
    assert.equal(error.code, 'no-module');
    assert.match(
      error.message,
      /expected a model that worker threads can import, got the object "mine": give beside it the URL/,
    );
    return true;
  });
});

const CODEC = `
import { codecs, z } from ${PLUGIN};
const float32 = codecs.find(({ id }) => id === 'float32');
export default {
  id: 'mine',
  description: 'float32 with some bytes to spare',
  options: z.strictObject({ spare: z.int().min(0).default(3) }),
  create({ spare }, vector) {
    const plain = float32.create({}, vector);
    return {
      id: 'mine',
      encode(body, random) {
        const { bytes, headerBytes, ...rest } = plain.encode(body, random);
        const longer = new Uint8Array(bytes.length + spare);
        longer.set(bytes);
        return { ...rest, bytes: longer, headerBytes: headerBytes + spare };
      },
      decode(bytes, indexBytes) {
        if (spare === 13) throw new Error('unlucky');
        return plain.decode(bytes.slice(0, bytes.length - spare), indexBytes);
      },
    };
  },
};`;

const withCodec = (codec: string) => ({ algorithm: `algorithm: { use: d-psgd, batch: 8, codec: ${codec} }` });

test('a codec of the user’s own carries a run, and its bytes are counted', async () => {
  const use = write('codec.js', CODEC);
  const plain = await outcome(withCodec('float32'));
  const own = await outcome(withCodec(`{ use: ${use}, spare: 5 }`));
  const { sent } = plain.traffic.messages;
  assert.equal(own.fingerprints.params, plain.fingerprints.params);
  assert.equal(own.traffic.bytes.sent, plain.traffic.bytes.sent + 5 * sent);
  assert.equal(own.traffic.parts.header, plain.traffic.parts.header + 5 * sent);
  const byDefault = await outcome(withCodec(use));
  assert.equal(byDefault.traffic.bytes.sent, plain.traffic.bytes.sent + 3 * sent);
  const { resolved } = await planFrom(withCodec(use));
  assert.deepEqual((resolved as { algorithm: { codec: unknown } }).algorithm.codec, { use, spare: 3 });
});

test('mistakes in a codec of the user’s own are reported at their place', async () => {
  const use = write('codec.js', CODEC);
  const at = 'a.yaml:7:';
  for (const [codec, message] of [
    [`{ use: ${use}, spare: -1 }`, /algorithm\.codec\.spare: expected a whole number of at least 0, got -1$/],
    [
      `{ use: ${use}, sparse: 1 }`,
      /algorithm\.codec\.sparse: unknown option of codec mine "sparse"\. Did you mean "spare"/,
    ],
    ['./absent.js', /algorithm\.codec: expected a module, got ".\/absent\.js": there is no file absent\.js$/],
    [
      write('topology.js', 'export default { id: "t" };'),
      /algorithm\.codec: expected \.\/topology\.js to export a codec by default; it lacks .*create \(a function\)$/,
    ],
  ] as const) {
    const error = await mistake(withCodec(codec));
    assert.ok(error instanceof UsageError, String(error));
    assert.ok(error.message.startsWith(at) && !error.message.includes('\n'), error.message);
    assert.match(error.message, message);
  }
  const broken = await mistake(withCodec(`{ use: ${use}, spare: 13 }`));
  assert.match(broken.message, /codec "mine": unlucky$/);
});

const latencyText = (draw: string) => `
import { option, z } from ${PLUGIN};
export default {
  id: 'mine',
  description: 'a latency of a test',
  options: z.strictObject({ step: option.duration().prefault('10ms') }),
  draw: ({ step }, random) => ${draw},
};`;

const withLatency = (latency: string) => ({
  network: `network: { latency: ${latency}, uplink: 1Mbps, downlink: 1Mbps }`,
});

test('a latency of the user’s own carries a run like a built-in one that draws the same', async () => {
  const use = write('latency.js', latencyText('step'));
  const built = await outcome(withLatency('{ use: constant, value: 7ms }'));
  assert.deepEqual(await outcome(withLatency(`{ use: ${use}, step: 7ms }`)), built);
  const drawn = write('drawn.js', latencyText('Math.ceil(2 * step * random().uniform())'));
  const uniform = await outcome(withLatency('{ use: uniform, from: 0ms, to: 20ms }'));
  assert.deepEqual(await outcome(withLatency(drawn)), uniform);
  const { resolved } = await planFrom(withLatency(drawn));
  assert.deepEqual((resolved as { network: { latency: unknown } }).network.latency, {
    use: drawn,
    step: '10ms',
  });
});

test('a latency that loads asynchronously changes nothing of the run but what it gives, and only loads may be asynchronous', async () => {
  const waiting = (draw: string) =>
    latencyText(draw).replace(
      'draw: ',
      `prepare: async ({ step }) => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        return { step: step + 1e6 };
      },
  draw: `,
    );
  const use = write('waiting.js', waiting('step'));
  const built = await outcome(withLatency('{ use: constant, value: 8ms }'));
  assert.deepEqual(await outcome(withLatency(`{ use: ${use}, step: 7ms }`)), built);
  const late = write('late.js', latencyText('Promise.resolve(step)'));
  assert.match(
    (await mistake(withLatency(late))).message,
    /latency "mine": expected a function that is done when it returns, got a promise: it must not be async$/,
  );
});

test('a latency knows its link in a whole run, and mistakes in its files have their place', async () => {
  const byLink = write(
    'by-link.js',
    latencyText('step').replace(
      '({ step }, random) => step',
      '({ step }, _random, { from, to }) => (from < to ? step : 2 * step)',
    ),
  );
  const both = await outcome(withLatency(`{ use: ${byLink}, step: 7ms }`));
  const fast = await outcome(withLatency('{ use: constant, value: 7ms }'));
  const slow = await outcome(withLatency('{ use: constant, value: 14ms }'));
  assert.deepEqual(both.traffic, fast.traffic);
  const [end, first, last] = [both, fast, slow].map(({ samples }) => samples.at(-1)!.time);
  assert.ok(end! > first! && end! <= last!, `${first} ${end} ${last}`);
  write('rtt.csv', 'from,to,rtt_ms\na,b,ten\n');
  const error = await mistake(withLatency('{ use: matrix, file: rtt.csv }'));
  assert.ok(error instanceof UsageError);
  assert.deepEqual(
    [error.message, error.path],
    ['rtt.csv:2: expected a number from 0 to 86400000 as rtt_ms, got "ten"', 'network.latency.file'],
  );
});

test('mistakes in a latency of the user’s own are reported at their place, and impossible ones end the run', async () => {
  const use = write('latency.js', latencyText('step'));
  for (const [latency, message] of [
    [
      `{ use: ${use}, step: 7 }`,
      'a.yaml:6:48 network.latency.step: expected a duration, such as "35ms", got 7: a number needs its unit, as in "7ms"',
    ],
    [
      './absent.js',
      'a.yaml:6:21 network.latency: expected a module, got "./absent.js": there is no file absent.js',
    ],
    ['5', 'a.yaml:6:21 network.latency: expected a latency: its name, or a map with "use", got 5'],
  ] as const) {
    assert.equal((await mistake(withLatency(latency))).message, message);
  }
  const half = write('half.js', latencyText('step + 0.5'));
  assert.match(
    (await mistake(withLatency(half))).message,
    /latency "mine": expected a whole number of nanoseconds of at least 0, got 10000000\.5$/,
  );
});

/** Sends everything at once, as every discipline does over unlimited links. */
const SHARING = `
import { z } from ${PLUGIN};
export default {
  id: 'mine',
  description: 'a sharing discipline of a test',
  options: z.strictObject({ slowness: z.int().min(1).default(1) }),
  create: ({ slowness }, { kernel, arrive }) => ({
    start(attempt) {
      attempt.startedAt = attempt.leftAt = kernel.now;
      arrive(attempt, kernel.now + slowness * attempt.latency);
    },
    arrived() {},
    cut(attempts, gone) {
      for (const attempt of attempts) {
        kernel.cancel(attempt.event);
        gone(attempt, attempt.bytes);
      }
    },
    busy: () => ({ uplink: 0, downlink: 0 }),
    save: () => null,
    load() {},
  }),
};`;

test('a sharing discipline of the user’s own carries a run like a built-in one that does the same', async () => {
  const withSharing = (sharing: string, latency: string) => ({
    network: `network: { latency: { use: constant, value: ${latency} }, uplink: unlimited, downlink: unlimited, sharing: ${sharing} }`,
  });
  const use = write('sharing.js', SHARING);
  const built = await outcome(withSharing('fifo', '7ms'));
  assert.deepEqual(await outcome(withSharing(use, '7ms')), built);
  const slow = await outcome(withSharing(`{ use: ${use}, slowness: 7 }`, '1ms'));
  assert.deepEqual(slow.fingerprints, built.fingerprints);
  const { resolved } = await planFrom(withSharing(use, '7ms'));
  assert.deepEqual((resolved as { network: { sharing: unknown } }).network.sharing, { use, slowness: 1 });
  const { message } = await mistake(withSharing('fare', '7ms'));
  assert.match(
    message,
    /network\.sharing: unknown sharing discipline "fare"\. Did you mean "fair"\? Known: .*fair, fifo/,
  );
});

/** Like `node-down`, with the same options, under another name. */
const FAULT = `
import { option, z } from ${PLUGIN};
export default {
  id: 'mine',
  description: 'a fault of a test',
  options: z.strictObject({ node: z.int().min(0), at: option.duration().prefault('15ms'), length: option.duration() }),
  check({ node }, { nodes }) {
    if (node >= nodes) throw new Error('no such node: ' + node);
  },
  start: ({ node, at }, { schedule }) => schedule({ event: 'node-down', time: at, target: node }),
  on: {
    'node-down'({ target, time }, { length }, { schedule, hold }) {
      schedule({ event: 'node-up', time: time + length, target });
      hold(target, 'pause');
    },
    'node-up': ({ target }, _options, { release }) => release(target),
  },
};`;

const withFault = (fault: string) => ({
  algorithm: 'algorithm: { use: d-psgd, localSteps: 1, batch: 8, deadline: 30ms }',
  faults: `faults: [${fault}]`,
});

test('a fault of the user’s own takes nodes down like a built-in one', async () => {
  const use = write('fault.js', FAULT);
  const built = await outcome(withFault('{ use: node-down, node: 2, at: 15ms, for: 20ms }'));
  assert.ok(built.traffic.messages.cut > 0);
  assert.deepEqual(await outcome(withFault(`{ use: ${use}, node: 2, length: 20ms }`)), built);
  const { resolved } = await planFrom(withFault(`{ use: ${use}, node: 2, length: 20ms }`));
  assert.deepEqual((resolved as { faults: unknown }).faults, [{ use, node: 2, length: '20ms', at: '15ms' }]);
});

test('mistakes in a fault of the user’s own are reported at their place, and errors of its check name it', async () => {
  const use = write('fault.js', FAULT);
  assert.equal(
    (await mistake(withFault(`{ use: ${use}, node: 2, length: 5 }`))).message,
    'a.yaml:10:46 faults.0.length: expected a duration, such as "35ms", got 5: a number needs its unit, as in "5ms"',
  );
  assert.equal(
    (await mistake(withFault(`{ use: ${use}, node: 9, length: 5ms }`))).message,
    'fault "mine": no such node: 9',
  );
});
