// Requirements of the installation: each function returns what it found, or throws a Refusal that says what to do.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NODE_MAJORS, WHEEL } from './pinned.mjs';

/** The reason why tfjs-node cannot be installed here. It is not a bug, so it is printed without a stack. */
export class Refusal extends Error {}

/** Whether a program exists and runs without error. */
const works = (command, args) => spawnSync(command, args).status === 0;

/** Throws if no library is published for this machine, or tfjs-node does not run on this version of Node. */
export function checkPlatform({
  platform = process.platform,
  arch = process.arch,
  node = process.versions.node,
  glibc = process.report.getReport().header.glibcVersionRuntime,
} = {}) {
  const major = Number.parseInt(node, 10);
  if (major < NODE_MAJORS.least || major > NODE_MAJORS.most) {
    throw new Refusal(
      `tfjs-node does not run on Node ${node}: expected Node ${NODE_MAJORS.least} to ${NODE_MAJORS.most}`,
    );
  }
  if (platform !== 'linux' || arch !== 'x64') {
    throw new Refusal(
      `unsupported platform: expected linux x64, for which the Python registry has the library, got ${platform} ${arch}. "npm install --no-save @tensorflow/tfjs-node" may work here, where its vendor's storage can be reached`,
    );
  }
  if (glibc === undefined || glibc.localeCompare(WHEEL.glibc, 'en', { numeric: true }) < 0) {
    throw new Refusal(
      `unsupported C library: expected glibc ${WHEEL.glibc} or later, got ${glibc ?? 'another one'}`,
    );
  }
}

/** A Python with pip. It only fetches and unzips, so its version does not matter. */
export function findPython() {
  const python = ['python3', 'python'].find((name) => works(name, ['-m', 'pip', '--version']));
  if (python) return python;
  throw new Refusal(
    'no pip: expected "python3 -m pip" to work, which fetches the library from the Python registry; on Debian and Ubuntu: apt-get install python3-pip',
  );
}

/** A C++ compiler: the one that CXX names, else the first of the usual ones. */
export function findCompiler(env = process.env) {
  const named = env.CXX ? [env.CXX] : ['c++', 'g++', 'clang++'];
  const compiler = named.find((name) => works(name, ['--version']));
  if (compiler) return compiler;
  throw new Refusal(
    `no C++ compiler: expected ${named.join(', ')} on the PATH (or another named by CXX) to compile the binding; on Debian and Ubuntu: apt-get install g++`,
  );
}

/** The folder with node_api.h: below `nodedir` if it is given, else near the running Node. */
export function findHeaders(nodedir) {
  const program = dirname(realpathSync(process.execPath));
  const roots = nodedir
    ? [nodedir]
    : // The last is where the package "node" of the npm registry has them.
      [join(program, '..'), join(program, '..', 'node_modules', `node-linux-${process.arch}`)];
  const folders = roots.flatMap((root) => [join(root, 'include', 'node'), join(root, 'src')]);
  const found = folders.find((folder) => existsSync(join(folder, 'node_api.h')));
  if (found) return found;
  throw new Refusal(
    `no headers of Node: expected node_api.h in one of\n  ${folders.join('\n  ')}\nInstall a Node that has its include folder (the archives of nodejs.org have; on Debian: apt-get install libnode-dev), or name a folder that has include/node: npm run install:tensorflow -- --nodedir /usr`,
  );
}

/** Throws unless the file system of `folder` has `bytes` of free space. */
export function checkRoom(folder, bytes) {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < bytes) {
    throw new Refusal(
      `not enough disk space: expected ${Math.ceil(bytes / 1e6)} MB free below ${folder}, got ${Math.floor((bavail * bsize) / 1e6)} MB`,
    );
  }
}
