/** A broken plugin for each invariant of `mycel check` that plugins can break. */

/** The URL of a compiled file, quoted for a module's text. */
export const from = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);

/** A module that exports a changed entry of a list. */
const changed = (list: string, path: string, id: string, change: string) => `
  import { ${list} } from ${from(path)};
  const base = ${list}.find(({ id }) => id === '${id}');
  ${change}`;

/** A module that exports a changed D-PSGD, which says nothing of itself but what the change says. */
export const dPsgd = (change: string) =>
  changed(
    'algorithms',
    'algorithms/index.js',
    'd-psgd',
    change.replace('...base,', '...base, withoutMessages: undefined, fixedPoints: undefined,'),
  );
const sharing = (change: string) =>
  changed(
    'sharingEntries',
    'network/sharing/index.js',
    'fifo',
    `const wrap = (make) => ({ ...base, id: 'mine', create: (options, parts) => make(parts, (own) => base.create(options, own)) });
    ${change}`,
  );

/** Where a scenario names the module, the module's text, and the invariant that it breaks, if that is not its name. */
interface BrokenPlugin {
  readonly section: Readonly<Record<string, string>>;
  readonly module: string;
  readonly invariant?: string;
}

/** By name. */
export const BROKEN: Readonly<Record<string, BrokenPlugin>> = {
  ends: {
    section: { algorithm: 'algorithm: { use: ./ends.mjs, localSteps: 1, batch: 4 }' },
    module: dPsgd(`export default { ...base, id: 'mine', on: { ...base.on, computed(node, ...rest) {
      if (node.round === 1) throw new Error('not today');
      return base.on.computed(node, ...rest);
    } } };`),
  },
  arrival: {
    section: {
      network:
        'network: { latency: { use: constant, value: 10ms }, uplink: 1Mbps, downlink: 1Mbps, sharing: { use: ./arrival.mjs } }',
    },
    module: sharing(`export default wrap((parts, make) =>
      make({ ...parts, arrive: (attempt, time) => parts.arrive(attempt, Math.max(parts.kernel.now, time - 5000)) }));`),
  },
  capacity: {
    section: {
      network:
        'network: { latency: { use: constant, value: 1ms }, uplink: 1Mbps, downlink: 1Mbps, sharing: { use: ./capacity.mjs } }',
    },
    module: sharing(`export default wrap(({ kernel, arrive, capacities }, make) => ({
      ...make({ kernel: { get now() { return kernel.now; }, kind: () => 0 }, capacities, attempts: new Map(), arrive }),
      start(attempt) {
        attempt.startedAt = kernel.now;
        attempt.leftAt = kernel.now + Math.ceil((8e9 * attempt.bytes) / capacities.uplink[attempt.message.from]);
        arrive(attempt, attempt.leftAt + attempt.latency);
      },
      arrived() {},
      cut: (attempts, gone) => attempts.forEach((attempt) => { kernel.cancel(attempt.event); gone(attempt, 0); }),
      busy: () => ({ uplink: 0, downlink: 0 }),
      save: () => null,
      load() {},
    }));`),
  },
  mixing: {
    section: {
      algorithm: 'algorithm: { use: d-psgd, localSteps: 1, batch: 4, mixing: { use: ./mixing.mjs } }',
    },
    module: `import { mixingRules } from ${from('topology/mixing/index.js')};
      const uniform = mixingRules.find(({ id }) => id === 'uniform');
      export default { ...uniform, id: 'mine', doublyStochastic: true };`,
  },
  average: {
    section: {
      algorithm: 'algorithm: { use: d-psgd, localSteps: 1, batch: 4, mixing: { use: ./average.mjs } }',
    },
    module: `import { mixingRules } from ${from('topology/mixing/index.js')};
      const good = mixingRules.find(({ id }) => id === 'metropolis-hastings');
      // Every third time all nodes keep their own.
      let calls = 0;
      export default { ...good, id: 'mine', rows(neighbors, options) {
        calls++;
        return good.rows(neighbors, options).map((row) =>
          calls % 3 === 2 ? { self: 1, neighbors: new Float64Array(row.neighbors.length) } : row);
      } };`,
  },
  'max-min': {
    section: {
      network:
        'network: { latency: { use: constant, value: 1ms }, uplink: 1Mbps, downlink: 1Mbps, sharing: { use: ./max-min.mjs } }',
    },
    module: changed(
      'sharingEntries',
      'network/sharing/index.js',
      'fair',
      `export default { ...base, create(...given) {
        const own = base.create(...given);
        return {
          start: (attempt) => own.start(attempt),
          arrived: (attempt) => own.arrived(attempt),
          cut: (...all) => own.cut(...all),
          busy: (node) => own.busy(node),
          save: () => ({ ...own.save(), flows: own.save().flows.map((flow) => ({ ...flow, rate: flow.rate / 2 })) }),
          load: (...all) => own.load(...all),
        };
      } };`,
    ),
  },
  finite: {
    section: { algorithm: 'algorithm: { use: ./finite.mjs, localSteps: 1, batch: 4 }' },
    module: dPsgd(
      "export default { ...base, id: 'mine', on: { start() {} }, evaluate: (_state, { model }) => ({ mixed: { params: new Float32Array(model.length).fill(NaN) } }) };",
    ),
  },
  workers: {
    section: {
      algorithm: 'algorithm: { use: d-psgd, localSteps: 1, batch: 4, optimizer: { use: ./workers.mjs } }',
    },
    module: `import { isMainThread } from 'node:worker_threads';
      import { z } from ${from('plugin.js')};
      export default {
        id: 'mine',
        description: 'steps that depend on the thread',
        options: z.strictObject({}),
        stateArrays: () => 0,
        flops: () => 2,
        takesScaledGradient: () => true,
        step: (engine, _options, { params, gradient }) => ({
          params: engine.sub(params, engine.mul(gradient, isMainThread ? 1 : 2)),
          state: [],
        }),
      };`,
  },
  shards: {
    section: {
      data: 'data: { use: blobs, features: 8, classes: 2, train: 80, test: 20, split: { use: ./shards.mjs } }',
    },
    module: changed(
      'splits',
      'data/index.js',
      'iid',
      `export default { ...base, id: 'mine', split(...given) {
      const [first, ...rest] = base.split(...given);
      return [first, ...rest.map((shard) => ({ ...shard, train: first.train }))];
    } };`,
    ),
  },
  covering: {
    invariant: 'shards',
    section: {
      data: 'data: { use: blobs, features: 8, classes: 2, train: 80, test: 20, split: { use: ./covering.mjs } }',
    },
    module: changed(
      'splits',
      'data/index.js',
      'iid',
      `export default { ...base, id: 'mine', split: (...given) =>
      base.split(...given).map((shard) => ({ ...shard, train: shard.train.subarray(1) })) };`,
    ),
  },
  masks: {
    section: {
      model: 'model: { use: mlp, hidden: [4] }',
      algorithm: 'algorithm: { use: ./masks.mjs, batch: 4 }',
    },
    module: changed(
      'algorithms',
      'algorithms/index.js',
      'mce-pl',
      `const more = (node) => new Proxy(node, { get(target, key) {
        const value = target[key];
        if (key === 'broadcast') return (type, { mask, ...body }, options) =>
          target.broadcast(type, { ...body, mask: mask.map((bit, k) => (k === mask.indexOf(0) ? 1 : bit)) }, options);
        return typeof value === 'function' ? value.bind(target) : value;
      } });
      export default { ...base, id: 'mine', on: { ...base.on, computed: (node, ...rest) => base.on.computed(more(node), ...rest) } };`,
    ),
  },
  'fixed-point': {
    section: { algorithm: 'algorithm: { use: ./fixed-point.mjs, localSteps: 1, batch: 4 }' },
    module:
      dPsgd(`export default { ...base, id: 'mine', fixedPoints: base.fixedPoints, on: { ...base.on, computed(node, state, result) {
      base.on.computed(node, state, { ...result, output: { ...result.output, params: result.output.params.map((value) => 0.999 * value) } });
    } } };`),
  },
  codecs: {
    section: {
      algorithm: 'algorithm: { use: d-psgd, localSteps: 1, batch: 4, codec: { use: ./codecs.mjs } }',
    },
    module: changed(
      'codecs',
      'wire/codecs.js',
      'float32',
      `export default { ...base, id: 'mine', create(...given) {
      const codec = base.create(...given);
      return { ...codec, decode(...rest) {
        const view = codec.decode(...rest);
        return { ...view, values: view.values.map((value, k) => (k === 1 ? value + 1e6 : value)) };
      } };
    } };`,
    ),
  },
  personal: {
    section: { algorithm: 'algorithm: { use: ./personal.mjs, localSteps: 1, batch: 4 }' },
    module: dPsgd("export default { ...base, id: 'mine', personal: ({ own }) => [own.params] };"),
  },
  repeated: {
    section: { algorithm: 'algorithm: { use: ./repeated.mjs, localSteps: 1, batch: 4 }' },
    module: dPsgd(`export default { ...base, id: 'mine', on: { ...base.on, start(node, state) {
      state.own.params = state.own.params.map((value) => value + process.pid);
      base.on.start(node, state);
    } } };`),
  },
  saved: {
    section: { algorithm: 'algorithm: { use: ./saved.mjs, localSteps: 1, batch: 4 }' },
    module: dPsgd(`const counts = new WeakMap();
    export default { ...base, id: 'mine', on: { ...base.on, computed(node, state, result) {
      const count = (counts.get(node) ?? 0) + 1;
      counts.set(node, count);
      base.on.computed(node, state, { ...result, output: { ...result.output, params: result.output.params.map((value) => value + count) } });
    } } };`),
  },
  watched: {
    section: { algorithm: 'algorithm: { use: ./watched.mjs, localSteps: 1, batch: 4 }' },
    module: dPsgd(`export default { ...base, id: 'mine', evaluate(state, context) {
      state.seen = (state.seen ?? 0) + 1;
      return base.evaluate(state, context);
    }, on: { ...base.on, computed(node, state, result) {
      const params = result.output.params.map((value) => value + (state.seen ?? 0));
      base.on.computed(node, state, { ...result, output: { ...result.output, params } });
    } } };`),
  },
  silence: {
    section: { algorithm: 'algorithm: { use: ./silence.mjs, localSteps: 1, batch: 4 }' },
    module:
      dPsgd(`export default { ...base, id: 'mine', withoutMessages: 'local-only', on: { ...base.on, computed(node, state, result) {
      base.on.computed(node, state, { ...result, output: { ...result.output, params: result.output.params.map((value) => value / 2) } });
    } } };`),
  },
};
