/** The log of spans says what happened, and changes nothing; `mycel trace` shows it. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PbfReader } from 'pbf';
import { carryOut } from '../src/cli/carry-out.js';
import { findCheckpoint } from '../src/cli/checkpoints.js';
import { silent } from '../src/cli/progress.js';
import { traceCommand } from '../src/cli/trace.js';
import { readParquet } from '../src/report/read-table.js';
import { MESSAGE_SPAN_COLUMNS, NODE_SPAN_COLUMNS } from '../src/report/span-columns.js';
import { readScenario } from '../src/scenario/load.js';
import { planScenario } from '../src/scenario/plan.js';
import type { InnerExecution } from '../src/simulation/plan.js';
import { collect } from '../src/simulation/run.js';
import { Simulation } from '../src/simulation/simulation.js';
import type { MessageSpan, NodeSpan, SpanSink } from '../src/simulation/spans.js';
import { type PlanSketch, planOf } from '../src/testing/index.js';
import { scenarioText } from './support/scenario-base.js';

const folder = mkdtempSync(join(tmpdir(), 'mycel-spans-'));
test.after(() => rmSync(folder, { recursive: true }));

const ONE: InnerExecution = { backend: 'cpu', workers: 0 };

/** Messages with every outcome, nodes that compute, wait and are down. */
function rough(sharing: string): PlanSketch {
  return {
    nodes: 5,
    topology: 'complete',
    network: {
      ...{ latency: { use: 'uniform', from: '1ms', to: '60ms' }, uplink: '300kbps', downlink: '300kbps' },
      ...{ drop: '10%', retry: { timeout: '20ms', tries: 3 }, sharing },
    },
    compute: { use: 'log-normal', median: '1MFLOPS', sigma: 1 },
    algorithm: { use: 'd-psgd', localSteps: 1, batch: 4, deadline: '40ms', reliable: true },
    faults: [{ use: 'random-node-down', up: '700ms', down: '200ms' }],
    stop: { after: '12 rounds', at: '1h' },
  };
}

async function simulate(sharing: string, every?: number) {
  const nodes: NodeSpan[] = [];
  const messages: MessageSpan[] = [];
  const spans: SpanSink | undefined = every
    ? { every, node: (span) => nodes.push(span), message: (span) => messages.push(span) }
    : undefined;
  const simulation = await Simulation.create(planOf(rough(sharing)), {
    ...ONE,
    ...(spans && { spans }),
  } as InnerExecution);
  const { result } = await collect(simulation);
  const { processors } = simulation.save().world;
  await simulation.close();
  return { nodes, messages, result, busy: processors.map(({ busy }) => busy) };
}

for (const sharing of ['fifo', 'fair']) {
  test(`${sharing}: spans change nothing, those of a node leave no gap, and those of messages add up to the ledger`, async () => {
    const plain = await simulate(sharing);
    const { nodes, messages, result, busy } = await simulate(sharing, 1);
    assert.deepEqual(result.fingerprints, plain.result.fingerprints);
    assert.deepEqual(result.traffic, plain.result.traffic);
    for (let node = 0; node < 5; node++) {
      const own = nodes.filter((span) => span.node === node);
      let at = 0;
      for (const { start, end } of own) {
        assert.equal(start, at);
        at = end;
      }
      assert.equal(at, result.time);
      const computed = own.reduce(
        (sum, { kind, start, end }) => sum + (kind === 'compute' ? end - start : 0),
        0,
      );
      const running = own.at(-1)?.kind === 'compute' ? own.at(-1)!.end - own.at(-1)!.start : 0;
      assert.equal(computed - running, busy[node]);
    }
    assert.deepEqual(new Set(nodes.map(({ kind }) => kind)), new Set(['compute', 'wait', 'down']));
    const count = (...outcomes: string[]) =>
      messages.filter(({ outcome }) => outcomes.includes(outcome)).length;
    const { messages: counted, parts } = result.traffic;
    assert.equal(messages.length, counted.sent);
    assert.equal(count('delivered', 'ignored'), counted.delivered);
    assert.equal(count('ignored'), counted.ignored);
    for (const outcome of ['dropped', 'cut'] as const) {
      assert.ok(counted[outcome] > 0);
      assert.equal(count(outcome), counted[outcome]);
    }
    assert.equal(count('in-flight'), counted.inFlight);
    assert.equal(messages.filter(({ attempt }) => attempt > 1).length, counted.retried);
    for (const part of ['values', 'index', 'header', 'framing'] as const)
      assert.equal(
        messages.reduce((sum, message) => sum + message[part], 0),
        parts[part],
      );
    for (const { queued, txStart = queued, txEnd = txStart, arrived = txEnd } of messages)
      assert.ok(queued <= txStart && txStart <= txEnd && txEnd <= arrived);
  });
}

test('every third round is every third of all spans', async () => {
  const all = await simulate('fifo', 1);
  const some = await simulate('fifo', 3);
  const isThird = ({ round }: { readonly round: number }) => round % 3 === 0;
  assert.deepEqual(some.nodes, all.nodes.filter(isThird));
  assert.deepEqual(some.messages, all.messages.filter(isThird));
});

