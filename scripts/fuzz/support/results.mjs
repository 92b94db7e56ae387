// The small scenario of kinds that run the command, its results, and whether they are the same.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './inputs.mjs';

/** With all that has state: loss, retries, faults, latencies by chance, a topology that changes, measuring by time. */
export function scenarioText({ rounds = 12 } = {}) {
  return `seed: 1
nodes: 5
data: { use: blobs, features: 8, classes: 4, train: 200, test: 40, validation: 20%, split: { use: groups, groups: 2, classes: 2 } }
model: { use: softmax }
topology: { use: complete }
network: { latency: { use: uniform, from: 1ms, to: 30ms }, uplink: 1Mbps, downlink: 1Mbps, drop: 5%, sharing: fair }
algorithm: { use: l2c, localSteps: 1, batch: 8, keep: 2, pruneAfter: 5, deadline: 200ms }
faults: [{ use: random-node-down, up: 2s, down: 300ms }]
measure: { every: 100ms, probes: [accuracy, loss, bytes] }
stop: { after: ${rounds} rounds }
`;
}

/** The files of a result by name, as text; without what `diff` and `verify` ignore: the machine. */
export function filesOf(folder, encoding = 'utf8') {
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, comparable(join(folder, name), name, encoding)]),
  );
}

function comparable(path, name, encoding) {
  if (name !== 'summary.json') return readFileSync(path, encoding);
  const text = readFileSync(path, 'utf8');
  try {
    const { machine: _machine, ...summary } = JSON.parse(text);
    return JSON.stringify(summary);
  } catch {
    return `no summary: ${text}`;
  }
}

/** Throws a Failure unless a folder has exactly the expected files. */
export function expectSame(folder, expected, what) {
  if (!existsSync(folder)) throw new Failure(`${what}: expected the results in ${folder}, got none`);
  expectSameFiles(filesOf(folder), expected, `${what}: ${folder}`);
}

/** As {@link expectSame}, for files that were read. */
export function expectSameFiles(files, expected, what) {
  for (const name of new Set([...Object.keys(files), ...Object.keys(expected)])) {
    if (files[name] === expected[name]) continue;
    const got = files[name] === undefined ? 'none' : expected[name] === undefined ? 'a new one' : 'another';
    throw new Failure(`${what}: expected ${name} as in a run that nothing has disturbed, got ${got}`);
  }
}
