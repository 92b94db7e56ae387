import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderWith } from '../../../test/support/latency.js';
import { Rig, readyFaults, runAudited } from '../../../test/support/network.js';
import { UsageError } from '../../errors.js';
import { Streams } from '../../random.js';

const HEADER = 'node,time_s,uplink_bps,downlink_bps\n';
const FAST = '9000000000';
const CSV = { use: 'bandwidth-trace', file: 'links.csv' };

/** Faults of a folder with one file. */
async function readyWith(name: string, text: string, fault: Record<string, unknown>) {
  return readyFaults([fault], { nodes: 2, directory: folderWith({ [name]: text }) });
}

/** When messages of 1,000 bytes from 0 to 1 arrive, in milliseconds; also where the run is saved in the middle. */
async function arrivals(
  ready: Awaited<ReturnType<typeof readyWith>>,
  sharing: string,
  sends: readonly number[],
  bytes = 1000,
): Promise<number[]> {
  const network = { uplink: '9Gbps', downlink: '9Gbps', sharing };
  const parts = { nodes: 2, network, ready, sends: sends.map((at) => ({ at, from: 0, to: 1, bytes })) };
  const whole = new Rig(parts).start();
  const until = 1e9;
  await runAudited(whole, until);
  for (const saved of [1, 2.5e6, 6e6]) {
    const first = new Rig(parts).start();
    await first.kernel.run({ until: saved });
    const second = new Rig(parts).load(structuredClone(first.save()));
    await runAudited(second, until);
    assert.deepEqual([...first.log, ...second.log], whole.log);
  }
  return whole.log.map((line) => Number.parseInt(line, 10) / 1e6);
}

const readyCsv = (lines: string, more: Record<string, unknown> = { after: 'stop' }) =>
  readyWith('links.csv', HEADER + lines, { ...CSV, ...more });

for (const sharing of ['fair', 'fifo']) {
  test(`under ${sharing}, a transfer goes on at the bandwidths of a file, and waits where there is none`, async () => {
    // 8,000 bits: 2,000 in 2 ms at 1 Mbps, none for 3 ms, 4,000 in 2 ms at 2 Mbps, the last 2,000 in 4 ms at 500 kbps.
    const rates = [
      [0, 1e6],
      [0.002, 0],
      [0.005, 2e6],
      [0.007, 5e5],
    ] as const;
    const up = await readyCsv(rates.map(([at, rate]) => `0,${at},${rate},${FAST}`).join('\n'));
    const down = await readyCsv(rates.map(([at, rate]) => `1,${at},${FAST},${rate}`).join('\n'));
    assert.deepEqual(await arrivals(up, sharing, [0]), [11]);
    assert.deepEqual(await arrivals(down, sharing, [0]), [11]);
    // A message that is sent while there is no bandwidth waits for some: 4,000 bits until 7 ms, 4,000 in 8 ms.
    assert.deepEqual(await arrivals(up, sharing, [3e6]), [15]);
  });

  test(`under ${sharing}, a trace begins again after its period`, async () => {
    // 1 Mbps for 2 of every 5 ms: 2,000 bits at 2, 7, 12 and 17 ms.
    const ready = await readyCsv(`0,0,1000000,${FAST}\n0,0.002,0,${FAST}\n`, {
      after: 'repeat',
      period: '5ms',
    });
    assert.deepEqual(await arrivals(ready, sharing, [0]), [17]);
  });

  test(`under ${sharing}, ends are those of exact fractions`, async () => {
    const random = new Streams(9).stream('rates');
    for (let trial = 0; trial < 20; trial++) {
      const rates = Array.from({ length: 12 }, (_, k) => ({
        time: k * 700_001,
        rate: k < 11 && random.uniform() < 0.2 ? 0 : 1 + random.integer(3_000_000),
      }));
      const lines = rates.map(({ time, rate }) => `0,0.${String(time).padStart(9, '0')},${rate},${FAST}`);
      const ready = await readyCsv(lines.join('\n'));
      // What is left, in 10⁻⁹ bits.
      let left = 8000n * 10n ** 9n;
      let end = 0n;
      for (const [k, { time, rate }] of rates.entries()) {
        const next = rates[k + 1]?.time;
        const sent = next === undefined ? left : BigInt(rate) * BigInt(next - time);
        if (sent >= left) {
          end = BigInt(time) + (left + BigInt(rate) - 1n) / BigInt(rate);
          break;
        }
        left -= sent;
      }
      const network = { uplink: '9Gbps', downlink: 'unlimited', sharing };
      const free = ready.map((fault) => ({
        ...fault,
        options: { tracks: fault.options.tracks.filter(({ link }: { link: string }) => link === 'uplink') },
      }));
      const rig = new Rig({ nodes: 2, network, ready: free, sends: [{ at: 0, from: 0, to: 1 }] }).start();
      await runAudited(rig);
      assert.deepEqual(rig.log, [`${end} delivered 0>1 #0`]);
    }
  });

  test(`under ${sharing}, Mahimahi’s traces are bandwidths by bin`, async () => {
    // Bins of 2 ms: two packets of 12,000 bits, none, one; the last bin is 1 ms. That is 12 Mbps, 0, 12 Mbps.
    const trace = '1\n2\n5\n';
    const fault = { use: 'mahimahi', nodes: [0], uplink: 'up.trace', bin: '2ms' };
    const stop = await readyWith('up.trace', trace, { ...fault, after: 'stop' });
    assert.deepEqual(stop[0]!.options.tracks[0].steps, [
      { time: 0, bandwidth: 12e6 },
      { time: 2e6, bandwidth: 0 },
      { time: 4e6, bandwidth: 12e6 },
    ]);
    // 36,000 bits: 24,000 until 2 ms, 12,000 from 4 to 5 ms. 48,000: 12,000 more, until 6 ms.
    const repeat = await readyWith('up.trace', trace, { ...fault, after: 'repeat' });
    assert.deepEqual((await arrivals(stop, sharing, [0], 6000)).map(Math.round), [6]);
    assert.deepEqual((await arrivals(repeat, sharing, [0], 12_000)).map(Math.round), [12]);
  });
}

