import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bodyOf, logOf, Rig, type RigParts, runAudited } from '../../test/support/network.js';
import { decodeMessage, encodeMessage, withChecksum } from '../wire/header.js';
import { Framing } from './framing.js';
import { framingOf, networkOptions } from './options.js';
import { messageBytes, partsOfPrefix, sizeOf } from './parts.js';

/** 1,000 bytes in packets of up to 300 bytes and 25 more: 300, 300, 300 and 100, so 1,100 bytes on the wire. */
const FRAMING = { mtu: '300B', header: '25B' };
const LINKS = { uplink: '1Mbps', downlink: '1Mbps', latency: { use: 'constant', value: '20ms' } };

async function run(parts: Partial<RigParts>, framing: object = FRAMING) {
  const rig = new Rig({ nodes: 3, ...parts, network: { ...LINKS, ...parts.network, framing } }).start();
  await runAudited(rig);
  return { log: rig.log, totals: rig.ledger.totals(), rows: [...rig.ledger.rows()] };
}

test('every packet has a header, the last one too, and they take their time on the links', async () => {
  const { log, totals } = await run({ sends: [{ at: 0, from: 0, to: 1 }] });
  // 1,100 bytes at 1 Mbps are 8.8 ms.
  assert.deepEqual(log, ['28800000 delivered 0>1 #0']);
  assert.deepEqual(totals.parts, { values: 968, index: 0, header: 32, framing: 100 });
  assert.deepEqual([totals.bytes.sent, totals.bytes.delivered, totals.messages.sent], [1100, 1100, 1]);
});

test('a message that fills its packets has no further one', async () => {
  const framingBytes = async (bytes: number) =>
    (await run({ sends: [{ at: 0, from: 0, to: 1, bytes }] })).totals.parts.framing;
  assert.deepEqual(await Promise.all([299, 300, 301, 600, 601].map(framingBytes)), [25, 25, 50, 50, 75]);
});

test('a dropped attempt and each of its repetitions is charged with its packets', async () => {
  const network = { drop: '100%', retry: { timeout: '100ms', tries: 3 } };
  const { log, totals } = await run({ network, sends: [{ at: 0, from: 0, to: 1, reliable: true }] });
  // Attempts at 0, 128.8 and 257.6 ms.
  assert.deepEqual(log, ['386400000 undelivered 0>1 #0']);
  assert.deepEqual([totals.bytes.sent, totals.bytes.dropped, totals.parts.framing], [3300, 3300, 300]);
  assert.deepEqual([totals.messages.retried, totals.parts.header, totals.parts.values], [2, 96, 2904]);
});

test('a cut attempt is charged the bytes on the wire that had left, each as what it is', async () => {
  const cutAfter = async (ns: number) => {
    const faults = [{ use: 'node-down', node: 0, at: `${ns}ns` }];
    const { totals } = await run({ faults, sends: [{ at: 0, from: 0, to: 1 }] });
    const { parts, bytes, messages } = totals;
    assert.deepEqual([messages.cut, bytes.cut, bytes.sent + bytes.unsent], [1, bytes.sent, 1100]);
    return [bytes.sent, parts.framing, parts.header, parts.values];
  };
  // A byte takes 8,000 ns: within the first header; one byte of the message's header; into the second and third packet.
  assert.deepEqual(await cutAfter(80_000), [10, 10, 0, 0]);
  assert.deepEqual(await cutAfter(208_000), [26, 25, 1, 0]);
  assert.deepEqual(await cutAfter(2_600_000), [325, 25, 32, 268]);
  assert.deepEqual(await cutAfter(2_680_000), [335, 35, 32, 268]);
  assert.deepEqual(await cutAfter(5_207_999), [650, 50, 32, 568]);
});

test('acknowledgements are bytes from the receiver back, in rows of their own, and no messages', async () => {
  const acks = { size: '40B', every: 2 };
  const sends = [
    { at: 0, from: 0, to: 1, round: 5 },
    { at: 0, from: 2, to: 1, bytes: 1001, type: 1 },
    { at: 1, from: 0, to: 1, bytes: 33, round: 5 },
  ];
  const { log, totals, rows } = await run({ sends }, { ...FRAMING, acks });
  const plain = await run({ sends });
  assert.deepEqual(log, plain.log, 'they take no time and no bandwidth');
  const own = rows.filter(({ type }) => type === 'acknowledgements');
  // 4 packets and 1 packet in round 5: 2 and 1 acknowledgements. 4 packets from node 2: 2.
  assert.deepEqual(
    own.map((row) => [row.from, row.to, row.round, row.sent_bytes, row.delivered_bytes, row.framing_bytes]),
    [
      [1, 0, 5, 120, 120, 120],
      [1, 2, 0, 80, 80, 80],
    ],
  );
  assert.ok(own.every((row) => row.sent_messages === 0 && row.delivered_messages === 0));
  assert.deepEqual(totals.messages, plain.totals.messages);
  assert.equal(totals.bytes.sent, plain.totals.bytes.sent + 200);
  assert.deepEqual(
    rows.filter(({ type }) => type !== 'acknowledgements'),
    plain.rows,
  );
});

