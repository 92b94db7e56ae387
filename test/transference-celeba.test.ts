/** The CelebA scenario from its file to its samples, on made-up images and with a small network. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadScenario } from '../src/scenario/load.js';
import { runToEnd } from '../src/testing/run.js';
import { encodeJpeg } from './support/jpeg.js';

const NAMES = ['Male', 'Mustache', 'High_Cheekbones', 'Smiling', 'Heavy_Makeup', 'Wearing_Lipstick'];

/** Bright and dark faces: the first three attributes are those of the bright ones, the others those of the dark ones. */
async function madeUpCeleba(count: number): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'mycel-celeba-'));
  mkdirSync(join(directory, 'img_align_celeba'));
  const [width, height] = [178, 218];
  const lines = [String(count), NAMES.join(' ')];
  for (let k = 0; k < count; k++) {
    const bright = k % 2 === 0;
    const name = `${String(k + 1).padStart(6, '0')}.jpg`;
    const data = new Uint8ClampedArray(4 * width * height).fill((bright ? 150 : 60) + ((k * 7) % 40));
    writeFileSync(join(directory, 'img_align_celeba', name), await encodeJpeg({ width, height, data }, 80));
    lines.push(`${name} ${NAMES.map((_, a) => (bright === a < 3 ? 1 : -1)).join(' ')}`);
  }
  writeFileSync(join(directory, 'list_attr_celeba.txt'), lines.join('\n'));
  return directory;
}

test('the CelebA scenario on made-up faces: six nodes learn one attribute each, and halve their mean loss', async () => {
  const directory = await madeUpCeleba(70);
  try {
    const layers =
      '[{ use: conv, filters: 4, kernelSize: 3 }, { use: residual, filters: 4, stride: 2, groups: 1 }, { use: relu }]';
    const set = [
      `data.directory=${directory}`,
      'data.size=8',
      'data.publicRows=12',
      'data.split={ use: attributes, samples: 8 }',
      `model={ use: cnn, layers: ${layers} }`,
      'compare=',
      'algorithm={ use: transference, epochBatches: 2, window: 2, stopAt: 4, batch: 8, learningRate: 0.01 }',
      'stop.after=24 rounds',
      'measure={ every: 24 rounds, at: mixed, probes: [loss] }',
    ];
    const file = join('scenarios', 'papers', 'transference-celeba-paper.yaml');
    const { variants } = await loadScenario(file, { set });
    const { samples } = await runToEnd(variants[0]!.plan, { backend: 'wasm', workers: 0 });
    const losses = (round: number) =>
      samples
        .filter((sample) => sample.round === round && sample.node !== undefined)
        .map(({ value }) => value);
    const [before, after] = [losses(0), losses(24)];
    // All nodes start from the same network: equal attributes have equal losses, opposite ones different losses.
    const [first, , , last] = before;
    assert.deepEqual(before, [first, first, first, last, last, last]);
    assert.notEqual(first, last);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / 6;
    assert.equal(after.length, 6);
    assert.ok(mean(after) < mean(before) / 2, `losses ${after.join(', ')}`);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
