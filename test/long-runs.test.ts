/** What grows with the length of a run is laid aside on the disk or bounded, and changes no result. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import { carryOut } from '../src/cli/carry-out.js';
import { findCheckpoint } from '../src/cli/checkpoints.js';
import { MemoryWatch } from '../src/cli/memory-watch.js';
import { silent } from '../src/cli/progress.js';
import type { ByteStore } from '../src/network/archive.js';
import { readScenario } from '../src/scenario/load.js';
import { planScenario } from '../src/scenario/plan.js';
import type { InnerExecution } from '../src/simulation/plan.js';
import { collect } from '../src/simulation/run.js';
import { Simulation } from '../src/simulation/simulation.js';
import { type PlanSketch, planOf } from '../src/testing/index.js';
import { scenarioText } from './support/scenario-base.js';

const folder = mkdtempSync(join(tmpdir(), 'mycel-long-'));
test.after(() => rmSync(folder, { recursive: true }));

/** Messages that are lost, cut, tried again and ignored. */
const ROUGH: PlanSketch = {
  nodes: 5,
  topology: 'complete',
  network: {
    latency: { use: 'uniform', from: '1ms', to: '60ms' },
    uplink: '300kbps',
    downlink: '300kbps',
    drop: '20%',
    retry: { timeout: '20ms', tries: 3 },
  },
  algorithm: { use: 'd-psgd', localSteps: 1, batch: 4, deadline: '40ms', reliable: true },
  faults: [{ use: 'random-node-down', up: '700ms', down: '200ms' }],
  stop: { after: '12 rounds', at: '1h' },
};

class MemoryStore implements ByteStore {
  bytes: Uint8Array = new Uint8Array(0);
  append(more: Uint8Array): void {
    this.bytes = Buffer.concat([this.bytes, more]);
  }
  read(start: number, length: number): Uint8Array {
    return this.bytes.slice(start, start + length);
  }
}

const ONE: InnerExecution = { backend: 'cpu', workers: 0 };

async function simulate(execution: InnerExecution) {
  const simulation = await Simulation.create(planOf(ROUGH), execution);
  const { result } = await collect(simulation);
  await simulation.close();
  return result;
}

test('a ledger that lays its cells aside gives the same traffic, in the middle of retries, cuts and late messages', async () => {
  const plain = await simulate(ONE);
  const { messages } = plain.traffic;
  for (const kind of ['dropped', 'cut', 'ignored', 'retried'] as const)
    assert.ok(messages[kind] > 0, `some messages are ${kind}`);
  for (const cells of [1, 20, 60]) {
    const store = new MemoryStore();
    const archived = await simulate({ ...ONE, archive: { store, cells } });
    assert.ok(store.bytes.length > 0, 'something was laid aside');
    assert.deepEqual(archived.fingerprints, plain.fingerprints);
    assert.deepEqual([...archived.trafficRows()], [...plain.trafficRows()]);
    assert.deepEqual(archived.traffic, plain.traffic);
  }
});

test('a run that has laid cells aside can be saved and restored after any event', async () => {
  const plain = await simulate(ONE);
  for (const share of [0.2, 0.5, 0.9]) {
    const execution: InnerExecution = { ...ONE, archive: { store: new MemoryStore(), cells: 20 } };
    const first = await Simulation.create(planOf(ROUGH), execution);
    await first.step(Math.floor(share * plain.events));
    const state = deserialize(serialize(first.save()));
    await first.close();
    const second = await Simulation.restore(planOf(ROUGH), execution, state);
    const { result } = await collect(second);
    await second.close();
    assert.deepEqual([...result.trafficRows()], [...plain.trafficRows()]);
    assert.deepEqual(result.traffic, plain.traffic);
  }
});

const TEXT = scenarioText({
  topology: 'topology: { use: complete }',
  network: 'network: { latency: { use: constant, value: 10ms }, uplink: 1Mbps, downlink: 1Mbps, drop: 10% }',
  algorithm: 'algorithm: { use: d-psgd, localSteps: 1, batch: 8, deadline: 100ms }',
  stop: 'stop: { after: 30 rounds }',
});

