/** `mycel show`: what it says of a scenario is what a run of it does. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { loadScenario } from '../src/scenario/load.js';
import { planScenario } from '../src/scenario/plan.js';
import { runToEnd } from '../src/simulation/run.js';
import { mycel } from './support/cli.js';
import { scenarioText } from './support/scenario-base.js';
import { workIn } from './support/work-in.js';

workIn('mycel-show-');
const network =
  'network: { latency: { use: constant, value: 10ms }, uplink: 1Mbps, downlink: 1Mbps, overrides: [{ nodes: [0], uplink: 2Mbps }] }';
const algorithm = 'algorithm: { use: d-psgd, localSteps: 1, batch: 8, deadline: 5s }';
const faults = 'faults: [{ use: node-down, node: 1, at: 60s, for: 2s }]';
writeFileSync(
  'a.yaml',
  scenarioText({ network, algorithm, faults, compare: 'compare: { topology: [ring, complete] }' }),
);
const show = (...args: string[]) => mycel('show', 'a.yaml', '--workers', '0', ...args);

/** What is asked of the output of `--json`. */
interface Shown {
  readonly variant: string;
  readonly data: { readonly rows: number[]; readonly perClass: number[][] };
  readonly models: { readonly params: number; readonly bytes: number }[];
  readonly topology: Readonly<Record<string, number | boolean>>;
  readonly traffic: {
    readonly roundsRun: number;
    readonly totalBytes?: { least: number; most: number };
    readonly bytesByRound: number[];
  };
}
const shown = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Shown);

test('the split, the model and the topology are those of the run', async () => {
  const [ring, complete] = shown((await show('--json')).out);
  assert.equal(ring!.variant, 'ring');
  assert.deepEqual(ring!.data.rows, [20, 20, 20, 20]);
  assert.equal(
    ring!.data.perClass.flat().reduce((sum, rows) => sum + rows, 0),
    80,
  );
  assert.deepEqual(
    ring!.models.map(({ params, bytes }) => [params, bytes]),
    [[18, 72]],
  );
  const { spectralGap, ...rest } = ring!.topology;
  assert.deepEqual(rest, {
    nodes: 4,
    links: 8,
    directed: false,
    connected: true,
    degree: { least: 2, mean: 2, greatest: 2 },
    diameter: 2,
    diameterIsExact: true,
  });
  // The eigenvalues of Metropolis–Hastings weights on a ring of 4: 1, 1/3, 1/3, −1/3.
  assert.ok(Math.abs((spectralGap as number) - 2 / 3) < 1e-12);
  assert.equal(complete!.topology.diameter, 1);
});

test('where all rounds are alike, the predicted traffic is what the whole run sends', async () => {
  const predicted = shown((await show('--json')).out).map(({ traffic }) => traffic);
  const plans = planScenario(await loadScenario('a.yaml'));
  for (const [k, plan] of plans.entries()) {
    const { result } = await runToEnd(plan);
    const { sent } = result.traffic.bytes;
    assert.deepEqual(predicted[k]!.totalBytes, { least: sent, most: sent });
    assert.equal(predicted[k]!.roundsRun, 2);
  }
});

test('where rounds differ, the prediction has both ends, and the run lies between them', async () => {
  const algorithm =
    'algorithm: { use: mhd, mode: checkpoint, refresh: 3, batch: 8, publicBatch: 4, auxiliaryHeads: 1 }';
  const data =
    'data: { use: blobs, features: 8, classes: 2, train: 80, test: 20, publicRows: 8, split: { use: iid } }';
  writeFileSync('b.yaml', scenarioText({ algorithm, data, stop: 'stop: { after: 6 rounds }' }));
  const [only] = shown((await mycel('show', 'b.yaml', '--workers', '0', '--json')).out);
  const { least, most } = only!.traffic.totalBytes!;
  const [plan] = planScenario(await loadScenario('b.yaml'));
  const { sent } = (await runToEnd(plan!)).result.traffic.bytes;
  assert.ok(least < sent && sent < most, `${least} < ${sent} < ${most}`);
  assert.match(
    (await mycel('show', 'b.yaml', '--workers', '0')).out,
    /in round 0\n.*in round 1\n +from .* to .* in 6 rounds/,
  );
});

test('as text, a variant has a paragraph for each subject, and says once what is the same', async () => {
  const { code, out } = await show();
  assert.equal(code, 0);
  const [ring, complete] = out.split('\n\n');
  assert.match(
    ring!,
    /^a\.yaml ring seed 1\n {2}data +blobs: 80 training rows, 20 test rows of \[8\], 2 classes\n/,
  );
  assert.match(
    ring!,
    /\n {2}topology +ring: 4 nodes, 8 links\n +connected, degree 2, diameter 2\n +spectral gap 0\.667\n/,
  );
  assert.match(ring!, /\n {2}traffic +832 B a round: 8 × model, 832 B\n +about 2\.50 kB in 3 rounds/);
  assert.match(ring!, /\n {2}events +node-down \(node: 1, at: 60s, for: 2s, task: pause\)\n/);
  assert.match(ring!, /\n {2}stop +after 3 rounds, or at 100d of virtual time/);
  assert.match(complete!, /\n {2}data +as in ring\n/);
  assert.match(complete!, /\n {2}topology +complete: 4 nodes, 12 links\n/);
  for (const line of out.split('\n')) assert.ok(line.length <= 80, line);
});

test('acknowledgements have bytes, and no number of messages', async () => {
  // A message of 104 bytes is three packets of up to 50 bytes, each with a header of 10: 134 bytes, two acknowledgements.
  const framing = '{ mtu: 50B, header: 10B, acks: { size: 20B, every: 2 } }';
  const { code, out } = await show('--set', `network.framing=${framing}`);
  assert.equal(code, 0);
  assert.match(out, /\n {2}traffic +1\.39 kB a round: 8 × model, 1\.07 kB; acknowledgements, 320 B\n/);
});

test('one variant can be shown, without running rounds', async () => {
  const { out } = await show('--variant', 'complete', '--for', '0s', '--json');
  const [only, ...others] = shown(out);
  assert.equal(only!.variant, 'complete');
  assert.deepEqual(only!.traffic.bytesByRound, []);
  assert.equal(only!.traffic.roundsRun, 0);
  assert.deepEqual(others, []);
  const unknown = await show('--variant', 'rign');
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /^unknown variant "rign"\. Did you mean "ring"\?/);
});

test('of links that differ from round to round it says what mixing does with them', async () => {
  const changing = [
    '--set',
    'compare=',
    '--set',
    'topology=one-peer-exponential',
    '--set',
    'algorithm.mixing=uniform',
  ];
  const [one] = shown((await show('--json', ...changing)).out);
  assert.deepEqual(one!.topology.changing, { rounds: 2, factor: 0 });
  assert.equal(one!.topology.spectralGap, undefined);
  const { out } = await show(...changing);
  assert.match(
    out.replace(/\s+/g, ' '),
    /links differ from round to round, and 2 rounds of mixing are an exact average/,
  );
});
