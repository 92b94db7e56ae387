/** The folder for the results of a run. */
import { join } from 'node:path';

/** Where the results of a scenario are. */
interface ScenarioResults {
  /** Folder for all results. */
  readonly root: string;
  /** Path of the scenario's file. */
  readonly scenario: string;
}

/** `results/<path under scenarios>/[<variant>/]<seed>`; of a scenario outside a folder `scenarios`, just its name. */
export function resultPath(
  run: ScenarioResults & {
    /** Name of a variant of a comparison. */
    readonly variant?: string | undefined;
    readonly seed: number;
  },
): string {
  const variant = run.variant === undefined ? [] : [fileName(run.variant)];
  return join(scenarioPath(run), ...variant, String(run.seed));
}

/** The folder for all results of a scenario. */
export function scenarioPath(run: ScenarioResults): string {
  const segments = run.scenario.split(/[/\\]/);
  const under = segments.slice(segments.lastIndexOf('scenarios', -2) + 1);
  const inside = under.length < segments.length ? under : segments.slice(-1);
  const last = inside.length - 1;
  const folders = inside.map((name, i) => fileName(i === last ? name.replace(/\.[^.]+$/, '') : name));
  return join(run.root, ...folders);
}

/** A name that is safe in a path. Different labels give different names, since `%` is escaped too. */
function fileName(label: string): string {
  const escaped = label.replace(/[^A-Za-z0-9._=+-]/gu, percentEncoded);
  return /^\.*$/.test(escaped) ? escaped.replaceAll('.', '%2E') || '%' : escaped;
}

function percentEncoded(character: string): string {
  const bytes = new TextEncoder().encode(character);
  return Array.from(bytes, (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}
