import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeNode } from '../../test/support/fake-node.js';
import { UsageError } from '../errors.js';
import type { ScenarioFacts } from './algorithm.js';
import { fromNeighbors, type RoundOptions, requireDeadline } from './rounds.js';

const PATIENT: RoundOptions = { reliable: false };
const HASTY: RoundOptions = { reliable: false, deadline: 1000 };

test('a deadline is demanded where somebody might wait for ever, and only there', () => {
  const facts = (change: Partial<ScenarioFacts<RoundOptions>>): ScenarioFacts<RoundOptions> => ({
    options: PATIENT,
    nodes: 4,
    drops: false,
    faults: false,
    ...change,
  });
  const refused = (error: unknown) => error instanceof UsageError && error.code === 'no-deadline';
  const reliable = { reliable: true };
  for (const fine of [
    facts({}),
    facts({ drops: true, options: HASTY }),
    facts({ drops: true, options: reliable }),
    facts({ faults: true, options: HASTY }),
  ]) {
    requireDeadline(fine);
  }
  assert.throws(() => requireDeadline(facts({ drops: true })), refused);
  assert.throws(() => requireDeadline(facts({ faults: true, options: reliable })), refused);
});

test('messages of nodes that are no neighbours any more have no weight', () => {
  const node = new FakeNode({ options: null, neighbors: [2, 5] });
  const received = [2, 3, 5].map((from) => ({ from, body: `b${from}` }));
  assert.deepEqual(fromNeighbors(node.context, received), [
    { neighbor: 0, view: 'b2' },
    { neighbor: 1, view: 'b5' },
  ]);
});
