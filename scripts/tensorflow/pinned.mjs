// The versions that `npm run install:tensorflow` installs; no other file names them.

/** The package of the npm registry; package-lock.json has its version and hashes, and those of its dependencies. */
export const PACKAGE = '@tensorflow/tfjs-node';

/**
 * The library: a wheel of the Python registry, from which only the C library and its headers are used, not Python. So any
 * CPython tag would do; a fixed one has a fixed hash. It is not the newest version, since 2.21 writes to stderr when it is
 * loaded, whatever TF_CPP_MIN_LOG_LEVEL says.
 */
export const WHEEL = {
  requirement: 'tensorflow-cpu==2.17.1',
  file: 'tensorflow_cpu-2.17.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
  tags: ['--implementation=cp', '--python-version=3.11', '--abi=cp311', '--platform=manylinux_2_17_x86_64'],
  sha256: '4935d35d15924602605c839cb6cd5a578f89f626d8736f62065fe3a089b63b6f',
  glibc: '2.17',
  bytes: 221_239_512,
};

/** Files of the wheel that are unpacked: these, and the headers below these folders of `tensorflow/include`. */
export const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
export const HEADERS = [
  'tensorflow/c',
  'tensorflow/core/platform',
  'tensorflow/tsl/platform',
  'tsl/platform',
  'xla/tsl',
];

/** The names by which tfjs-node loads the libraries, and the files that they link to. */
export const LINKS = {
  'libtensorflow.so': 'libtensorflow_cc.so.2',
  'libtensorflow.so.2.9.1': 'libtensorflow_cc.so.2',
  'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
  'libtensorflow_framework.so.2.9.1': 'libtensorflow_framework.so.2',
};

/** Version of Node-API for which the binding is compiled, also in the path where tfjs-node looks: the same for Node 20, 22 and 24. */
export const NODE_API = 8;

/** Major versions of Node on which tfjs-node 4.22 was tested; src/compute/tensorflow.ts adds what Node 23 removed. */
export const NODE_MAJORS = { least: 20, most: 24 };

/** Size of what npm fetches, packed: tfjs-node and its dependencies. */
export const NPM_BYTES = 50e6;

/** Disk space that is needed for the packages of npm, for the wheel, and for what is unpacked from it. */
export const ROOM_BYTES = { packages: 320e6, wheel: 450e6, library: 660e6 };
