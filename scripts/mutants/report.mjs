// What a run over mutants says at its end.
import { FOLDERS, folderOf, shown } from './sources.mjs';

const FOUND = ['killed', 'timeout'];

/**
 * Counts by folder and in all. The score is the share of mutants that tests find, of those that are not known to be equivalent: those
 * that no test executes count as not found.
 */
export function tally(judged, equivalent) {
  const count = (folder, list) => {
    const same = list.filter(({ mutant, outcome }) => !FOUND.includes(outcome) && equivalent.has(mutant.id));
    const of = (outcome) => list.filter((one) => one.outcome === outcome && !same.includes(one)).length;
    const [killed, timeout, survived, uncovered] = [...FOUND, 'survived', 'uncovered'].map(of);
    const counted = list.length - same.length;
    const score = counted === 0 ? 1 : (killed + timeout) / counted;
    return { folder, killed, timeout, survived, uncovered, equivalent: same.length, score };
  };
  return [
    ...FOLDERS.map((folder) =>
      count(
        folder,
        judged.filter(({ mutant }) => folderOf(mutant) === folder),
      ),
    ),
    count('all', judged),
  ].filter(
    ({ folder, killed, timeout, survived, uncovered, equivalent }) =>
      folder === 'all' || killed + timeout + survived + uncovered + equivalent > 0,
  );
}

/** The counts as a Markdown table. */
export function table(rows) {
  return [
    '| folder | killed | timed out | survived | not executed | equivalent | score |',
    '|---|---|---|---|---|---|---|',
    ...rows.map(
      ({ folder, killed, timeout, survived, uncovered, equivalent, score }) =>
        `| ${folder} | ${killed} | ${timeout} | ${survived} | ${uncovered} | ${equivalent} | ${(100 * score).toFixed(1)} % |`,
    ),
  ].join('\n');
}

/** The mutants that no test found, a line each. */
export function survivors(judged, equivalent) {
  return judged
    .filter(({ outcome }) => !FOUND.includes(outcome))
    .map(
      ({ mutant, outcome, isCutShort }) =>
        `${equivalent.has(mutant.id) ? 'equivalent' : isCutShort ? 'survived (cut short)' : outcome}  ${shown(mutant)}`,
    );
}
