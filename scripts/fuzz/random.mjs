// Random scenarios of every algorithm, each held to all invariants of `mycel check`, among them: the same run with other workers, saved and
// restored at a random event, without probes, and in another process, is the same to the bit.
import { checkVariation } from '../../dist/src/testing/scenario-check.js';
import { drawVariation, otherProcess, smallScenarios } from './support/small-scenarios.mjs';

export default {
  name: 'random',
  runs: 1000,
  short: 2,
  limits: { seconds: 60 },
  words: { accepted: 'compared' },
  async open() {
    const subjects = await smallScenarios();
    const other = otherProcess();
    return {
      async try(draw, { index, keep }) {
        const subject = subjects[index % subjects.length];
        const variation = drawVariation(draw, subject);
        keep('variation.json', JSON.stringify({ algorithm: subject.algorithm.id, ...variation }, null, 2));
        const tried = await checkVariation(subject, variation, { elsewhere: (job) => other.run(job) });
        return 'refused' in tried ? 'refused' : 'accepted';
      },
      close: () => other.close(),
    };
  },
};
