import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byCodeUnit, UsageError } from '../src/errors.js';
import type { EntryKind } from '../src/scenario/list.js';
import { lists } from '../src/scenario/lists.js';
import { loadScenario, readScenario } from '../src/scenario/load.js';
import { scenarioText } from './support/scenario-base.js';

/** The lines of the error with which a scenario is refused; `set` are overrides. */
async function mistakes(
  replace: Readonly<Record<string, string>>,
  set: readonly string[] = [],
): Promise<string[]> {
  try {
    await readScenario(scenarioText(replace), 'a.yaml', { set });
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return error.message.split('\n');
  }
  return [];
}

/** The names of a list, as messages give them. */
function known(name: EntryKind): string {
  return [...lists[name].entries.map(({ id }) => id)].sort(byCodeUnit).join(', ');
}

/** Checks a table of lines of a scenario and their error messages. */
async function check(
  table: readonly (readonly [Readonly<Record<string, string>>, readonly string[]])[],
): Promise<void> {
  for (const [replace, expected] of table) assert.deepEqual(await mistakes(replace), expected);
}

test('the base scenario is valid', async () => assert.deepEqual(await mistakes({}), []));

test('for an unknown name the error lists the known ones and the nearest', () =>
  check([
    [
      { topology: 'topology: { use: rign }' },
      [
        `a.yaml:5:18 topology.use: unknown topology "rign". Did you mean "ring"? Known: ${known('topologies')}`,
      ],
    ],
    [
      { topology: 'topology: pyramid' },
      [`a.yaml:5:11 topology: unknown topology "pyramid". Known: ${known('topologies')}`],
    ],
    [
      { measure: 'measure: { probes: [accuracy, acuracy] }' },
      [
        `a.yaml:9:31 measure.probes.1: unknown probe "acuracy". Did you mean "accuracy"? Known: ${known('probes')}`,
      ],
    ],
    [
      { network: 'network: { latency: { use: unifrom }, uplink: 1Mbps, downlink: 1Mbps }' },
      [
        `a.yaml:6:28 network.latency.use: unknown latency "unifrom". Did you mean "uniform"? Known: ${known('latencies')}`,
      ],
    ],
    [
      { algorithm: 'algorithm: { use: d-psgd, codec: flaot16 }' },
      [
        `a.yaml:7:34 algorithm.codec: unknown codec "flaot16". Did you mean "float16"? Known: ${known('codecs')}`,
      ],
    ],
    [
      { faults: 'faults: [{ use: nod-down, node: 3, at: 1s }]' },
      [
        `a.yaml:9:17 faults.0.use: unknown fault "nod-down". Did you mean "node-down"? Known: ${known('faults')}`,
      ],
    ],
  ]));

test('an unknown key is an error at the key, in every section', () =>
  check([
    [
      { dta: 'dta: 3' },
      [
        'a.yaml:9:1 dta: unknown key "dta". Did you mean "data"? Known: algorithm, backend, compare, compute, data, faults, measure, model, network, nodes, seed, stop, sweep, timingOnly, title, topology, tune',
      ],
    ],
    [
      { stop: 'stop: { after: 3 rounds, untl: 3s }' },
      ['a.yaml:8:26 stop.untl: unknown key "untl". Known: after, at, diverged'],
    ],
    [
      { topology: 'topology: { use: ring, degree: 3 }' },
      ['a.yaml:5:24 topology.degree: unknown option of topology ring "degree"; this entry has no options'],
    ],
    [
      { faults: 'faults: [{ use: node-down, node: 3, at: 1s, form: 2s }]' },
      [
        'a.yaml:9:45 faults.0.form: unknown option of fault node-down "form". Did you mean "for"? Known: at, for, node, task',
      ],
    ],
    [
      { algorithm: 'algorithm: { use: d-psgd, codec: { use: top-k, fractoin: 10% } }' },
      [
        'a.yaml:7:48 algorithm.codec.fractoin: unknown option of codec top-k "fractoin". Did you mean "fraction"? Known: fraction, indices, k',
      ],
    ],
  ]).then(async () => {
    const [line] = await mistakes({ algorithm: 'algorithm: { use: d-psgd, batchh: 3 }' });
    assert.match(
      line!,
      /^a\.yaml:7:27 algorithm\.batchh: unknown option of algorithm d-psgd "batchh"\. Did you mean "batch"\?/,
    );
  }));

