// What `npm run install:tensorflow` puts in place: the only place where versions are named.

/** The package of the npm registry; its version and hashes, and those of what it needs, stand in package-lock.json. */
export const PACKAGE = '@tensorflow/tfjs-node';

/**
 * The library: a wheel of the Python registry, of which the C library and its headers are used, never Python itself.
 * So any CPython tag would do, and one is named for one hash to hold. Not the newest version: 2.21 writes to stderr
 * while it is loaded, whatever TF_CPP_MIN_LOG_LEVEL says.
 */
export const WHEEL = {
  requirement: 'tensorflow-cpu==2.17.1',
  file: 'tensorflow_cpu-2.17.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
  tags: ['--implementation=cp', '--python-version=3.11', '--abi=cp311', '--platform=manylinux_2_17_x86_64'],
  sha256: '4935d35d15924602605c839cb6cd5a578f89f626d8736f62065fe3a089b63b6f',
  glibc: '2.17',
  bytes: 221_239_512,
};

/** Files of the wheel that are taken: these, and the headers under these folders of `tensorflow/include`. */
export const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
export const HEADERS = [
  'tensorflow/c',
  'tensorflow/core/platform',
  'tensorflow/tsl/platform',
  'tsl/platform',
  'xla/tsl',
];

/** Names under which tfjs-node asks for the libraries → what they are. */
export const LINKS = {
  'libtensorflow.so': 'libtensorflow_cc.so.2',
  'libtensorflow.so.2.9.1': 'libtensorflow_cc.so.2',
  'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
  'libtensorflow_framework.so.2.9.1': 'libtensorflow_framework.so.2',
};

/** Version of Node-API for which the binding is compiled, and where tfjs-node looks for it: one file for Node 20, 22 and 24. */
export const NODE_API = 8;

/** Majors of Node on which tfjs-node 4.22 was tried; src/compute/tensorflow.ts gives it what Node 23 removed. */
export const NODE_MAJORS = { least: 20, most: 24 };

/** What npm fetches, packed: tfjs-node and what it needs. */
export const NPM_BYTES = 50e6;

/** Room that is needed: the wheel, what is unpacked from it, and the packages of npm. */
export const ROOM_BYTES = { packages: 320e6, wheel: 450e6, library: 660e6 };
