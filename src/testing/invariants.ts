/**
 * What holds in every run, whatever the scenario and the algorithm: one sentence each, and how it is seen. An invariant
 * looks at the run between its events, and throws where it does not hold.
 */
import { faultOfDealing } from '../data/split.js';
import type { AnyAlgorithm } from '../learning/algorithm.js';
import { areFinite } from '../learning/params.js';
import type { Links } from '../network/sharing/links.js';
import type { World } from '../simulation/world.js';
import { isDoublyStochastic, ruleOf } from '../topology/mixing/index.js';
import { codecs, masks, personal } from './body-invariants.js';
import { expect, type Invariant, type InvariantWatch, type WatchedInvariant } from './watched.js';

const conservation: WatchedInvariant = {
  id: 'conservation',
  says: 'at every instant, in messages and bytes of every link, sent = delivered + dropped + cut + in flight, and in flight is what is under way',
  watch: (world) => ({
    event: () => world.network.audit(),
    end: () => world.network.audit(),
  }),
};

/** How much earlier than its closed form a rounded time may be, in nanoseconds. */
const ROUNDING = 2;

/** Raises bandwidths that are greater now than they have been: links may change during a run. */
function raise(links: Links, world: World): void {
  for (const [link, bandwidth] of world.network.links().capacity.entries())
    links.capacity[link] = Math.max(links.capacity[link]!, bandwidth);
}

const arrival: WatchedInvariant = {
  id: 'arrival',
  says: 'no message arrives before it was sent + its latency + its bits ÷ the bandwidth of its narrowest link, the greatest one where it changes',
  watch(world) {
    const links = world.network.links();
    return {
      event({ time, attempt: id }) {
        raise(links, world);
        const attempt = id === undefined ? undefined : world.network.attempt(id);
        if (!attempt) return;
        const { from, to, sentAt } = attempt.message;
        const bandwidth = links.narrowest(from, to);
        const least = sentAt + attempt.latency + (8e9 * attempt.bytes) / bandwidth;
        expect(
          time >= least - ROUNDING,
          () =>
            `a message of ${attempt.bytes} bytes from ${from} to ${to}, sent at ${sentAt} ns, arrives at ${time} ns, expected ${least} ns at the earliest`,
        );
      },
    };
  },
};

/** Arrivals at a link that are looked at together. */
const WINDOW = 40;

const capacity: WatchedInvariant = {
  id: 'capacity',
  says: 'in no span of time does a link, of a node, a zone or the core, carry more than its bandwidth, the greatest one where it changes',
  watch(world) {
    const links = world.network.links();
    const seen = new Map<number, { readonly from: number; readonly to: number; readonly bits: number }[]>();
    const check = (link: number, one: { from: number; to: number; bits: number }) => {
      const bandwidth = links.capacity[link]!;
      const list = seen.get(link) ?? [];
      seen.set(link, list);
      list.push(one);
      if (list.length > WINDOW) list.shift();
      // What began at or after an attempt, and is over now, went through the link since then.
      for (const { from } of list) {
        const bits = list.reduce((sum, other) => sum + (other.from >= from ? other.bits : 0), 0);
        const most = (bandwidth * (one.to - from + ROUNDING)) / 1e9;
        expect(
          bits <= most,
          () =>
            `${links.name(link)} carries ${bits} bits from ${from} ns to ${one.to} ns, expected at most ${most}`,
        );
      }
    };
    return {
      event({ time, attempt: id }) {
        raise(links, world);
        const attempt = id === undefined ? undefined : world.network.attempt(id);
        if (!attempt) return;
        const { from, to } = attempt.message;
        const span = { from: attempt.startedAt, to: time, bits: 8 * attempt.bytes };
        for (const link of links.path(from, to)) check(link, span);
      },
    };
  },
};

/** What the discipline `fair` saves of its flows. */
interface SavedFlow {
  readonly attempt: number;
  readonly rate: number;
  /** Only where the transport holds it back. */
  readonly paced?: { readonly limit: number };
}

/** How far below its limit a rate may be that is rounded down, in bits per second. */
const LIMIT_ROUNDING = 1e-6;

