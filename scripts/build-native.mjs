// Compiles the kernels in src/numeric/c to a Node-API addon, build/kernels.node, where a C compiler is found.
//
// `npm ci` runs it: nothing is downloaded, and where it can't compile Mycel works without, by WebAssembly, with the same
// results. So it never fails; it says in one line what it did. `--strict` fails where it can't compile.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'src', 'numeric', 'c');
const folder = join(root, 'build');
const addon = join(folder, 'kernels.node');
const stamp = join(folder, 'kernels.json');

/** -ffp-contract=off: a fused multiply-add rounds once where two operations round twice. */
const FLAGS = ['-std=gnu11', '-O3', '-fPIC', '-fvisibility=hidden', '-ffp-contract=off', '-fno-math-errno'];
const AVX512 = ['-mavx512f', '-mavx512dq', '-mavx512vl', '-mavx512bw'];

function variants() {
  const plain = { name: 'plain', flags: [] };
  return process.arch === 'x64'
    ? [plain, { name: 'avx2', flags: ['-mavx2'] }, { name: 'avx512', flags: AVX512 }]
    : [plain];
}

class NotBuilt extends Error {}

/** Runs a command; what it said where it failed. */
function attempt(command, args, cwd) {
  const { status, error, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (error) return error.message;
  return status === 0 ? undefined : stderr.trim().split('\n')[0] || `exit code ${status}`;
}

function findCompiler() {
  const names = process.env.CC ? [process.env.CC] : ['cc', 'gcc', 'clang'];
  const found = names.find((name) => attempt(name, ['--version']) === undefined);
  if (!found)
    throw new NotBuilt(`no C compiler: expected one of ${names.join(', ')} (or CC=… in the environment)`);
  return found;
}

/** Of all that the addon is made from. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const name of readdirSync(sources).sort()) hash.update(name).update(readFileSync(join(sources, name)));
  hash.update(readFileSync(fileURLToPath(import.meta.url)));
  return hash.update(`${process.platform} ${process.arch}`).digest('hex');
}

function build() {
  if (!['x64', 'arm64'].includes(process.arch) || process.platform === 'win32') {
    throw new NotBuilt(`not for ${process.platform} on ${process.arch}`);
  }
  const made = fingerprint();
  if (
    existsSync(addon) &&
    existsSync(stamp) &&
    JSON.parse(readFileSync(stamp, 'utf8')).fingerprint === made
  ) {
    return 'build/kernels.node is up to date';
  }
  const compiler = findCompiler();
  const headers = createRequire(import.meta.url)('node-api-headers').include_dir;
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(folder, 'work-'));
  try {
    const compile = (source, object, flags) => {
      const said = attempt(compiler, [...FLAGS, ...flags, '-c', join(sources, source), '-o', object], work);
      if (said) throw new NotBuilt(`${compiler}: ${said}`);
      return object;
    };
    const objects = variants().map(({ name, flags }) =>
      compile('native.c', `${name}.o`, [`-DVARIANT=${name}`, ...flags]),
    );
    const hasAvx = process.arch === 'x64' ? ['-DHAS_AVX'] : [];
    objects.push(compile('addon.c', 'addon.o', [...hasAvx, '-I', headers]));
    const shared = process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared'];
    const said = attempt(compiler, [...shared, '-o', 'kernels.node', ...objects], work);
    if (said) throw new NotBuilt(`${compiler}: ${said}`);
    renameSync(join(work, 'kernels.node'), addon);
    const version = spawnSync(compiler, ['--version'], { encoding: 'utf8' }).stdout.split('\n')[0];
    writeFileSync(stamp, `${JSON.stringify({ fingerprint: made, compiler: version }, null, 2)}\n`);
    return `build/kernels.node compiled by ${version}`;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

try {
  console.log(`native kernels: ${build()}`);
} catch (error) {
  if (!(error instanceof NotBuilt)) throw error;
  rmSync(addon, { force: true });
  console.log(
    `native kernels: not built (${error.message}); WebAssembly computes instead, with the same results`,
  );
  if (process.argv.includes('--strict')) process.exitCode = 1;
}