test('what is wrong in a file of bandwidths is said with file and line', async () => {
  const told = (ready: Promise<unknown>): Promise<string> =>
    ready.then(
      () => 'accepted',
      (error: unknown) => {
        if (error instanceof UsageError) return `${error.path}: ${error.message}`;
        throw error;
      },
    );
  const cases = {
    '0,0,1,1\n2,0,1,1\n': 'links.csv:3: expected a node from 0 to 1 as node, got "2"',
    '0,1,1,1\n': 'links.csv:2: expected the first line of node 0 at time_s 0, got 1',
    '0,0,1,1\n0,2,1,1\n0,2,1,1\n': 'links.csv:4: expected the lines of node 0 in order of time, got time_s 2',
    '0,0,1.5,1\n':
      'links.csv:2: expected whole bits per second from 0 to 9000000000000 as uplink_bps, got "1.5"',
    '0,0,1,\n': 'links.csv:2: expected a downlink_bps, got an empty cell',
  };
  for (const [lines, message] of Object.entries(cases))
    assert.equal(await told(readyCsv(lines)), `faults.0.file: ${message}`);
  const late = readyCsv('0,0,1,1\n0,3,2,2\n', { after: 'repeat', period: '3s' });
  assert.equal(await told(late), 'faults.0.file: links.csv:3: expected a time_s below the period, got 3');
  const endless = readyCsv('0,0,1,1\n', { after: 'repeat' });
  assert.match(await told(endless), /^faults.0.period: expected a period after which the trace repeats/);
  const mahimahi = (text: string) =>
    told(readyWith('up.trace', text, { use: 'mahimahi', uplink: 'up.trace', after: 'stop' }));
  assert.equal(
    await mahimahi('3\n2\n'),
    'faults.0.uplink: up.trace:2: expected milliseconds in order, got 2',
  );
  assert.equal(
    await mahimahi('3\nx\n'),
    'faults.0.uplink: up.trace:2: expected a whole number of milliseconds, got "x"',
  );
  assert.equal(
    await mahimahi('0\n'),
    'faults.0.uplink: expected lines up to a millisecond above 0, got none: up.trace',
  );
});

test('a link that the scenario has unlimited cannot follow a trace', async () => {
  const ready = await readyCsv('0,0,1,1\n');
  const rig = new Rig({ nodes: 2, ready }).start();
  await assert.rejects(
    rig.kernel.run(),
    (error) => error instanceof UsageError && error.path === 'network.uplink',
  );
});