const maxMin: WatchedInvariant = {
  id: 'max-min',
  says: 'with `fair`, every transfer has a link that is full and on which none is faster, or goes as fast as its transport lets it',
  watch(world) {
    if (world.plan.network.sharing.entry.id !== 'fair') return {};
    let known = -1;
    return {
      event({ time }) {
        if (time === known) return;
        known = time;
        const links = world.network.links();
        const { flows } = world.network.save().sharing as { readonly flows: readonly SavedFlow[] };
        const ratesOn = new Map<number, number[]>();
        const own = flows.map(({ attempt, rate, paced }) => {
          const { from, to } = world.network.attempt(attempt)!.message;
          const path = [...links.path(from, to)];
          for (const link of path) ratesOn.set(link, [...(ratesOn.get(link) ?? []), rate]);
          return { rate, path, limit: paced?.limit };
        });
        for (const { rate, path, limit } of own) {
          if (limit !== undefined && rate >= limit - LIMIT_ROUNDING) continue;
          const isBottleneck = (link: number) => {
            const rates = ratesOn.get(link)!;
            const total = rates.reduce((sum, one) => sum + one, 0);
            // Rates are whole bits per second, rounded down, or finer.
            return (
              total + rates.length > links.capacity[link]! && rates.every((one) => one <= rate + rates.length)
            );
          };
          expect(
            path.some(isBottleneck) && (rate > 0 || path.some((link) => links.capacity[link] === 0)),
            () =>
              `a transfer of ${rate} bit/s through ${path.map((link) => links.name(link)).join(', ')} has no such link, at ${time} ns`,
          );
        }
      },
    };
  },
};

const down: WatchedInvariant = {
  id: 'down',
  says: 'nothing is sent by a node that is down, or delivered to it',
  watch(world) {
    let arriving: { readonly to: number; readonly delivered: number } | undefined;
    const check = () => {
      if (!arriving || world.network.isUp(arriving.to)) return;
      const { delivered } = world.ledger.totals().messages;
      const { to, delivered: before } = arriving;
      expect(delivered === before, () => `a message was delivered to node ${to}, which was down`);
    };
    return {
      event({ attempt, target }) {
        check();
        const isDown = attempt !== undefined && !world.network.isUp(target);
        arriving = isDown ? { to: target, delivered: world.ledger.totals().messages.delivered } : undefined;
      },
      sent: ({ from, type }) =>
        expect(world.network.isUp(from), () => `node ${from} sent "${type}" while it was down`),
      end: check,
    };
  },
};

/** How far from 1 sums of weights may be. */
const WEIGHTS = 1e-9;

const mixing: WatchedInvariant = {
  id: 'mixing',
  says: 'the mixing weights of a node are finite and add up to 1, and where a rule says that it is doubly stochastic, so do those that others give it; of a column-stochastic rule, only these do',
  watch(world) {
    const { entry, options } = world.plan.algorithm;
    const rule = (entry as AnyAlgorithm).mixing?.(options);
    if (rule === undefined) return {};
    const chosen = typeof rule === 'string' ? { entry: ruleOf(rule), options: {} } : rule;
    const hasColumns = chosen.entry.columnStochastic || isDoublyStochastic(chosen);
    const check = (round: number) => {
      const { nodes } = world.plan;
      const columns = new Float64Array(nodes);
      for (let node = 0; node < nodes; node++) {
        const row = world.topology.mixing(node, round);
        const incoming = world.topology.of(node, round).in;
        let sum = row.self;
        columns[node]! += row.self;
        for (const [k, weight] of row.neighbors.entries()) {
          sum += weight;
          columns[incoming[k]!]! += weight;
        }
        const isWhole = chosen.entry.columnStochastic || Math.abs(sum - 1) <= WEIGHTS;
        expect(isWhole, () => `the weights of node ${node} add up to ${sum}`);
      }
      if (!hasColumns) return;
      for (const [node, sum] of columns.entries())
        expect(Math.abs(sum - 1) <= WEIGHTS, () => `the weights that all give node ${node} add up to ${sum}`);
    };
    const seen = new Set<number>();
    let links = '';
    return {
      event({ target }) {
        const { members, in: lists } = world.topology.save();
        const now = `${JSON.stringify(lists.map((list) => [...list]))} ${String(members)}`;
        if (now !== links) seen.clear();
        links = now;
        // Where links are the same in all rounds, one round stands for them all.
        const differ = world.topology.changes || members !== undefined;
        const round = differ && target >= 0 && target < world.plan.nodes ? world.rounds.of(target) : 0;
        if (seen.has(round)) return;
        seen.add(round);
        check(round);
      },
    };
  },
};

