/** The canvases of the page, in a browser: what they show is what the files of a run say. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import type { ColumnTable } from '../src/page/data.js';
import { sequential } from '../src/page/network/colours.js';
import { unpack } from '../src/page/packed.js';
import { readCsv, readParquet } from '../src/report/read-table.js';
import { MESSAGE_SPAN_COLUMNS, NODE_SPAN_COLUMNS } from '../src/report/span-columns.js';
import { formatBytes } from '../src/units.js';
import { inBrowser, withoutBrowser } from './support/browser.js';
import { mycel } from './support/cli.js';
import { scenarioText } from './support/scenario-base.js';
import { workIn } from './support/work-in.js';

workIn('mycel-replay-');
const skip = withoutBrowser;

const FOLDER = join('results', 'net', '1');
writeFileSync(
  'net.yaml',
  scenarioText({
    nodes: 'nodes: 6',
    data: 'data: { use: blobs, features: 8, classes: 4, train: 120, test: 40, split: { use: groups, groups: 2, classes: 2 } }',
    network: 'network: { latency: { use: constant, value: 200ms }, uplink: 10kbps, downlink: 10Mbps }',
    algorithm: 'algorithm: { use: d-psgd, localSteps: 1, batch: 8, deadline: 2s }',
    compute: 'compute: { use: constant, speed: 0.01MFLOPS }',
    faults: 'faults: [{ use: node-down, node: 5, at: 1s, for: 1s }]',
    stop: 'stop: { after: 4 rounds }',
  }),
);
const ran = await mycel('run', 'net.yaml', '--spans', '--quiet');
assert.equal(ran.code, 0, ran.err);
const { time_ns: END } = JSON.parse(readFileSync(join(FOLDER, 'summary.json'), 'utf8'));
// From half of the run on, node 1 hears no more of node 0, nor node 0 of node 1.
const topology = join(FOLDER, 'topology.csv');
writeFileSync(
  topology,
  `${readFileSync(topology, 'utf8')}${END / 2},remove,0,1,\r\n${END / 2},remove,1,0,\r\n`,
);
assert.equal((await mycel('report', 'results', '--out', 'page.html')).code, 0);

/** The tables of the page, as its file has them. */
const tables = new Map<string, ColumnTable>(
  [...readFileSync('page.html', 'utf8').matchAll(/data-table="([^"]+)">([^<]*)</g)].map(([, name, text]) => [
    name!,
    unpack(new Uint8Array(inflateRawSync(Buffer.from(text!, 'base64')))),
  ]),
);
const column = (table: string, name: string) => tables.get(`0/${table}`)!.columns[name] as Float64Array;

/** Where nodes are on the canvas of the replay, which is `width` × `height`: 24 pixels are free around them. */
function placesOn({ width, height }: { width: number; height: number }) {
  const half = Math.min(width, height) / 2 - 24;
  return (node: number): [number, number] => [
    width / 2 + column('layout', 'x')[node]! * half,
    height / 2 + column('layout', 'y')[node]! * half,
  ];
}

/** Moves the replay to a time, and waits for the picture. Returns the time that it has, in steps of a 10,000th of the run. */
async function moveTo(page: Page, time: number): Promise<number> {
  const step = Math.round((time / END) * 10_000);
  await page.locator('#replay-time').evaluate((slider, value) => {
    slider.value = value;
    slider.dispatchEvent(new Event('input'));
  }, String(step));
  await painted(page);
  return (step / 10_000) * END;
}

const painted = (page: Page) =>
  page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');

/** The colour of a pixel of a canvas. */
function pixel(page: Page, canvas: string, [x, y]: readonly [number, number]): Promise<number[]> {
  return page.evaluate(`(() => {
    const shown = document.querySelector('${canvas}');
    const copy = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
    const context = copy.getContext('2d');
    const ratio = shown.width / shown.clientWidth;
    context.drawImage(shown, -Math.floor(${x} * ratio), -Math.floor(${y} * ratio));
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  })()`);
}