test('the error for a missing unit shows an example with one', () =>
  check([
    [
      {
        network:
          'network: { latency: { use: constant, value: 10 }, uplink: 1, downlink: 1Mbps, drop: 0.1, framing: { mtu: 1460 } }',
      },
      [
        'a.yaml:6:45 network.latency.value: expected a duration, such as "35ms", got 10: a number needs its unit, as in "10ms"',
        'a.yaml:6:59 network.uplink: expected a bandwidth, such as "10Mbps", or "unlimited", got 1: a number needs its unit, as in "1Mbps"',
        'a.yaml:6:85 network.drop: expected a share, such as "1%", got 0.1: write "10%"',
        'a.yaml:6:106 network.framing.mtu: expected a size, such as "1.5MB", got 1460: a number needs its unit, as in "1460B"',
      ],
    ],
    [
      { stop: 'stop: { after: 30 }' },
      ['a.yaml:8:16 stop.after: expected a number of rounds, such as "30 rounds", got 30: write "30 rounds"'],
    ],
    [
      { stop: 'stop: { at: 5 parsecs }' },
      [
        'a.yaml:8:13 stop.at: expected a duration such as "35ms" or "2h", got "5 parsecs" (units: ns, us, µs, ms, s, min, h, d)',
      ],
    ],
    [
      { measure: 'measure: { every: 3, target: 0.8 }' },
      [
        'a.yaml:9:19 measure.every: expected rounds or a duration, such as "5 rounds" or "10s", got 3: write "3 rounds"',
        'a.yaml:9:30 measure.target: expected a share, such as "1%", got 0.8: write "80%"',
      ],
    ],
    [
      { measure: 'measure: { every: 0 rounds }' },
      [
        'a.yaml:9:19 measure.every: expected rounds or a duration, such as "5 rounds" or "10s", above zero, got "0 rounds"',
      ],
    ],
  ]));

test('a probe named twice is an error if its options are the same, and allowed if they differ', () =>
  check([
    [
      { measure: 'measure: { probes: [loss, mask-overlap, { use: mask-overlap, pairs: false }, loss] }' },
      [
        'a.yaml:9:41 measure.probes.2: expected every probe once, got mask-overlap a second time',
        'a.yaml:9:78 measure.probes.3: expected every probe once, got loss a second time',
      ],
    ],
    [{ measure: 'measure: { probes: [mask-overlap, { use: mask-overlap, pairs: true }] }' }, []],
  ]));

test('NaN, infinities, negative values and zero nodes are errors', () =>
  check([
    [{ nodes: 'nodes: 0' }, ['a.yaml:2:8 nodes: expected a whole number of at least 1, got 0']],
    [{ nodes: 'nodes: .nan' }, ['a.yaml:2:8 nodes: expected a whole number, got NaN']],
    [{ nodes: 'nodes: 2.5' }, ['a.yaml:2:8 nodes: expected a whole number, got 2.5']],
    [{ seed: 'seed: -1' }, ['a.yaml:1:7 seed: expected a whole number of at least 0, got -1']],
    [{ seed: 'seed: .inf' }, ['a.yaml:1:7 seed: expected a whole number, got Infinity']],
    [
      { algorithm: 'algorithm: { use: d-psgd, learningRate: .nan, batch: -3 }' },
      [
        'a.yaml:7:41 algorithm.learningRate: expected a number, got NaN',
        'a.yaml:7:54 algorithm.batch: expected a whole number of at least 1, got -3',
      ],
    ],
    [
      { algorithm: 'algorithm: { use: d-psgd, learningRate: .inf }' },
      ['a.yaml:7:41 algorithm.learningRate: expected a number, got Infinity'],
    ],
    [
      { network: 'network: { latency: { use: constant, value: -10ms }, uplink: .nan, downlink: 0bps }' },
      [
        'a.yaml:6:45 network.latency.value: expected a duration such as "35ms" or "2h", got "-10ms" (units: ns, us, µs, ms, s, min, h, d)',
        'a.yaml:6:62 network.uplink: expected a bandwidth, such as "10Mbps", or "unlimited", got NaN',
        'a.yaml:6:78 network.downlink: expected a bandwidth of at least 1bps, got "0bps"; or "unlimited"',
      ],
    ],
    [
      { data: 'data: { use: blobs, split: iid, validation: 100% }' },
      ['a.yaml:3:45 data.validation: expected a share below 100%, so that training rows remain, got "100%"'],
    ],
  ]));