async function requestOf(name: string) {
  const [plan] = planScenario(await readScenario(TEXT, 'long.yaml'));
  return { plan: plan!, folder: join(folder, name) };
}

const tablesOf = (path: string) =>
  Object.fromEntries(
    readdirSync(path)
      .filter((name) => name.endsWith('.csv'))
      .map((name) => [name, readFileSync(join(path, name), 'utf8')]),
  );

test('what was laid aside is no result, belongs to the checkpoints, and a resumed run ends with the same tables', async () => {
  const settings = { execution: ONE, progress: silent, trace: false };
  const whole = await carryOut(await requestOf('whole'), settings);
  const stop = new AbortController();
  const request = await requestOf('stopped');
  let checkpoints = 0;
  const stopped = await carryOut(request, {
    ...settings,
    execution: { ...ONE, signal: stop.signal },
    cells: 30,
    interval: { rounds: 4 },
    onCheckpoint: () => ++checkpoints === 3 && stop.abort(),
  });
  assert.ok(stopped.isResumable);
  const spool = join(`${request.folder}.running`, 'laid-aside');
  const { checkpoint, number } = findCheckpoint(request.folder);
  assert.equal(checkpoint.files['laid-aside']?.bytes, statSync(spool).size);
  const resumed = await carryOut(request, {
    ...settings,
    cells: 50,
    interval: { rounds: 4 },
    from: { checkpoint, number },
  });
  assert.deepEqual(tablesOf(resumed.folder), tablesOf(whole.folder));
  assert.deepEqual(readdirSync(resumed.folder), readdirSync(whole.folder));
  assert.ok(!existsSync(`${request.folder}.running`));
});

test('a run that outgrows the memory is stopped, says so, and keeps what it has measured or its checkpoint', async () => {
  const settings = { execution: ONE, progress: silent, trace: false };
  const greedy = () => {
    let now = 0;
    return new MemoryWatch({ limit: 1e9, used: () => (now > 3000 ? 2e9 : 1e6), now: () => (now += 200) });
  };
  const kept = await requestOf('greedy');
  await assert.rejects(carryOut(kept, { ...settings, watch: greedy() }), {
    code: 'out-of-memory',
    message:
      /within 1\.00 GB of memory, got one that had grown to 2\.00 GB in round .* kept in .*interrupted/,
  });
  assert.ok(existsSync(join(`${kept.folder}.interrupted`, 'metrics.csv')));
  const resumable = await requestOf('greedy-with-checkpoint');
  await assert.rejects(carryOut(resumable, { ...settings, watch: greedy(), interval: { rounds: 1000 } }), {
    message: /go on with: mycel resume .*greedy-with-checkpoint/,
  });
  assert.ok(findCheckpoint(resumable.folder).checkpoint.at.events > 0);
});

test('a slow node keeps messages of so many rounds as `ahead` says, and ignores the others', async () => {
  const kept = async (ahead: number | undefined) => {
    const simulation = await Simulation.create(
      planOf({
        nodes: 3,
        topology: 'complete',
        // Node 2 computes a hundred times longer.
        compute: { use: 'choice', speeds: ['1GFLOPS', '10MFLOPS'], shares: [2 / 3, 1 / 3] },
        algorithm: { use: 'd-psgd', localSteps: 40, batch: 8, deadline: '1ms', ...(ahead && { ahead }) },
        network: { latency: { use: 'constant', value: '10us' } },
        stop: { after: undefined, at: '200ms' },
      }),
      { ...ONE },
    );
    let most = 0;
    while (!(await simulation.step(20)))
      for (const { state } of simulation.save().world.actors)
        most = Math.max(most, (state as { inbox: unknown[] }).inbox.length);
    await simulation.close();
    return most;
  };
  assert.ok((await kept(3)) <= 6, 'two neighbours, three rounds');
  assert.ok((await kept(undefined)) > 6);
});
