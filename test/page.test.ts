/** The page of results, in a browser. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { collectResults } from '../src/cli/collect.js';
import { pageResults } from '../src/cli/page.js';
import { pageData } from '../src/report/page/index.js';
import { pointsOf } from '../src/report/page/points.js';
import { inBrowser, withoutBrowser } from './support/browser.js';
import { mycel } from './support/cli.js';
import { writeMadeResults } from './support/made-results.js';
import { scenarioText } from './support/scenario-base.js';
import { workIn } from './support/work-in.js';

workIn('mycel-page-');

const HOSTILE = '</script><img src=x onerror=alert(1)><b>"\'&';
const made = { roundBytes: 2_000_000, roundTime: 3e9 };
const runs = ['ring', HOSTILE].flatMap((variant, v) =>
  [1, 2, 3].map((seed) => ({
    ...made,
    ...{ variant, seed, title: `A <script>alert(2)</script> & more` },
    // The means of the first variant are 20, 40, 60 and 80 %.
    accuracy: [0.2, 0.4, 0.6, 0.8].map((value) =>
      Array.from({ length: 6 }, (_, node) => value - 0.1 * v + (node - 2.5) * 0.02 + (seed - 2) * 0.01),
    ),
  })),
);
writeMadeResults('results', runs);
const skip = withoutBrowser;

test('mycel report writes one file, which has what it needs and loads nothing', async () => {
  const { code, out, err } = await mycel('report', 'results', '--out', 'page.html');
  assert.equal(code, 0, err);
  assert.match(out, /page\.html: 6 runs, opens in a browser/);
  const html = readFileSync('page.html', 'utf8');
  assert.match(
    html.slice(0, 1000),
    /content="default-src 'none'; script-src 'sha256-[\w+/]+=*'; style-src 'unsafe-inline'/,
  );
  for (const name of ['@observablehq/plot', 'uplot', 'd3-array'])
    assert.match(html, new RegExp(`^${name} [\\d.]+: Copyright .*$`, 'm'));
  const around = html.replace(/(<script[^>]*>)[\s\S]*?<\/script>/g, '$1');
  assert.ok(!/\b(?:src|href)=|onerror|@import|url\(|https?:/.test(around));
});

/** The lines of a figure of a section, in units of its axes: from pixels, by two ticks of each axis. */
async function linesOf(page: Page, section: string, panel: number) {
  const stage = page.locator(`#${section} .stage`).nth(panel);
  const scale = async (axis: 'x' | 'y') => {
    const texts = stage.locator(`[aria-label="${axis}-axis tick label"] text`);
    const ticks = await texts.evaluateAll((elements) =>
      elements.map((element): [string, string] => [element.textContent, element.getAttribute('transform')]),
    );
    const places = ticks.map(([text, transform]) => ({
      value: Number(text.replace(',', '')),
      pixel: Number(/\(([-\d.]+),([-\d.]+)\)/.exec(transform)![axis === 'x' ? 1 : 2]),
    }));
    const [one, other] = [places[0]!, places.at(-1)!];
    const slope = (other.value - one.value) / (other.pixel - one.pixel);
    return (pixel: number) => one.value + (pixel - one.pixel) * slope;
  };
  const [x, y] = [await scale('x'), await scale('y')];
  const paths = await stage
    .locator('[aria-label="line"] path')
    .evaluateAll((elements) =>
      elements.map((element): [string, string] => [
        element.getAttribute('aria-label'),
        element.getAttribute('d'),
      ]),
    );
  return paths.map(([name, path]) => ({
    name,
    points: path
      .slice(1)
      .split('L')
      .map((pair): [number, number] => {
        const [left, top] = pair.split(',').map(Number);
        return [x(left!), y(top!)];
      }),
  }));
}

