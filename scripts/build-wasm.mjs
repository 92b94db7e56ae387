// Compiles the kernels in src/numeric/c to src/numeric/kernels.wasm, which is committed: who installs Mycel needs no
// compiler. `--check` compares instead of writing, and fails where they differ.
//
// The same bytes come out on every machine, since the compiler is one version of one package: `pip` fetches it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMPILER = 'ziglang==0.13.0';
const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src', 'numeric', 'c', 'wasm.c');
const target = join(root, 'src', 'numeric', 'kernels.wasm');

const COMPILE = [
  '--target=wasm32-freestanding',
  '-std=gnu11',
  '-O3',
  '-msimd128',
  '-matomics',
  '-mbulk-memory',
  '-mnontrapping-fptoint',
  '-ffp-contract=off',
  '-fno-math-errno',
  '-fno-sanitize=all',
];
/** The memory comes from outside: it is shared by all threads, and may grow to all that 32 bits can address. */
const LINK = [
  '--no-entry',
  '--import-memory',
  '--shared-memory',
  '--max-memory=4294967296',
  '--export=__stack_pointer',
  '--strip-all',
];

function must(command, args, options = {}) {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (error || status !== 0) {
    console.error(`build:wasm: ${command} failed: ${error?.message ?? stderr.trim()}`);
    process.exit(1);
  }
}

const work = mkdtempSync(join(tmpdir(), 'mycel-wasm-'));
try {
  const packages = process.env.MYCEL_ZIG ?? join(work, 'packages');
  if (!process.env.MYCEL_ZIG) {
    must('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', packages, COMPILER]);
  }
  const zig = join(packages, 'ziglang', 'zig');
  const env = {
    ...process.env,
    ZIG_GLOBAL_CACHE_DIR: join(work, 'cache'),
    ZIG_LOCAL_CACHE_DIR: join(work, 'cache'),
  };
  must(zig, ['cc', ...COMPILE, '-c', 'wasm.c', '-o', join(work, 'wasm.o')], { cwd: join(source, '..'), env });
  must(zig, ['wasm-ld', ...LINK, join(work, 'wasm.o'), '-o', join(work, 'kernels.wasm')], { env });
  const made = readFileSync(join(work, 'kernels.wasm'));
  const hash = createHash('sha256').update(made).digest('hex').slice(0, 16);
  if (process.argv.includes('--check')) {
    const same = readFileSync(target).equals(made);
    console.log(
      `kernels.wasm ${same ? 'is' : 'is not'} what its source gives (${made.length} bytes, ${hash})`,
    );
    process.exitCode = same ? 0 : 1;
  } else {
    writeFileSync(target, made);
    console.log(`src/numeric/kernels.wasm: ${made.length} bytes, ${hash}`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
