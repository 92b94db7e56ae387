// Several processes on one folder at the same moment. One writes it, and the others are refused in one sentence; where one is killed, another
// may take over. What is written is right.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from './support/inputs.mjs';
import { makeScene } from './support/kill-scene.mjs';
import { start } from './support/mycel.mjs';

/** What the others are told. */
const REFUSED = /^cannot write \S+: .*(another run|was not finished)|^expected an unfinished run/;

export default {
  name: 'two',
  runs: 60,
  short: 1,
  limits: { seconds: 20 },
  words: { accepted: 'had one winner', refused: 'were mended' },
  async open({ folder }) {
    const { commands, parent, reset, look, finish } = await makeScene(folder);
    return {
      async try(draw, { index, keep }) {
        const name = draw.pick(['run', 'checkpoints', 'resume']);
        const isKilled = draw.chance(0.4);
        const hasEarlier = draw.chance(0.3);
        reset(name, hasEarlier);
        const [gate, hold] = ['gate', 'hold'].map((word) => join(folder, `${word}-${index}`));
        const victim = { killAt: draw.integer(40), when: draw.pick(['before', 'middle', 'after']) };
        const follows = Array.from({ length: draw.between(2, 3) }, (_, k) => ({
          gate,
          delays: draw.integer(2 ** 31),
          ...(isKilled ? k === 0 && victim : { hold }),
        }));
        keep('two.json', JSON.stringify({ command: commands[name], follows }));
        const processes = follows.map((follow) =>
          start('supervised', commands[name], { cwd: folder, follow }),
        );
        const isReady = () =>
          readdirSync(folder).filter((found) => found.startsWith(`gate-${index}.`)).length ===
          processes.length;
        await until(isReady, 60);
        writeFileSync(gate, '');
        let over = 0;
        const all = processes.map(({ ended }) => ended.finally(() => over++));
        if (!isKilled) {
          await until(() => over >= processes.length - 1, 60);
          writeFileSync(hold, '');
        }
        const ends = await Promise.all(all);
        for (const { code, signal, err } of ends) {
          if (signal === 'SIGKILL' && isKilled) continue;
          expect(code === 0 || code === 2, `exit code ${code ?? signal}: ${err}`);
          if (code === 2)
            expect(
              REFUSED.test(err) && err.trim().split('\n').length === 1,
              `expected one sentence, got: ${err}`,
            );
        }
        const winners = ends.filter(({ code }) => code === 0).length;
        if (!isKilled)
          expect(
            winners === 1,
            `expected one winner, got ${winners}: ${ends.map(({ err }) => err).join('')}`,
          );
        look({ hasEarlier, what: `after ${processes.length} processes` });
        if (!isKilled) expect(existsSync(join(parent, '1')), 'expected the results of the winner');
        await finish({ hasEarlier });
        return winners === 1 ? 'accepted' : 'refused';
      },
    };
  },
};

async function until(holds, seconds) {
  for (const end = Date.now() + 1000 * seconds; !holds() && Date.now() < end; )
    await new Promise((resolve) => setTimeout(resolve, 5));
}
