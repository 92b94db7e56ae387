import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resultPath } from './result-path.js';

const root = 'results';

test("the folder of results is made of the scenario's path below scenarios, the variant and the seed", () => {
  assert.equal(resultPath({ root, scenario: 'scenarios/quickstart.yaml', seed: 1 }), 'results/quickstart/1');
  assert.equal(
    resultPath({ root, scenario: '/home/me/scenarios/paper/fig-1.yaml', variant: 'ring', seed: 22 }),
    'results/paper/fig-1/ring/22',
  );
  assert.equal(resultPath({ root, scenario: 'C:\\scenarios\\a\\b.json', seed: 1 }), 'results/a/b/1');
});

test('for a scenario outside a folder of scenarios its name is used', () => {
  assert.equal(resultPath({ root, scenario: '../elsewhere/mine.v2.yaml', seed: 3 }), 'results/mine.v2/3');
  assert.equal(resultPath({ root, scenario: 'scenarios', seed: 3 }), 'results/scenarios/3');
});

test('a label cannot leave its folder, and different labels stay different', () => {
  const variant = (label: string) => resultPath({ root, scenario: 's.yaml', variant: label, seed: 1 });
  assert.equal(variant('topology=ring'), 'results/s/topology=ring/1');
  assert.equal(variant('../..'), 'results/s/..%2F../1');
  assert.equal(variant('..'), 'results/s/%2E%2E/1');
  assert.equal(variant('5 µs'), 'results/s/5%20%C2%B5s/1');
  assert.equal(variant('5%20µs'), 'results/s/5%2520%C2%B5s/1');
  assert.equal(variant(''), 'results/s/%/1');
});
