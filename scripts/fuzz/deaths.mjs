// As `kills`, but in this process, which is much faster: at one operation on files the command loses its hands, as if it had been killed there,
// and nothing that it tries to mend afterwards reaches the disk. Half of the commands that mend it die too.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCheckpoint } from '../../dist/src/report/checkpoint-file.js';
import { cutShort, follow } from './support/file-operations.mjs';
import { makeScene } from './support/kill-scene.mjs';
import { inProcess } from './support/mycel.mjs';

/** An id that no process has. */
const NOBODY = 2 ** 30;

export default {
  name: 'deaths',
  runs: 4000,
  short: 2,
  words: { accepted: 'killed and mended', refused: 'over before' },
  async open({ folder }) {
    const { calls, parent, reset, look, finish } = await makeScene(folder);
    const lives = {};
    return {
      async try(draw, { keep }) {
        let name = draw.pick(Object.keys(calls));
        const hasEarlier = draw.chance(0.3);
        const seeds = name === 'two' ? [1, 2] : [1];
        reset(name);
        lives[name] ??= (await dying(calls[name], Number.POSITIVE_INFINITY)).operations;
        reset(name, hasEarlier);
        const deaths = [];
        let hasDied = false;
        do {
          // A command that goes on has as many operations at most.
          const death = {
            name,
            at: draw.integer(lives[name]),
            when: draw.pick(['before', 'middle', 'after']),
          };
          deaths.push(death);
          keep('deaths.json', JSON.stringify({ hasEarlier, deaths }));
          ({ hasDied } = await dying(calls[name], death.at, death.when));
          orphanLocks(parent);
          look({ hasEarlier, what: 'after a death' });
          if (hasCheckpoint(join(parent, '1.running'))) name = 'resume';
          lives[name] ??= 60;
        } while (hasDied && draw.chance(0.4));
        await finish({ hasEarlier, seeds });
        return deaths.length > 1 || hasDied ? 'accepted' : 'refused';
      },
    };
  },
};

/** Calls a command that dies at an operation; what it says then does not matter. */
async function dying(call, at, when) {
  let operations = 0;
  let hasDied = false;
  const restore = follow((name, real, args, number) => {
    operations++;
    if (hasDied) throw new Error('dead');
    if (number !== at) return real(...args);
    hasDied = true;
    cutShort(when, name, real, args);
    throw new Error('dead');
  });
  try {
    await inProcess(call);
  } catch (error) {
    if (!hasDied) throw error;
  } finally {
    restore();
  }
  return { operations, hasDied };
}

/** Locks of this process become those of one that is gone. */
function orphanLocks(parent) {
  for (const name of readdirSync(parent).filter((one) => one.endsWith('.lock'))) {
    const path = join(parent, name);
    writeFileSync(path, `${JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), pid: NOBODY })}\n`);
  }
}
