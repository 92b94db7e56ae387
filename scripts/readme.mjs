// Updates the output of the quickstart and the code of scenarios/my-algorithm.js in README.md: `node scripts/readme.mjs`.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const run = spawnSync(
  process.execPath,
  ['dist/src/cli/main.js', 'run', 'scenarios/quickstart.yaml', '--fresh', '--report'],
  {
    encoding: 'utf8',
  },
);
if (run.status !== 0) throw new Error(run.stderr);
const code = readFileSync('scenarios/my-algorithm.js', 'utf8');
const readme = readFileSync('README.md', 'utf8')
  .replace(/```text\n[\s\S]*?```/, () => `\`\`\`text\n${run.stdout.trim()}\n\`\`\``)
  .replace(/```js\n(?:MYALGORITHM|import \{\n)[\s\S]*?```/, () => {
    return `\`\`\`js\n${code.slice(code.indexOf('import {')).trim()}\n\`\`\``;
  });
writeFileSync('README.md', readme);
