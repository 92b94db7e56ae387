// Bundles the program of the page that `mycel report` writes, and its styles, into one file each, with the licences of what is in them.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const { metafile } = await build({
  entryPoints: ['src/page/main.ts', 'src/page/page.css'],
  outdir: 'dist/src/page',
  entryNames: '[dir]/page',
  bundle: true,
  minify: true,
  charset: 'utf8',
  format: 'esm',
  target: ['chrome111', 'firefox113', 'safari16.4'],
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
});

const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) =>
  Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
);
const packages = new Set(
  inputs.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
);
// Packages of one author have one text, but for the years.
const texts = new Map();
for (const name of [...packages].sort((a, b) => (a < b ? -1 : 1))) {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  const lines = licenceOf(name).split(/\r?\n/);
  const isCopyright = (line) => /^Copyright/.test(line.trim());
  const text = lines
    .filter((line) => !isCopyright(line))
    .join('\n')
    .trim();
  const owners = lines.filter(isCopyright).map((line) => line.trim());
  texts.set(text, [...(texts.get(text) ?? []), `${name} ${version}: ${owners.join('; ')}`]);
}
writeFileSync(
  'dist/src/page/licences.txt',
  [...texts].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`).join('\n\n'),
);

function licenceOf(name) {
  const folder = `node_modules/${name}`;
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined)
    throw new Error(`expected a licence in ${folder}, which is part of the page, got none`);
  return readFileSync(`${folder}/${file}`, 'utf8');
}