const TEXT = scenarioText({
  topology: 'topology: { use: complete }',
  network:
    'network: { latency: { use: constant, value: 10ms }, uplink: 100kbps, downlink: 100kbps, drop: 10%, sharing: fair }',
  algorithm: 'algorithm: { use: l2c, localSteps: 1, batch: 8, keep: 2, pruneAfter: 4, deadline: 200ms }',
  data: 'data: { use: blobs, features: 8, classes: 2, train: 80, test: 20, validation: 20%, split: { use: iid } }',
  stop: 'stop: { after: 20 rounds }',
});

async function requestOf(name: string) {
  const [plan] = planScenario(await readScenario(TEXT, 'spans.yaml'));
  return { plan: plan!, folder: join(folder, name) };
}

test('spans of a run that was stopped and resumed are the same bytes, and can be shown', async (context) => {
  const settings = { execution: ONE, progress: silent, trace: false, spans: 1 };
  const whole = await carryOut(await requestOf('whole'), settings);
  const stop = new AbortController();
  const request = await requestOf('stopped');
  let checkpoints = 0;
  await carryOut(request, {
    ...settings,
    execution: { ...ONE, signal: stop.signal },
    interval: { rounds: 3 },
    onCheckpoint: () => ++checkpoints === 3 && stop.abort(),
  });
  const { checkpoint, number } = findCheckpoint(request.folder);
  const from = { checkpoint, number };
  const resumed = await carryOut(request, { ...settings, interval: { rounds: 3 }, from });
  assert.deepEqual(readdirSync(resumed.folder), readdirSync(whole.folder));
  for (const name of ['node-spans.parquet', 'message-spans.parquet']) {
    const [a, b] = [whole, resumed].map((run) => readFileSync(join(run.folder, name)));
    assert.ok(a!.equals(b!), name);
  }
  const messages = await readParquet(join(whole.folder, 'message-spans.parquet'), MESSAGE_SPAN_COLUMNS);
  assert.equal(messages.length, whole.result.traffic.messages.sent);
  const nodes = await readParquet(join(whole.folder, 'node-spans.parquet'), NODE_SPAN_COLUMNS);
  assert.equal(Math.max(...nodes.map(({ end_ns }) => end_ns)), whole.result.time);

  context.mock.method(console, 'log', () => {});
  await traceCommand(whole.folder, {});
  const trace = readTrace(readFileSync(join(whole.folder, 'trace.pftrace')));
  const began = messages.filter(({ tx_start_ns }) => tx_start_ns !== undefined);
  assert.equal(trace.filter(({ type }) => type === BEGIN).length, began.length + nodes.length);
  assert.ok(trace.some(({ type }) => type === COUNTER));
  const open = new Set<number>();
  let last = 0;
  for (const { at, type, track } of trace) {
    assert.ok(at >= last, 'in the order of time');
    last = at;
    if (type === BEGIN) assert.ok(!open.has(track), 'slices of one track do not overlap');
    if (type === BEGIN) open.add(track);
    if (type === END) assert.ok(open.delete(track));
  }
  assert.equal(open.size, 0);
  const gexf = readFileSync(join(whole.folder, 'topology.gexf'), 'utf8');
  assert.equal(gexf.match(/<node id=/g)!.length, 4);
  assert.equal(gexf.match(/<edge id=/g)!.length, 12);
  assert.match(gexf, /<attvalue for="weight" value="0\.\d+" start="[\d.]+" end="[\d.]+"\/>/);
});

test('a result without spans has a topology to show, and is told how to get a timeline', async (context) => {
  const run = await carryOut(await requestOf('plain'), { execution: ONE, progress: silent, trace: false });
  const said: string[] = [];
  context.mock.method(console, 'log', (text: string) => said.push(text));
  await traceCommand(run.folder, {});
  assert.match(said.join('\n'), /topology\.gexf.*opens in Gephi\n.*run it again with --spans/);
  assert.ok(!existsSync(join(run.folder, 'trace.pftrace')));
});

const [BEGIN, END, COUNTER] = [1, 2, 4];

interface TraceEvent {
  at: number;
  type: number;
  track: number;
}

/** The events of a trace, by the numbers of Perfetto's fields. */
function readTrace(bytes: Uint8Array): TraceEvent[] {
  const events: TraceEvent[] = [];
  new PbfReader(bytes).readFields((_, __, trace) => {
    const event: TraceEvent = { at: 0, type: 0, track: 0 };
    trace.readMessage((tag, read, packet) => {
      if (tag === 8) read.at = packet.readVarint();
      if (tag === 11)
        packet.readMessage((field, one, inner) => {
          if (field === 9) one.type = inner.readVarint();
          if (field === 11) one.track = inner.readVarint();
        }, read);
    }, event);
    if (event.type > 0) events.push(event);
  }, undefined);
  return events;
}
