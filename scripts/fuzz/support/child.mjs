// The process of watched.mjs: tries inputs, and writes down at which it is, so that it is known if this process dies.
import { openSync, writeFileSync, writeSync } from 'node:fs';
import { loadKind } from '../kinds.mjs';
import { tryInputs } from './inputs.mjs';

const { name, place, deadline, ...job } = JSON.parse(process.argv[2]);
const file = openSync(place, 'r+');
const numbers = new Float64Array(4);
const bytes = new Uint8Array(numbers.buffer);
let told = 0;

// The process that watches is gone.
process.on('disconnect', () => process.exit(1));

const tally = await tryInputs(await loadKind(name), {
  ...job,
  deadline: deadline ?? Number.POSITIVE_INFINITY,
  begun(index, { accepted, refused, failures }) {
    if (failures.length > told) {
      writeFileSync(`${place}.failures`, JSON.stringify(failures));
      told = failures.length;
    }
    numbers.set([index + 1, accepted, refused, failures.length]);
    writeSync(file, bytes, 0, bytes.length, 0);
  },
});
process.send(tally, () => process.exit(0));
