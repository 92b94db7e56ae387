// One benchmark of network.mjs, alone in its process: `node run-network.mjs <name>` prints one line of JSON.
import benchmarks from '../network.mjs';

const { run } = benchmarks.find(({ name }) => name === process.argv[2]);
const value = await run();
// maxRSS is in kilobytes.
console.log(
  JSON.stringify({ messages: value, seconds: 1, peakBytes: process.resourceUsage().maxRSS * 1024 }),
);