async function sizeOf(page: Page, canvas: string) {
  await page.locator(canvas).scrollIntoViewIfNeeded();
  // A canvas is painted, and gets its height, when it is seen.
  await page.waitForSelector(`${canvas}[data-painted]`);
  await painted(page);
  const { width, height } = (await page.locator(canvas).boundingBox())!;
  return { width, height };
}

const near = (got: readonly number[], wanted: readonly number[], what: string) =>
  assert.ok(
    got.every((value, k) => Math.abs(value - wanted[k]!) <= 3),
    `${what}: ${got} for ${wanted}`,
  );

for (const theme of ['light', 'dark'] as const)
  test(
    `on a ${theme} page, the slider gives each node the colour of its accuracy at that time`,
    { skip },
    () =>
      inBrowser(async (open) => {
        const { page, complaints } = await open('page.html', { theme });
        const place = placesOn(await sizeOf(page, '#replay-canvas'));
        const rows = readCsv(join(FOLDER, 'metrics.csv')).filter(
          ({ metric, node }) => metric === 'accuracy' && node !== '',
        );
        const values = rows.map(({ value }) => Number(value));
        const [low, high] = [Math.min(...values), Math.max(...values)];
        assert.ok(high > low);
        const colours = new Set<string>();
        for (const share of [0, 0.4, 1]) {
          const time = await moveTo(page, share * END);
          for (let node = 0; node < 5; node++) {
            const last = rows.findLast((row) => row.node === String(node) && Number(row.time_ns) <= time)!;
            const colour = sequential((Number(last.value) - low) / (high - low), theme);
            near(await pixel(page, '#replay-canvas', place(node)), colour, `node ${node} at ${time}`);
            colours.add(colour.join());
          }
        }
        assert.ok(colours.size > 2);
        assert.deepEqual(complaints, []);
      }),
  );

test(
  'a message is half-way on its link in the middle of its transmission, and not there before and after',
  { skip },
  () =>
    inBrowser(async (open) => {
      const { page, complaints } = await open('page.html');
      const place = placesOn(await sizeOf(page, '#replay-canvas'));
      const messages = await readParquet(join(FOLDER, 'message-spans.parquet'), MESSAGE_SPAN_COLUMNS);
      const orange = [0xe6, 0x9f, 0x00];
      const shown = messages.filter(({ outcome }) => outcome === 'delivered').slice(0, 6);
      assert.equal(shown.length, 6);
      for (const { from, to, tx_start_ns: start, arrived_ns: end } of shown) {
        const [one, other] = [place(from), place(to)];
        const [dx, dy] = [other[0] - one[0], other[1] - one[1]];
        const length = Math.hypot(dx, dy);
        // It keeps to the right of the link by 3.5 pixels.
        const at = (share: number): [number, number] => [
          one[0] + dx * share - (3.5 * dy) / length,
          one[1] + dy * share + (3.5 * dx) / length,
        ];
        const middle = (await moveTo(page, (start! + end!) / 2)) - start!;
        const there = at(middle / (end! - start!));
        near(await pixel(page, '#replay-canvas', there), orange, `${from} to ${to}`);
        await moveTo(page, start! + (end! - start!) * 0.9);
        assert.notDeepEqual(await pixel(page, '#replay-canvas', there), orange);
      }
      assert.deepEqual(complaints, []);
    }),
);

