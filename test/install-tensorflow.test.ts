/** `npm run install:tensorflow` names the reason of a failure, and leaves no files that look like an installation. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const FILES = ['package.json', 'package-lock.json'];
const scripts = new URL('../../scripts/tensorflow/', import.meta.url);
const { checkPlatform, checkRoom } = (await import(new URL('requirements.mjs', scripts).href)) as {
  checkPlatform(machine: object): void;
  checkRoom(folder: string, bytes: number): void;
};
const { WHEEL } = (await import(new URL('pinned.mjs', scripts).href)) as { WHEEL: { file: string } };
const supported = process.platform === 'linux' && process.arch === 'x64';
const skip = supported ? false : 'the library is fetched on linux x64 only';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mycel-install-'));
  for (const file of FILES) cpSync(join(root, file), join(folder, file));
  cpSync(join(root, 'scripts'), join(folder, 'scripts'), { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  mkdirSync(join(folder, 'bin'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program on the PATH of the installation, as a shell script. */
function program(name: string, script = 'exit 0'): void {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

function install(...flags: string[]) {
  const npm = join(folder, 'npm.mjs');
  const place = join(folder, 'node_modules', '@tensorflow', 'tfjs-node');
  writeFileSync(
    npm,
    `import { mkdirSync, writeFileSync } from 'node:fs';
     mkdirSync(${JSON.stringify(place)}, { recursive: true });
     writeFileSync(${JSON.stringify(join(place, 'package.json'))}, '{ "version": "4.22.0" }');`,
  );
  return spawnSync(process.execPath, [join(folder, 'scripts', 'install-tensorflow.mjs'), ...flags], {
    encoding: 'utf8',
    env: { PATH: join(folder, 'bin'), npm_execpath: npm },
  });
}

test('the error names what is missing, and its remedy: pip, then a compiler, then headers of Node', {
  skip,
}, () => {
  const none = install();
  assert.equal(none.status, 1);
  assert.match(none.stderr, /^install:tensorflow: no pip: expected "python3 -m pip" to work.*python3-pip\n$/);
  program('python3');
  assert.match(
    install().stderr,
    /^install:tensorflow: no C\+\+ compiler: expected c\+\+, g\+\+, clang\+\+ on/,
  );
  program('c++');
  const headers = install('--nodedir', folder).stderr;
  assert.match(headers, /^install:tensorflow: no headers of Node: expected node_api\.h in one of/);
  assert.ok(headers.includes(join(folder, 'include', 'node')));
  assert.ok(!existsSync(join(folder, 'node_modules', '@tensorflow')), 'nothing was fetched');
});

test('a library with another hash is refused and deleted, and the package files stay', { skip }, () => {
  program('c++');
  // The argument after --dest is the folder for the wheel.
  program(
    'python3',
    `case "$3" in download) while [ "$1" != --dest ]; do shift; done; printf other > "$2/${WHEEL.file}";; esac`,
  );
  mkdirSync(join(folder, 'include', 'node'), { recursive: true });
  writeFileSync(join(folder, 'include', 'node', 'node_api.h'), '');
  const { status, stdout, stderr } = install('--nodedir', folder);
  assert.equal(status, 1);
  assert.match(stdout, /fetches up to \d+ MB, of which \d+ MB are the TensorFlow library/);
  assert.match(stderr, /is not the pinned file: expected sha256 [0-9a-f]{64}, got [0-9a-f]{64}\n$/);
  assert.ok(!existsSync(join(folder, 'node_modules', '.cache', 'mycel-tensorflow', WHEEL.file)));
  assert.ok(!existsSync(join(folder, 'node_modules', '@tensorflow', 'tfjs-node', 'deps')));
  for (const file of FILES)
    assert.equal(readFileSync(join(folder, file), 'utf8'), readFileSync(join(root, file), 'utf8'));
});

test('a failing download is reported with the message of pip', { skip }, () => {
  program('c++');
  program('python3', 'case "$3" in download) echo "no matching distribution" >&2; exit 1;; esac');
  mkdirSync(join(folder, 'include', 'node'), { recursive: true });
  writeFileSync(join(folder, 'include', 'node', 'node_api.h'), '');
  const { status, stderr } = install('--nodedir', folder);
  assert.equal(status, 1);
  assert.match(stderr, /^install:tensorflow: pip download failed \(python3\):\nno matching distribution\n$/);
});

test('platforms, C libraries and versions of Node that have no library are refused', () => {
  const good = { platform: 'linux', arch: 'x64', node: '20.11.0', glibc: '2.17' };
  checkPlatform(good);
  checkPlatform({ ...good, node: '22.21.0', glibc: '2.36' });
  assert.throws(
    () => checkPlatform({ ...good, node: '26.1.0' }),
    /does not run on Node 26\.1\.0: expected Node 20 to 24/,
  );
  assert.throws(() => checkPlatform({ ...good, platform: 'darwin' }), /expected linux x64.*got darwin x64/);
  assert.throws(() => checkPlatform({ ...good, arch: 'arm64' }), /got linux arm64/);
  assert.throws(() => checkPlatform({ ...good, glibc: '2.9' }), /expected glibc 2\.17 or later, got 2\.9/);
  assert.throws(() => checkRoom(folder, 1e18), /not enough disk space: expected 1000000000000 MB free below/);
});

test('an unknown option is refused, and the error lists the known ones', () => {
  const { status, stderr } = install('--help');
  assert.equal(status, 1);
  assert.match(stderr, /^install:tensorflow: Unknown option '--help'.*\nexpected: .*--nodedir <folder/);
});