/** Pixels of the curves of nodes that have the colour of the chosen one, in the dark. */
function bluePixels(page: Page): Promise<number> {
  return page.locator('#nodes canvas').evaluate((canvas) => {
    // Of a copy that is made to be read.
    const copy = canvas.ownerDocument.createElement('canvas');
    [copy.width, copy.height] = [canvas.width, canvas.height];
    const context = copy.getContext('2d', { willReadFrequently: true });
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, copy.width, copy.height);
    let count = 0;
    for (let k = 0; k < data.length; k += 4)
      if (data[k] === 0x56 && data[k + 1] === 0xb4 && data[k + 2] === 0xe9) count++;
    return count;
  });
}

for (const theme of ['light', 'dark'] as const)
  test(`on a ${theme} page, lines and bands stand where the data say`, { skip }, () =>
    inBrowser(async (open) => {
      await mycel('report', 'results', '--out', 'page.html');
      const { page, complaints } = await open('page.html', { theme });
      await page.waitForSelector('#curves .stage svg');
      const expected = [
        // 2 MB and 3 s each round.
        [
          [0, 20],
          [2, 40],
          [4, 60],
          [6, 80],
        ],
        [
          [0, 20],
          [3, 40],
          [6, 60],
          [9, 80],
        ],
        [
          [0, 20],
          [1, 40],
          [2, 60],
          [3, 80],
        ],
      ];
      for (const [panel, points] of expected.entries()) {
        const lines = await linesOf(page, 'curves', panel);
        assert.deepEqual(
          lines.map(({ name }) => name),
          ['ring', HOSTILE],
        );
        for (const [k, [x, y]] of lines[0]!.points.entries()) {
          assert.ok(Math.abs(x - points[k]![0]!) < 0.05, `${x} of ${points[k]}`);
          assert.ok(Math.abs(y - points[k]![1]!) < 0.3, `${y} of ${points[k]}`);
        }
      }
      assert.equal(
        await page.locator('#curves .stage').first().locator('[aria-label="area"] path').count(),
        2,
      );
      const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
      assert.equal(background, theme === 'dark' ? 'rgb(22, 24, 26)' : 'rgb(255, 255, 255)');
      assert.deepEqual(complaints, []);
    }),
  );

test('names from results are text, whatever they look like', { skip }, () =>
  inBrowser(async (open) => {
    await mycel('report', 'results', '--out', 'page.html');
    const { page, complaints } = await open('page.html');
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => dialogs.push(dialog.message()));
    assert.equal(await page.locator('h1').textContent(), 'A <script>alert(2)</script> & more');
    assert.ok((await page.locator('#run option').allTextContents()).includes(`${HOSTILE}, seed 1`));
    await page.selectOption('#run', '3');
    assert.equal(await page.locator('#record h3').first().textContent(), `${HOSTILE}, seed 1`);
    assert.equal(await page.locator('img, b').count(), 0);
    assert.deepEqual([...dialogs, ...complaints], []);
  }),
);

test('the reader’s choices change the page: metric, groups, run, node and theme', { skip }, () =>
  inBrowser(async (open) => {
    await mycel('report', 'results', '--out', 'page.html');
    const { page, complaints } = await open('page.html');
    await page.waitForSelector('#curves .stage svg');
    await page.selectOption('#curves-metric', 'accuracy-worst');
    assert.match(
      (await page.locator('#curves figcaption').first().textContent())!,
      /^accuracy-worst against/,
    );
    assert.deepEqual(
      (await linesOf(page, 'curves', 2))[0]!.points.map(([, y]) => Math.round(y)),
      [15, 35, 55, 75],
    );
    await page.locator('#curves .legend input').nth(1).uncheck();
    assert.deepEqual(
      (await linesOf(page, 'curves', 2)).map(({ name }) => name),
      ['ring'],
    );
    await page.locator('#theme').click();
    assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'dark');
    const chosen = () => page.locator('#nodes button[aria-pressed=true]').allTextContents();
    assert.deepEqual(await chosen(), []);
    const plot = page.locator('#nodes .u-over');
    await plot.scrollIntoViewIfNeeded();
    const { width, height } = (await plot.boundingBox())!;
    const pointed = page.locator('#nodes [role=status]');
    const before = await bluePixels(page);
    for (let y = 1; y < height; y += 3) {
      await plot.hover({ position: { x: width - 2, y } });
      if ((await pointed.textContent())!.startsWith('Node 2:')) break;
    }
    // Of the first seed: 80 %, less 1 % for the node and 1 % for the seed.
    assert.equal(await pointed.textContent(), 'Node 2: 78.0 % in round 3, at 9.00 s');
    await page.mouse.down();
    await page.mouse.up();
    assert.ok((await bluePixels(page)) > before + 300);
    assert.deepEqual(await chosen(), ['node 2']);
    await page.locator('#nodes button.node').first().click();
    assert.deepEqual(await chosen(), ['node 0']);
    await page.selectOption('#run', '1');
    assert.deepEqual(await chosen(), []);
    assert.deepEqual(complaints, []);
  }),
);

