/** What measuring will cost, where that is much: known before the first measurement. */
import type { World } from '../simulation/world.js';
import { formatFlops } from './figures.js';

/** Floating-point operations of one measurement from which on it is worth a line: some seconds of one core. */
const MUCH = 20e9;

/** Probes that evaluate models on the rows of each node, and on all rows. */
const ON_OWN = new Set(['accuracy', 'loss']);
const ON_ALL = new Set(['global-accuracy', 'global-loss']);

/** A sentence on the cost of a measurement and how to lower it; undefined where it is small, or no model is measured. */
export function measuringCost({ plan, constants }: World): string | undefined {
  if (plan.timingOnly) return undefined;
  const { probes, rows: most = Number.POSITIVE_INFINITY, at } = plan.measure;
  const uses = (ids: ReadonlySet<string>) => probes.some(({ entry }) => ids.has(entry.id));
  const { shards, dataset, modelOf } = constants;
  let rows = 0;
  let flops = 0;
  for (let node = 0; node < plan.nodes; node++) {
    const own = uses(ON_OWN) ? Math.min(most, shards[node]!.test.length) : 0;
    const all = uses(ON_ALL) ? Math.min(most, dataset.test) : 0;
    rows += at.length * (own + all);
    flops += at.length * (own + all) * modelOf(node).flops.forward;
  }
  if (flops < MUCH) return undefined;
  const each = Math.round(rows / plan.nodes).toLocaleString('en');
  return (
    `each measurement evaluates ${plan.nodes.toLocaleString('en')} nodes on ${each} rows, ${formatFlops(flops)}: ` +
    '`measure: { rows: 500 }` takes a sample of the test rows, and `every` measures less often'
  );
}
