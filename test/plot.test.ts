/** Figures of results as files. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inBrowser, withoutBrowser } from './support/browser.js';
import { mycel } from './support/cli.js';
import { writeMadeResults } from './support/made-results.js';
import { workIn } from './support/work-in.js';

workIn('mycel-plot-');
const HOSTILE = '</svg><script>alert(1)</script>"&';
const runs = ['ring', HOSTILE].flatMap((variant) =>
  [1, 2].map((seed) => ({
    ...{ variant, seed, roundBytes: 2_000_000, roundTime: 3e9 },
    accuracy: [0.2, 0.4, 0.6].map((value) => [value, value + seed / 100]),
  })),
);
writeMadeResults('results', runs);

async function plot(...args: string[]) {
  const { code, out, err } = await mycel('plot', 'results', ...args);
  assert.equal(code, 0, err);
  return out;
}

test('an SVG has a line and a band for each group, its axes, and names as text', async () => {
  const out = await plot('--x', 'time', '--y', 'accuracy-worst', '--out', 'fig.svg', '--title', 'A <title>');
  assert.equal(
    out,
    'fig.svg: accuracy-worst against virtual time (s), means over seeds with 95 % intervals\n',
  );
  const svg = readFileSync('fig.svg', 'utf8');
  const count = (pattern: RegExp) => svg.match(pattern)?.length ?? 0;
  const groupOf = (label: string) => new RegExp(`aria-label="${label}">(.*?)</g>(?=<g|</svg>)`, 'g');
  assert.equal(count(groupOf('line')), 2);
  assert.equal(svg.match(groupOf('area'))![0].match(/<path/g)!.length, 2);
  assert.equal(count(/aria-label="ring"/g), 1);
  assert.match(svg, />accuracy-worst \(%\)</);
  assert.match(svg, />virtual time \(s\)</);
  assert.match(svg, />A &lt;title&gt;</);
  assert.ok(!svg.includes('<script'));
  assert.ok(!svg.includes('currentColor') && !svg.includes('<style'));
});

test('an SVG is well formed in a browser, whatever names it has', { skip: withoutBrowser }, async () => {
  await plot('--out', 'fig.svg', '--title', HOSTILE);
  await inBrowser(async (open) => {
    const { page, complaints } = await open('fig.svg', { waitFor: 'svg path' });
    assert.equal(await page.locator('parsererror').count(), 0);
    assert.ok((await page.locator('text').allTextContents()).includes(HOSTILE));
    assert.deepEqual(complaints, []);
  });
});

test('a PNG has three pixels for each of the SVG, and letters on any machine', async () => {
  await plot('--out', 'fig.png', '--width', '400', '--height', '300');
  const png = readFileSync('fig.png');
  assert.equal(png.toString('latin1', 1, 4), 'PNG');
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [1200, 900]);
  await plot('--out', 'titled.png', '--width', '400', '--height', '300', '--title', 'λ − ± ü →');
  assert.ok(readFileSync('titled.png').length > png.length);
});

test('a PDF is the same file each time, and has its font in it', async () => {
  await plot('--out', 'one.pdf', '--x', 'rounds');
  await plot('--out', 'two.pdf', '--x', 'rounds');
  const pdf = readFileSync('one.pdf');
  assert.equal(pdf.toString('latin1', 0, 5), '%PDF-');
  assert.match(pdf.toString('latin1'), /\/FontFile2/);
  assert.match(pdf.toString('latin1'), /\/MediaBox \[0 0 480 300\]/);
  assert.ok(pdf.equals(readFileSync('two.pdf')));
});

for (const [args, message] of [
  [['--y', 'acuracy-worst', '--out', 'a.svg'], /did you mean accuracy-worst\?/],
  [['--out', 'a.gif'], /expected a file that ends in \.svg, \.png, \.pdf, got a\.gif/],
  [['--out', 'a.svg', '--width', '20'], /pixels from 200 to 10000, got "20"/],
  [['--out', 'none/a.svg'], /cannot write none\/a\.svg/],
] as const)
  test(`mycel plot ${args.join(' ')} is refused`, async () => {
    const { code, err } = await mycel('plot', 'results', ...args);
    assert.equal(code, 2);
    assert.match(err, message);
  });
