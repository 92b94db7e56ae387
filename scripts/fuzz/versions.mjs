// Random scenarios run by other versions of Node, which MYCEL_OTHER_NODES names (paths of their programs, separated by colons): all files of
// the results are the same.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { varied } from '../../dist/src/testing/variations.js';
import { expect } from './support/inputs.mjs';
import { run } from './support/mycel.mjs';
import { expectSame, filesOf } from './support/results.mjs';
import { drawVariation, smallScenarios } from './support/small-scenarios.mjs';

const others = (process.env.MYCEL_OTHER_NODES ?? '').split(':').filter((path) => path !== '');

export default {
  name: 'versions',
  runs: 20,
  short: 1,
  limits: { seconds: 60 },
  words: { accepted: 'compared' },
  async open({ folder }) {
    if (others.length === 0) return { skipped: 'MYCEL_OTHER_NODES names no other programs of Node' };
    const subjects = await smallScenarios();
    const input = join(folder, 'input');
    return {
      async try(draw, { index }) {
        const subject = subjects[index % subjects.length];
        rmSync(input, { recursive: true, force: true });
        mkdirSync(input);
        const scenario = varied(subject.scenario, drawVariation(draw, subject), subject.algorithm);
        writeFileSync(join(input, 'random.yaml'), stringify(scenario));
        const resultIn = (out) => join(input, out, 'random', String(scenario.seed));
        const runBy = (node, out) =>
          run('supervised', ['run', 'random.yaml', '--quiet', '--workers', '0', '--trace', '--out', out], {
            cwd: input,
            node,
          });
        const first = await runBy(process.execPath, 'this');
        expect(first.code === 0 || first.code === 2, `exit code ${first.code}: ${first.err}`);
        for (const [k, node] of others.entries()) {
          const { code, err } = await runBy(node, `other${k}`);
          expect(code === first.code, `${node}: exit code ${code}, not ${first.code}: ${err}`);
          if (code === 0) expectSame(resultIn(`other${k}`), filesOf(resultIn('this')), node);
        }
        return first.code === 0 ? 'accepted' : 'refused';
      },
    };
  },
};