test('figures hand out their data as CSV and themselves as SVG', { skip }, () =>
  inBrowser(async (open) => {
    await mycel('report', 'results', '--out', 'page.html');
    const { page, complaints } = await open('page.html');
    const saved = async (button: string) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.locator(button).first().click(),
      ]);
      return [download.suggestedFilename(), readFileSync(await download.path(), 'utf8')] as const;
    };
    const [csvName, csv] = await saved('#curves figcaption button:text("CSV")');
    assert.equal(csvName, 'curves-against-bytes.csv');
    const lines = csv.trim().split('\n');
    assert.equal(lines[0], 'group,metric,round,time_ns,sent_bytes,mean,margin');
    assert.match(lines[2]!, /^ring,accuracy-mean,1,3000000000,2000000,0\.(4|39{9})\d*,0\.02484/);
    assert.equal(lines.length, 1 + 8);
    const [svgName, svg] = await saved('#curves figcaption button:text("SVG")');
    assert.equal(svgName, 'curves-against-bytes.svg');
    assert.match(svg, /^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    const [, scenario] = await saved('#record button:text("scenario.json")');
    assert.equal(JSON.parse(scenario).topology.use, 'ring');
    assert.deepEqual(complaints, []);
  }),
);

const run = (...args: string[]) => mycel('run', ...args, '--workers', '0', '--backend', 'cpu');

test('with spans, bytes at measurements are those that the run has counted when it reached its target', async () => {
  writeFileSync('spans.yaml', scenarioText({ measure: 'measure: { target: 30%, probes: [accuracy] }' }));
  const { code, err } = await run('spans.yaml', '--spans', '--quiet');
  assert.equal(code, 0, err);
  const results = collectResults(['results/spans']);
  const { runs, tables } = await pageData(pageResults(results));
  assert.equal(runs[0]!.exactBytes, true);
  const { target, traffic } = results[0]!.summary;
  const points = pointsOf(tables, 0);
  const reached = points.find(({ time }) => time === target!.time_ns);
  assert.ok(target!.sent_bytes! > 0 && target!.sent_bytes! < traffic.bytes.sent!);
  assert.equal(reached!.bytes, target!.sent_bytes);
  assert.equal(points.at(-1)!.bytes, traffic.bytes.sent);
});

test('mycel run --report writes a page of all results of the scenario, and the scenario on it repeats the run', async () => {
  writeFileSync('small.yaml', scenarioText({}));
  const { code, out, err } = await run('small.yaml', '--report');
  assert.equal(code, 0, err);
  assert.match(out, /results[/\\]small[/\\]report\.html shows these results: open it in a browser\n$/);
  const text = readFileSync('results/small/report.html', 'utf8');
  assert.match(text, /^<!DOCTYPE html>/);
  const summaryIn = (folder: string) => JSON.parse(readFileSync(`${folder}/summary.json`, 'utf8'));
  const first = summaryIn('results/small/1');
  writeFileSync('scenario.json', JSON.stringify(first.scenario));
  assert.equal((await run('scenario.json', '--out', 'again', '--quiet')).code, 0);
  assert.deepEqual(summaryIn('again/scenario/1').fingerprints, first.fingerprints);
});
