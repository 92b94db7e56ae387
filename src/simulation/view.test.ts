import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measuredAt } from './view.js';
import type { World } from './world.js';

test('models of roles come before those of learners, however many learners there are', () => {
  const roles = [...new Array<string>(200_000).fill('learner'), 'server'];
  const asked: number[] = [];
  const world = {
    constants: { roles },
    plan: { measure: { at: ['adapted', 'mixed'] } },
    evaluate(node: number) {
      asked.push(node);
      return roles[node] === 'server' ? { mixed: { params: [] } } : { adapted: { params: [] } };
    },
  } as unknown as World;
  assert.equal(measuredAt(world), 'adapted');
  assert.deepEqual(asked, [200_000, 0]);
});