test('what is missing or of another kind is reported at the nearest place', () =>
  check([
    [{ nodes: '' }, ['a.yaml:1:1 nodes: expected a whole number, got nothing (it is required)']],
    [
      { seed: '' },
      [
        'a.yaml:1:1 seed: expected a whole number, in the scenario or by --seed, got nothing (it is required)',
      ],
    ],
    [{ data: 'data: 3' }, ['a.yaml:3:7 data: expected a data source: its name, or a map with "use", got 3']],
    [
      { data: 'data: { use: blobs }' },
      ['a.yaml:3:7 data.split: expected a split: its name, or a map with "use", got nothing'],
    ],
    [
      { model: 'model: { hidden: [3] }' },
      ['a.yaml:4:8 model.use: expected the name of a model or the path of a module in "use", got nothing'],
    ],
    [
      { model: 'model: { use: mlp, hidden: [] }' },
      ['a.yaml:4:28 model.hidden: expected a list of at least 1 entry, got []'],
    ],
    [{ stop: '' }, ['a.yaml:1:1 stop: expected a map (key: value), got nothing (it is required)']],
    [{ stop: 'stop: {}' }, ['a.yaml:8:1 stop: expected after (rounds), at (virtual time) or both, got {}']],
    [
      { stop: 'stop: { after: 1 round, diverged: mabye }' },
      ['a.yaml:8:35 stop.diverged: expected one of stop, continue, got "mabye"'],
    ],
    [
      { faults: 'faults: [{ use: node-down, node: 3 }]' },
      ['a.yaml:9:10 faults.0.at: expected a duration, such as "35ms", got nothing (it is required)'],
    ],
    [
      { faults: 'faults: [3, { use: random-node-down, up: 0s, down: 1s }]' },
      [
        'a.yaml:9:10 faults.0: expected a fault: its name, or a map with "use", got 3',
        'a.yaml:9:42 faults.1.up: expected a mean time above zero, got "0s"',
      ],
    ],
    [{ title: 'title: [a]' }, ['a.yaml:9:8 title: expected text, got ["a"]']],
  ]));

test('an algorithm with a server implies the star, and one without needs a topology', () =>
  check([
    [
      { algorithm: 'algorithm: { use: fedavg }' },
      [
        'a.yaml:5:1 topology: expected no topology: fedavg has a server of its own, which implies the star; remove the section',
      ],
    ],
    [{ algorithm: 'algorithm: { use: fedavg }', topology: '' }, []],
    [{ topology: '' }, ['a.yaml:1:1 topology: expected a topology, which d-psgd needs, got nothing']],
  ]));

test('all problems of a file are reported at once, in its order', async () => {
  const lines = await mistakes({ seed: 'seed: x', topology: 'topology: rign', stop: 'stop: { after: 3 }' });
  assert.deepEqual(
    lines.map((line) => /^a\.yaml:(\d+:\d+)/.exec(line)?.[1]),
    ['1:7', '5:11', '8:16'],
  );
});

test('a text that is not YAML, or not a map, is refused with its place', async () => {
  const refused = (text: string, message: string) =>
    assert.rejects(readScenario(text, 'a.yaml'), { name: 'UsageError', message });
  await refused(
    'seed: 1\nseed: 2\n',
    'a.yaml:2:1 (scenario): expected every key once, got this key a second time',
  );
  await refused(
    '',
    'a.yaml:1:1 (scenario): expected a scenario, a map with keys such as nodes and data, got null',
  );
  await refused(
    '- 1\n',
    'a.yaml:1:1 (scenario): expected a scenario, a map with keys such as nodes and data, got [1]',
  );
});

test('a file that cannot be read is a usage error', async () => {
  await assert.rejects(loadScenario('no/such.yaml'), {
    name: 'UsageError',
    message: 'no/such.yaml: expected a scenario file that can be read, but there is none',
  });
  await assert.rejects(loadScenario('.'), { name: 'UsageError', message: /it is a directory/ });
});

test('a problem of a variant is reported at its place under compare, and any other once', async () => {
  assert.deepEqual(
    await mistakes({
      nodes: 'nodes: 0',
      compare: 'compare: { topology: [ring, { use: ring, k: 1 }, rnig] }',
    }),
    [
      'a.yaml:2:8 nodes: expected a whole number of at least 1, got 0',
      'a.yaml:9:42 compare.topology.1.k: unknown option of topology ring "k"; this entry has no options',
      `a.yaml:9:50 compare.topology.2: unknown topology "rnig". Did you mean "ring"? Known: ${known('topologies')}`,
    ],
  );
});

test('a problem of an override names the override', async () => {
  assert.deepEqual(await mistakes({}, ['network.drop=5']), [
    '--set network.drop=5 network.drop: expected a share, such as "1%", got 5: write "5%"',
  ]);
  assert.deepEqual(await mistakes({}, ['topology={use: ring, k: 1}']), [
    '--set topology={use: ring, k: 1} topology.k: unknown option of topology ring "k"; this entry has no options',
  ]);
});

test('options that remain after a changed use are errors that name the remedy', async () => {
  const topology = { topology: 'topology: { use: random-regular, degree: 2 }' };
  assert.deepEqual(await mistakes(topology, ['topology.use=ring']), [
    `--set topology.use=ring: with it, a.yaml:5:34 topology.degree: unknown option of topology ring "degree"; this entry has no options; it is an option of the entry that the file names; replace the whole section: --set 'topology={use: …}'`,
  ]);
  assert.deepEqual(await mistakes(topology, ['topology=ring']), []);
});

