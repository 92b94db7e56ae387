// Puts the declarations of TensorFlow.js into dist, and lets ours name those: `#tensorflow` of package.json.
//
// The package's own refer to an old @webgpu/types, which contradicts the `dom` of TypeScript, and to types of browsers that
// a project for Node lacks, so that whoever checks the types of libraries would get some 180 errors by importing Mycel.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix, relative } from 'node:path';

const PACKAGE = '@tensorflow/tfjs-core';
const NAME = '#tensorflow';
const shipped = join('dist', 'src', 'tensorflow');
const original = dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`));

/** Types of browsers and of other packages, by what they are here; nothing of Mycel gives or takes them. */
const ELSEWHERE = [
  ...['File', 'GPUBuffer', 'HTMLCanvasElement', 'HTMLImageElement', 'HTMLSourceElement', 'HTMLVideoElement'],
  ...[
    'IDBFactory',
    'ImageBitmap',
    'ImageData',
    'Long',
    'Navigator',
    'OffscreenCanvas',
    'ReadableStream',
    'RequestInit',
    'Response',
  ],
  ...['Storage', 'WebGL2RenderingContext', 'WebGLRenderingContext', 'WebGLContextAttributes', 'WebGLTexture'],
];

/** `./base` → `./base.js`, as ES modules write it. */
function withEnding(file, specifier) {
  const path = join(original, 'dist', dirname(file), specifier);
  if (existsSync(`${path}.d.ts`)) return `${specifier}.js`;
  if (existsSync(join(path, 'index.d.ts'))) return posix.join(specifier, 'index.js').replace(/^(?!\.)/, './');
  throw new Error(`${PACKAGE}: expected ${file} to name declarations, got ${specifier}`);
}

/** The declarations of a file, which name only each other. */
function rewritten(file) {
  const own = (_, before, specifier, after) => before + withEnding(file, specifier) + after;
  const fromRoot = posix.join(posix.relative(dirname(file), '.'), '.').replace(/^(?!\.)/, './');
  const text = readFileSync(join(original, 'dist', file), 'utf8')
    .replace(/^\/\/\/ .*\n/gm, '')
    .replaceAll(`${PACKAGE}/dist/`, `${fromRoot}/`)
    .replaceAll('typeof fetch', 'unknown')
    .replace(/((?:from|import) ?\(?['"])(\.[^'"]*)(['"])/g, own);
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  const lacking = ELSEWHERE.filter((name) => new RegExp(`\\b${name}\\b(?!['"])`).test(code));
  return text + lacking.map((name) => `type ${name}<_ = unknown> = never;\n`).join('');
}

/** The declarations that `file` names, and those that they name. */
function reachable(file, found = new Map()) {
  if (found.has(file)) return found;
  const text = rewritten(file);
  found.set(file, text);
  for (const [, specifier] of text.matchAll(/(?:from|import) ?\(?['"](\.[^'"]*)\.js['"]/g)) {
    reachable(posix.join(dirname(file), `${specifier}.d.ts`), found);
  }
  return found;
}

rmSync(shipped, { recursive: true, force: true });
for (const [file, text] of reachable('index.d.ts')) {
  mkdirSync(join(shipped, dirname(file)), { recursive: true });
  writeFileSync(join(shipped, file), text);
}
for (const name of readdirSync('dist/src', { recursive: true })) {
  const file = join('dist/src', name);
  if (!file.endsWith('.d.ts') || !relative(shipped, file).startsWith('..')) continue;
  const text = readFileSync(file, 'utf8');
  if (text.includes(`'${PACKAGE}'`)) writeFileSync(file, text.replaceAll(`'${PACKAGE}'`, `'${NAME}'`));
}
