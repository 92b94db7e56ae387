// Damages to bytes, as disks, cables and editors do them.

/** Numbers of 32 bits that formats trip over. */
const WORDS = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x00ffffff, 0x0000ffff, 2 ** 24];

const DAMAGES = [
  // Cut short, anywhere or by a byte.
  (bytes, draw) =>
    bytes.slice(0, draw.chance(0.3) ? Math.max(0, bytes.length - 1) : draw.integer(bytes.length + 1)),
  () => new Uint8Array(0),
  flipped,
  flipped,
  flipped,
  // A byte changed near the beginning, where headers are.
  (bytes, draw) =>
    changed(bytes, (copy) => {
      copy[draw.integer(Math.min(64, copy.length))] = draw.integer(256);
    }),
  // A word of a header.
  (bytes, draw) =>
    changed(bytes, (copy) => {
      if (copy.length < 4) return;
      const view = new DataView(copy.buffer);
      view.setUint32(draw.integer(Math.min(32, copy.length - 3)), draw.pick(WORDS), draw.chance(0.5));
    }),
  // Bytes added, doubled, left out, or put in another order.
  (bytes, draw) => Buffer.concat([bytes, draw.bytes(draw.between(1, 64))]),
  (bytes) => Buffer.concat([bytes, bytes]),
  (bytes, draw) => {
    const [from, to] = range(bytes, draw);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  (bytes, draw) => {
    const [from, to] = range(bytes, draw);
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
  },
  // A hole, as after a power cut.
  (bytes, draw) =>
    changed(bytes, (copy) => {
      const [from, to] = range(copy, draw);
      copy.fill(draw.pick([0, 0xff]), from, to);
    }),
  // Something else altogether.
  (bytes, draw) => draw.bytes(draw.pick([1, 7, 100, bytes.length % 5000])),
];

/** The bytes after one damage, or several; sometimes by chance the same. */
export function damaged(bytes, draw) {
  let result = bytes;
  do {
    result = new Uint8Array(draw.pick(DAMAGES)(Buffer.from(result), draw));
  } while (draw.chance(0.2));
  return result;
}

/** The bytes with one to three bits flipped. */
export function flipped(bytes, draw) {
  return changed(bytes, (copy) => {
    for (let count = draw.between(1, 3); count > 0; count--)
      copy[draw.integer(copy.length)] ^= 1 << draw.integer(8);
  });
}

function changed(bytes, change) {
  const copy = new Uint8Array(bytes);
  if (copy.length > 0) change(copy);
  return copy;
}

function range(bytes, draw) {
  const from = draw.integer(bytes.length + 1);
  return [from, Math.min(bytes.length, from + draw.integer(1 + Math.min(200, bytes.length)))];
}