test('a mistake that an override makes elsewhere in the file names the override', async () => {
  assert.deepEqual(await mistakes({}, ['nodes=5', 'stop.after=']), [
    '--set stop.after=: with it, a.yaml:8:1 stop: expected after (rounds), at (virtual time) or both, got {}',
  ]);
  const fedavg = 'algorithm={use: fedavg, localSteps: 1, batch: 8}';
  assert.deepEqual(await mistakes({}, [fedavg, 'network.drop=1%']), [
    `--set ${fedavg}: with it, a.yaml:5:1 topology: expected no topology: fedavg has a server of its own, which implies the star; remove the section`,
  ]);
  // The file's own mistakes stay the file's.
  const [line] = await mistakes({ nodes: 'nodes: 0' }, ['network.drop=1%']);
  assert.equal(line, 'a.yaml:2:8 nodes: expected a whole number of at least 1, got 0');
});

test('a share that is a bare number, and a number that is a share, get the fix', async () => {
  const drop = async (value: string) =>
    (await mistakes({}, [`network.drop=${value}`])).join().split(', got ')[1];
  assert.equal(await drop('30'), '30: write "30%"');
  assert.equal(await drop('0.3'), '0.3: write "30%"');
  assert.equal(await drop('0.07'), '0.07: write "7%"');
  assert.equal(await drop('1'), '1: write "100%" for all, "1%" for one in a hundred');
  assert.equal(await drop('300'), '300: a share is at most "100%"');
  const fedavg = 'algorithm={use: fedavg, localSteps: 1, batch: 8, learningRate: 0.05, participation: 30%}';
  const lines = await mistakes({ topology: '' }, [fedavg]);
  assert.match(lines.join(), /algorithm\.participation: expected a number.*, got "30%": write 0\.3$/);
});

test('an override that cannot be applied says why', async () => {
  assert.deepEqual(await mistakes({}, ['drop']), [
    '--set drop: expected path=value, such as network.drop=1%',
  ]);
  assert.deepEqual(await mistakes({}, ['nodes.x=1']), [
    '--set nodes.x=1: expected a map, or a list with this index, at nodes, got 4; override the whole of nodes instead',
  ]);
  const [line] = await mistakes({}, ['topology={use: ring']);
  assert.match(line!, /^--set topology=\{use: ring: expected valid YAML, got: /);
  const [alias] = await mistakes({}, ['nodes=*x']);
  assert.match(alias!, /^--set nodes=\*x: expected valid YAML, got: Unresolved alias/);
  assert.deepEqual(await mistakes({}, ['measure=&a { probes: [*a] }']), [
    '--set measure=&a { probes: [*a] }: expected an alias of another value, got *a, which is a part of itself',
  ]);
});

test('names that every object has are keys like others in an override', async () => {
  for (const path of ['__proto__.x', 'algorithm.__proto__.x', 'constructor.prototype', 'model.toString']) {
    const [line, ...others] = await mistakes({}, [`${path}=1`]);
    assert.match(line!, /: unknown (key|option of \w+ [\w-]+) "(__proto__|constructor|toString)"/);
    assert.deepEqual(others, []);
  }
});

test('of very many mistakes the first ones are reported, and how many more there are', async () => {
  const keys = Array.from({ length: 20_000 }, (_, k) => `key${k}: 1`).join('\n');
  const lines = await mistakes({ keys });
  assert.equal(lines.length, 101);
  assert.match(lines[0]!, /^a\.yaml:9:1 key0: unknown key "key0"/);
  assert.equal(lines.at(-1), '… and 19900 more');
});

test('a mistake is one line, also where it tells of a text that has several lines or is long', async () => {
  assert.deepEqual(await mistakes({ stop: 'stop: { after: "3 rounds\\nor so" }' }), [
    'a.yaml:8:16 stop.after: expected a number of rounds, such as "30 rounds", got "3 rounds\\nor so"',
  ]);
  const [line, ...more] = await mistakes({ stop: `stop: { after: ${'x'.repeat(5000)} }` });
  assert.ok(line!.length < 200 && more.length === 0, line);
  assert.deepEqual(
    await mistakes({ topology: 'topology: { use: "./a\\nb.js" }' }).then((all) => all.length),
    1,
  );
});

test('a text with many mistakes is refused with the first hundred', async () => {
  await assert.rejects(readScenario('}\n'.repeat(5000), 'a.yaml'), (error: Error) => {
    const lines = error.message.split('\n');
    assert.equal(lines.length, 101);
    assert.match(lines[100]!, /^… and \d+ more$/);
    return true;
  });
});
