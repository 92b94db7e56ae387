import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../random.js';
import { residual, withMemory } from './error-feedback.js';
import { float16 } from './float16.js';
import { float32 } from './float32.js';
import { topK } from './top-k.js';

const LENGTH = 12;
const random = new Random('error feedback');
const vectors = fc.array(
  fc.float32Array({ minLength: LENGTH, maxLength: LENGTH, min: -100, max: 100, noNaN: true }),
  { minLength: 1, maxLength: 8 },
);

/** What receivers got in all, dense, and the last memory. */
function transmit(codec: ReturnType<typeof float32>, updates: readonly Float32Array[]) {
  const got = new Float64Array(LENGTH);
  let memory: Float32Array | null = null;
  for (const update of updates) {
    const sent = withMemory(update, memory);
    const { bytes, indexBytes } = codec.encode({ values: sent }, random);
    const view = codec.decode(bytes, indexBytes);
    for (const [k, value] of view.values.entries()) got[view.indices ? view.indices[k]! : k]! += value;
    memory = residual(sent, view);
  }
  return { got, memory: memory! };
}

test('the decoded vectors and the memory add up to all vectors that were to be sent', () => {
  for (const codec of [float16(LENGTH), topK({ k: 3, indices: 'u32' }, LENGTH)]) {
    fc.assert(
      fc.property(vectors, (updates) => {
        const { got, memory } = transmit(codec as never, updates);
        for (let i = 0; i < LENGTH; i++) {
          const wanted = updates.reduce((sum, update) => sum + update[i]!, 0);
          assert.ok(
            Math.abs(got[i]! + memory[i]! - wanted) <= 1e-3,
            `${got[i]} + ${memory[i]} is not ${wanted}`,
          );
        }
      }),
      { seed: 6 },
    );
  }
});

test('a lossless codec leaves a memory of zeros', () => {
  const { memory } = transmit(float32(LENGTH), [new Float32Array(LENGTH).fill(0.1)]);
  assert.deepEqual(memory, new Float32Array(LENGTH));
});

test('by hand: top-1 sends −5 of 3, −5, 1, and the next time 3 + 3', () => {
  const codec = topK({ k: 1, indices: 'u32' }, 3);
  const update = Float32Array.of(3, -5, 1);
  const first = codec.encode({ values: withMemory(update, null) }, random);
  const memory = residual(update, codec.decode(first.bytes, first.indexBytes));
  assert.deepEqual([...memory], [3, 0, 1]);
  const second = codec.encode({ values: withMemory(update, memory) }, random);
  const view = codec.decode(second.bytes, second.indexBytes);
  assert.deepEqual([[...view.indices!], [...view.values]], [[0], [6]]);
});

test('a coordinate that a sparse view leaves out stays in the memory, which is a vector and nothing else', () => {
  const view = { length: 3, values: Float32Array.of(-5), indices: Uint32Array.of(1) };
  assert.deepEqual(residual(Float32Array.of(3, -5, 1), view), Float32Array.of(3, 0, 1));
  const dense = { length: 2, values: Float32Array.of(1, 1) };
  assert.deepEqual(residual(Float32Array.of(3, 2), dense), Float32Array.of(2, 1));
});