const shards: WatchedInvariant = {
  id: 'shards',
  says: 'every training row that the split deals out belongs to one node, and none to two unless the split repeats them; none is of the test part',
  watch: ({ constants, plan }) => ({
    end() {
      const { dataset, shards: all } = constants;
      const { entry, options } = plan.data.split;
      const dealt = entry.deals?.(options, plan) ?? 'all';
      const owners = new Map<number, number>();
      for (const [node, shard] of all.entries()) {
        for (const row of [...shard.train, ...shard.validation]) {
          expect(row < dataset.train, () => `row ${row} of node ${node} is a test row`);
          const owner = owners.get(row);
          expect(
            owner === undefined || dealt === 'repeatedly',
            () => `row ${row} belongs to node ${owner} and to node ${node}`,
          );
          owners.set(row, node);
        }
      }
      const fault = faultOfDealing(all, dataset, dealt);
      expect(fault === undefined, () => fault!);
    },
  }),
};

const finite: WatchedInvariant = {
  id: 'finite',
  says: 'params are finite, or the run says which node diverged',
  watch: (world) => ({
    end({ diverged, stopped }) {
      if (stopped === 'diverged') return;
      for (let node = 0; node < world.plan.nodes; node++) {
        const known = diverged.some((one) => one.node === node);
        for (const [label, { params }] of Object.entries(world.evaluate(node)))
          expect(
            known || areFinite(params),
            () => `the params of node ${node} under "${label}" are not finite`,
          );
      }
    },
  }),
};

/** Every invariant that is seen within a run. */
const watchedInvariants: readonly WatchedInvariant[] = [
  conservation,
  arrival,
  capacity,
  maxMin,
  down,
  mixing,
  shards,
  finite,
  codecs,
  masks,
  personal,
];

const ENDS: Invariant = {
  id: 'ends',
  says: 'a run ends by its rounds, by its time or because params diverged, and does not fail or stall; what cannot run is refused before it begins',
};

/** Those that are seen by comparing runs, in the order in which they are checked. */
const comparedInvariants = [
  {
    id: 'repeated',
    says: 'a run in another process has the same bits',
  },
  {
    id: 'workers',
    says: 'the number of workers, and so the grouping of tasks, changes no bit',
  },
  {
    id: 'saved',
    says: 'a run that is saved after any event, and restored, goes on to the same bits',
  },
  {
    id: 'watched',
    says: 'probes, a trace and the interval of measuring change no bit of the run',
  },
  {
    id: 'average',
    says: 'where mixing is doubly stochastic, averaging alone preserves the mean of the params, and brings them together at least at the rate of the spectral gap',
  },
  {
    id: 'silence',
    says: 'where an algorithm says that without messages it is local-only, it ends with the params of local-only when every message is lost',
  },
  {
    id: 'fixed-point',
    says: 'where an algorithm says that its rounds are full gradient steps and averages, they end on quadratics at the fixed point of the closed form',
  },
] as const satisfies readonly Invariant[];

/** Every invariant that `mycel check` tries. @public */
export const invariants: readonly Invariant[] = [ENDS, ...watchedInvariants, ...comparedInvariants].map(
  ({ id, says }) => ({ id, says }),
);

/** What the run of a plan is watched with, by invariant. */
export function watchesOf(world: World): ReadonlyMap<string, InvariantWatch> {
  return new Map(watchedInvariants.map(({ id, watch }) => [id, watch(world)]));
}
