/** Where two runs part: found by marks, and by computing both again side by side. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mycel, mycelElsewhere } from './support/cli.js';
import { scenarioText } from './support/scenario-base.js';
import { workIn } from './support/work-in.js';

const folder = workIn('mycel-diff-');

const here = (...args: string[]) => mycel(...args, '--workers', '0');

async function run(out: string, ...args: string[]): Promise<void> {
  const { code, err } = await here('run', 'base.yaml', '--quiet', '--out', out, ...args);
  assert.equal(code, 0, err);
}

writeFileSync(
  join(folder, 'base.yaml'),
  scenarioText({
    network:
      'network: { latency: { use: uniform, from: 1ms, to: 30ms }, uplink: 1Mbps, downlink: 1Mbps, drop: 5% }',
    algorithm: 'algorithm: { use: d-psgd, localSteps: 1, batch: 8, deadline: 100ms }',
    stop: 'stop: { after: 40 rounds }',
  }),
);

test('equal runs are the same; what was changed in a file, and cannot be computed again, is said to be so', async () => {
  await run('a');
  await run('b', '--backend', 'wasm');
  cpSync(join(folder, 'a'), join(folder, 'c'), { recursive: true });
  assert.deepEqual(await here('diff', 'a/base/1', 'c/base/1'), {
    code: 0,
    out: 'the same to the bit\n',
    err: '',
  });
  const metrics = join(folder, 'c/base/1/metrics.csv');
  writeFileSync(metrics, readFileSync(metrics, 'utf8').replace(/accuracy,[\d.]+/, 'accuracy,0.123'));
  const { code, out } = await here('diff', 'a/base/1', 'c/base/1');
  assert.equal(code, 1);
  assert.match(out, /^from a\/base\/1 to c\/base\/1:\n {2}metrics\.csv: line 2 was /);
  assert.match(
    out,
    /\nthe first \d+ events are the same \(.*\)\ncomputed here, both runs do the same: they differ by where, .*\n {2}a\/base\/1: mycel 0\.1\.0, v\d+/,
  );
});

test('the first event that differs is named, with its field, whatever came before it', async () => {
  await run('latency', '--set', 'network.latency={ use: uniform, from: 1ms, to: 30000001ns }');
  const { code, out } = await here('diff', 'a/base/1', 'latency/base/1');
  assert.equal(code, 1);
  assert.match(out, /summary\.json: scenario\.network\.latency\.to was "30ms", and is "30000001ns"/);
  assert.match(out, /\nthe first \d+ events are the same \([\d.]+ \w+\), the first \d+ are not\n/);
  assert.match(
    out,
    /\nno random draw differs before the first event that does\nfirst event that differs: event \d+ at .*: message-arrival on \d \(\w+ from \d\)\n {2}time_ns was \d+, and is \d+\n$/,
  );
  const [, number, before, now] = /event (\d+) at .*\n {2}time_ns was (\d+), and is (\d+)/.exec(out)!;
  assert.equal(Math.abs(Number(before) - Number(now)), 1);
  // The same by files of mycel replay, one event before and one after.
  const range = `${Number(number) - 1}..${Number(number) + 2}`;
  for (const name of ['a', 'latency']) {
    assert.equal(
      mycelElsewhere('replay', `${name}/base/1`, '--events', range, '--out', `${name}.ndjson`).code,
      0,
    );
  }
  const lines = readFileSync(join(folder, 'a.ndjson'), 'utf8').trim().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).event),
    [0, 1, 2].map((k) => Number(number) - 1 + k),
  );
  const files = mycelElsewhere('diff', 'a.ndjson', 'latency.ndjson');
  assert.equal(files.code, 1);
  assert.ok(out.includes(files.out.trim()), files.out);
  assert.deepEqual((await here('diff', 'a.ndjson', 'a.ndjson')).code, 0);
});

test('the first draw that differs is named, before the first event and after it', async () => {
  await run('seed', '--seed', '2');
  const seeds = await here('diff', 'a/base/1', 'seed/base/2');
  assert.match(
    seeds.out,
    /\nfirst random draw that differs: before the first event: the stream "data\/source" had \d+ draws, fingerprint \w{16}, and has \d+ draws, fingerprint \w{16}\nfirst event that differs: event \d+ at /,
  );
  await run('drop', '--set', 'network.drop=0%');
  const { out } = await here('diff', 'a/base/1', 'drop/base/1');
  const [, drawn, happened] =
    /\nfirst random draw that differs: event (\d+) at .*: was [\d.]+ from "link \d>\d\/drop", and is [\d.]+ from "link \d>\d\/latency"\nfirst event that differs: event (\d+) at .*\n {2}ended: bytes sent · 4 \+ outcome \(0 delivered, 1 dropped, 2 cut\) was 417, and is 416\n$/.exec(
      out,
    )!;
  assert.ok(Number(drawn) < Number(happened));
});

test('what cannot be compared is refused', async () => {
  assert.match((await here('diff', 'a/base/1', 'missing')).err, /missing/);
  writeFileSync(join(folder, 'bad.ndjson'), '{"event":0,"time_ns":0,"draws":[],"numbers":[]}\nnot json\n');
  const bad = await here('diff', 'bad.ndjson', 'bad.ndjson');
  assert.equal(bad.code, 2);
  assert.match(bad.err, /bad\.ndjson:2: expected a line that mycel replay has written/);
  for (const events of ['5', '5..5', '9..3', 'a..b']) {
    const { code, err } = await here('replay', 'a/base/1', '--events', events);
    assert.equal(code, 2);
    assert.match(err, /expected a range of events such as 1000\.\.2000/);
  }
});
