/** Which node has which data, for the page: results do not say it, so their scenarios are planned again, without being run. */
import { PluginError, UsageError } from '../errors.js';
import type { TableGroup } from '../report/page/group.js';
import { splitTables } from '../report/page/split.js';
import { loadConstants } from '../simulation/constants.js';
import { lastDataset } from '../simulation/try-out.js';
import { planAgain } from './again.js';

/** Tables of the split of each result. Where its data cannot be had here, there are none, and `note` is told why. */
export function splitGroup(note: (text: string) => void): TableGroup {
  const load = lastDataset();
  const noted = new Set<string>();
  return async ({ folder, summary: { scenario, variant, machine } }) => {
    try {
      const file = machine.file ?? `${folder}/summary.json`;
      const { dataset, shards } = await loadConstants(await planAgain({ file, variant, scenario }), load);
      return splitTables(dataset, shards);
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof PluginError)) throw error;
      // Many runs may lack the same.
      if (!noted.has(error.message))
        note(
          `${folder}: the page does not say who has which data, since it cannot be planned again: ${error.message}`,
        );
      noted.add(error.message);
      return {};
    }
  };
}