test('an attempt that is dropped or cut is not acknowledged', async () => {
  const acks = { size: '40B', every: 1 };
  const sends = [{ at: 0, from: 0, to: 1 }];
  const dropped = await run({ sends, network: { drop: '100%' } }, { ...FRAMING, acks });
  const faults = [{ use: 'node-down', node: 1, at: '10ms' }];
  const cut = await run({ sends, faults }, { ...FRAMING, acks });
  assert.deepEqual([dropped.totals.bytes.sent, cut.totals.bytes.sent], [1100, 1100]);
});

test('without framing there are no packets, and defaults are those of TCP over IPv4', async () => {
  const options = networkOptions.parse(LINKS);
  assert.equal(framingOf(options), undefined);
  assert.equal('framing' in options, false);
  const given = networkOptions.parse({ ...LINKS, framing: { acks: {} } }).framing;
  assert.deepEqual(given, { mtu: 1460, header: 40, acks: { size: 40, every: 2 } });
  for (const framing of [{ mtu: '0B' }, { acks: { every: 0 } }, { mtu: 1500 }, { header: '-1B' }, 'tcp'])
    assert.equal(networkOptions.safeParse({ ...LINKS, framing }).success, false);
  const log = await logOf({ nodes: 2, network: LINKS, sends: [{ at: 0, from: 0, to: 1 }] });
  assert.deepEqual(log, ['28000000 delivered 0>1 #0']);
});

test('a saved run with packets and acknowledgements continues as if it had not been stopped', async () => {
  const network = { ...LINKS, drop: '20%', framing: { ...FRAMING, acks: { size: '40B', every: 3 } } };
  const sends = Array.from({ length: 40 }, (_, k) => {
    const from = k % 3;
    return { at: k * 3e6, from, to: (from + 1) % 3, bytes: 40 + 97 * k, reliable: k % 2 === 0 };
  });
  const faults = [{ use: 'node-down', node: 1, at: '50ms', for: '40ms' }];
  const whole = new Rig({ nodes: 3, network, sends, faults }).start();
  await runAudited(whole);
  const first = new Rig({ nodes: 3, network, sends, faults }).start();
  await runAudited(first, 70e6);
  const second = new Rig({ nodes: 3, network, sends, faults }).load(structuredClone(first.save()));
  await runAudited(second);
  assert.deepEqual([...first.log, ...second.log], whole.log);
  assert.deepEqual([...second.ledger.rows()], [...whole.ledger.rows()]);
  assert.deepEqual(second.ledger.totals(), whole.ledger.totals());
});

test('the parts of any prefix add up to it, and grow byte by byte in the order of the packets', () => {
  const sizes = fc.record({ mtu: fc.integer({ min: 1, max: 50 }), header: fc.integer({ min: 0, max: 20 }) });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 0, max: 120 }), (options, length) => {
      const framing = new Framing({ ...options, acks: undefined });
      const body = bodyOf(length, Math.min(length, 10));
      // The packets themselves, written out: `f` for their bytes, `m` for those of the message.
      let wire = '';
      for (let left = 32 + length; left > 0; left -= options.mtu)
        wire += 'f'.repeat(options.header) + 'm'.repeat(Math.min(left, options.mtu));
      const size = sizeOf(body, framing);
      assert.equal(size.bytes, wire.length);
      for (let sent = 0; sent <= wire.length; sent++) {
        const parts = partsOfPrefix(body, sent, framing);
        const framed = wire.slice(0, sent).replaceAll('m', '').length;
        assert.equal(parts.framing, framed);
        assert.equal(parts.values + parts.index + parts.header, sent - framed);
      }
      const { bytes: _, ...whole } = size;
      assert.deepEqual(partsOfPrefix(body, wire.length, framing), whole);
    }),
    { numRuns: 60, seed: 7 },
  );
});

test('what is counted for a message is the length of its encoding, which decodes to the message', async () => {
  const body = withChecksum({
    ...{ bytes: Uint8Array.of(1, 2, 3, 4, 5), indexBytes: 1, valuesBytes: 4, headerBytes: 0 },
  });
  const rig = new Rig({ nodes: 300, network: LINKS });
  rig.network.send({ from: 299, to: 7, type: 1, round: 70_000, body, reliable: false });
  const [attempt] = rig.network.underWay();
  const encoded = encodeMessage(attempt!.message, body);
  assert.deepEqual([encoded.length, attempt!.bytes, messageBytes(body)], [37, 37, 37]);
  assert.equal(rig.ledger.totals().bytes.sent, encoded.length);
  assert.equal(rig.ledger.totals().parts.header, encoded.length - body.bytes.length);
  const decoded = decodeMessage(encoded);
  assert.deepEqual([...decoded.body], [...body.bytes]);
  assert.deepEqual(decoded.header, {
    ...{ type: 1, from: 299, to: 7, round: 70_000, sequence: 0 },
    ...{ payloadBytes: 5, indexBytes: 1, crc32: body.crc32 },
  });
});

test('a message whose header cannot be encoded is not sent', () => {
  const rig = new Rig({ nodes: 2 });
  const message = { from: 0, to: 1, type: 0, reliable: false, body: bodyOf(8) };
  assert.throws(() => rig.network.send({ ...message, round: 2 ** 32 }), /unsigned 32-bit number as round/);
});