test('a link is drawn as long as it is there, and a node that is down has another colour', { skip }, () =>
  inBrowser(async (open) => {
    const { page } = await open('page.html');
    const place = placesOn(await sizeOf(page, '#replay-canvas'));
    const [one, other] = [place(0), place(1)];
    const middle: [number, number] = [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
    const status = page.locator('#replay-status');
    await moveTo(page, 0);
    assert.match((await status.textContent())!, /^12 links; .*mean accuracy/);
    const with01 = await pixel(page, '#replay-canvas', middle);
    await moveTo(page, END);
    assert.match((await status.textContent())!, /^10 links; /);
    const without01 = await pixel(page, '#replay-canvas', middle);
    assert.notDeepEqual(with01, [0, 0, 0]);
    assert.notDeepEqual(with01, without01);
    const spans = await readParquet(join(FOLDER, 'node-spans.parquet'), NODE_SPAN_COLUMNS);
    const down = spans.find(({ kind }) => kind === 'down')!;
    assert.equal(down.node, 5);
    await moveTo(page, (down.start_ns + down.end_ns) / 2);
    const [x, y] = place(5);
    near(await pixel(page, '#replay-canvas', [x - 8, y]), [0xd5, 0x5e, 0x00], 'node 5, which is down');
    assert.match((await status.textContent())!, /1 node: down/);
  }),
);

test(
  'a click chooses a node, whose story shows its data, neighbours and down times; keys choose and play',
  { skip },
  () =>
    inBrowser(async (open) => {
      const { page, complaints } = await open('page.html');
      const canvas = page.locator('#replay-canvas');
      const place = placesOn(await sizeOf(page, '#replay-canvas'));
      const [x, y] = place(5);
      await canvas.click({ position: { x, y } });
      const story = page.locator('#story');
      assert.equal(await page.locator('#story-node').inputValue(), '5');
      assert.match(
        (await story.textContent())!,
        /node 5, group 1, computed .*, was down [1-9].*: from 1\.00 s to 2\.00 s/,
      );
      const rowOf = (caption: string, name: string) =>
        story
          .locator(`table:has(caption:text("${caption}")) tr:has(th:text-is("${name}")) td`)
          .allTextContents();
      const own = column('split', 'node').indexOf(5);
      const label = String(column('split', 'class')[own]);
      assert.equal((await rowOf('Its rows', label))[0], String(column('split', 'train')[own]));
      const sent = readCsv(join(FOLDER, 'traffic.csv'))
        .filter(({ from, to }) => from === '5' && to === '4')
        .reduce((sum, row) => sum + Number(row.sent_bytes), 0);
      assert.ok(sent > 0);
      assert.equal((await rowOf('What it exchanged', '4'))[0], formatBytes(sent));
      await canvas.press(']');
      assert.equal(await page.locator('#story-node').inputValue(), '0');
      await canvas.press('Home');
      assert.equal(await page.locator('#replay-time').inputValue(), '0');
      // So slowly that it does not end before it is stopped.
      await page.locator('#replay-speed').selectOption('300');
      await canvas.press(' ');
      const slider = page.locator('#replay-time');
      for (let frame = 0; frame < 2_000 && Number(await slider.inputValue()) <= 2; frame++)
        await painted(page);
      assert.ok(Number(await slider.inputValue()) > 2);
      await canvas.press(' ');
      assert.equal(await page.locator('#replay-play').textContent(), 'Play');
      await canvas.press('Escape');
      assert.equal(await page.locator('#story-node').inputValue(), '');
      assert.deepEqual(complaints, []);
    }),
);

test('after zooming, a node is where the zoom has moved it, and a click there chooses it', { skip }, () =>
  inBrowser(async (open) => {
    const { page } = await open('page.html');
    const { width, height } = await sizeOf(page, '#replay-canvas');
    const canvas = page.locator('#replay-canvas');
    await canvas.press('-');
    await painted(page);
    const [x, y] = placesOn({ width, height })(2);
    // Farther by 1.5, around the middle.
    const position = { x: width / 2 + (x - width / 2) / 1.5, y: height / 2 + (y - height / 2) / 1.5 };
    const colour = await pixel(page, '#replay-canvas', [position.x, position.y]);
    assert.notDeepEqual(colour, [0, 0, 0]);
    await canvas.click({ position: { x, y } });
    assert.equal(await page.locator('#story-node').inputValue(), '');
    await canvas.click({ position });
    assert.equal(await page.locator('#story-node').inputValue(), '2');
  }),
);

test(
  'a bar of the timeline has the colour of what the node did, and a click on it moves the replay there',
  { skip },
  () =>
    inBrowser(async (open) => {
      const { page, complaints } = await open('page.html');
      const { width } = await sizeOf(page, '#timeline-canvas');
      const spans = await readParquet(join(FOLDER, 'node-spans.parquet'), NODE_SPAN_COLUMNS);
      const colours = { compute: [0x00, 0x72, 0xb2], wait: [0xc9, 0xcd, 0xd1], down: [0xd5, 0x5e, 0x00] };
      // Names take 64 pixels, the axis 26, and each lane 22.
      const placeOf = (node: number, time: number): [number, number] => [
        64 + ((width - 64) * time) / END,
        26 + 22 * node + 5,
      ];
      for (const { node, kind, start_ns, end_ns } of spans) {
        if (((end_ns - start_ns) / END) * width < 8) continue;
        const place = placeOf(node, (start_ns + end_ns) / 2);
        near(
          await pixel(page, '#timeline-canvas', place),
          colours[kind as keyof typeof colours],
          `${node}: ${kind}`,
        );
      }
      const down = spans.find(({ kind }) => kind === 'down')!;
      const [x, y] = placeOf(5, (down.start_ns + down.end_ns) / 2);
      await page.locator('#timeline-canvas').click({ position: { x, y } });
      assert.equal(await page.locator('#story-node').inputValue(), '5');
      assert.match((await page.locator('#replay-status').textContent())!, /1 node: down/);
      assert.deepEqual(complaints, []);
    }),
);

test('cells of bytes, weights and rows are filled where the data say, and their tables agree', { skip }, () =>
  inBrowser(async (open) => {
    const { page, complaints } = await open('page.html');
    // Cells are squares of 28 pixels, below and beside names.
    const cell = (row: number, column: number): [number, number] => [
      64 + 28 * column + 14,
      40 + 28 * row + 14,
    ];
    const isFilled = async (canvas: string, place: [number, number]) =>
      (await pixel(page, canvas, place)).some((value) => value > 0);
    for (const canvas of ['#heat-map-canvas', '#mixing-weights-canvas']) {
      await sizeOf(page, canvas);
      for (let row = 0; row < 6; row++)
        for (let column = 0; column < 6; column++) {
          const isNext = [1, 5].includes((6 + row - column) % 6);
          // At the end, nodes 0 and 1 mix nothing of each other any more; a node's own weight is on the diagonal.
          const isWeight = (isNext && row + column !== 1) || row === column;
          const expected = canvas.startsWith('#heat') ? isNext : isWeight;
          assert.equal(await isFilled(canvas, cell(row, column)), expected, `${canvas} ${row} ${column}`);
        }
    }
    await sizeOf(page, '#split-canvas');
    for (let row = 0; row < column('split', 'node').length; row++) {
      const [node, label] = [column('split', 'node')[row]!, column('split', 'class')[row]!];
      // There they are twice as wide as high.
      assert.ok(await isFilled('#split-canvas', [64 + 56 * node + 28, 40 + 28 * label + 14]));
    }
    const links = page.locator('#heat-map details');
    await links.locator('summary').click();
    // The table is made when the browser tells that it was opened.
    await links.locator('tbody tr').first().waitFor();
    const sum = readCsv(join(FOLDER, 'traffic.csv')).reduce(
      (total, row) => total + Number(row.sent_bytes),
      0,
    );
    const bytes = await links.locator('tbody tr td:nth-child(4)').allTextContents();
    assert.equal(
      bytes.reduce((total, text) => total + Number(text), 0),
      sum,
    );
    assert.deepEqual(complaints, []);
  }),
);

test('without spans the replay shows accuracy and links, and says how to get messages', { skip }, () =>
  inBrowser(async (open) => {
    await mycel('run', 'net.yaml', '--out', 'plain', '--quiet');
    await mycel('report', 'plain', '--out', 'plain.html');
    const { page, complaints } = await open('plain.html');
    assert.match(
      (await page.locator('#replay').textContent())!,
      /no messages and no states here: run it again with --spans/,
    );
    assert.equal(await page.locator('#timeline').count(), 0);
    const place = placesOn(await sizeOf(page, '#replay-canvas'));
    assert.notDeepEqual(await pixel(page, '#replay-canvas', place(0)), [0, 0, 0]);
    assert.deepEqual(complaints, []);
  }),
);
