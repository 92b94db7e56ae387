/**
 * The six regions of SimBlock: mean latencies, bandwidths and where Bitcoin's nodes are, of 2015 and of 2019, from its
 * `NetworkConfiguration.java` (https://github.com/dsg-titech/simblock). Y. Aoki, K. Otsuki, T. Kaneko, R. Banno and K. Shudo,
 * "SimBlock: A Blockchain Network Simulator", IEEE INFOCOM Workshops 2019. SimBlock takes these latencies one way.
 */
import type { BitsPerSecond, Nanoseconds } from '../../units.js';

/** A region as published: what a scenario may change. */
interface PublishedRegion {
  /** Of the nodes of Bitcoin, 0 … 1. */
  readonly share: number;
  readonly uplink: BitsPerSecond;
  readonly downlink: BitsPerSecond;
}

/** Regions with the mean one-way latencies between them. */
interface PublishedRegions {
  readonly regions: ReadonlyMap<string, PublishedRegion>;
  mean(from: string, to: string): Nanoseconds;
}

const NAMES = ['north-america', 'europe', 'south-america', 'asia-pacific', 'japan', 'australia'];

/** Published tables: milliseconds, Mbps and shares, in the order of {@link NAMES}. */
interface Tables {
  readonly means: readonly (readonly number[])[];
  readonly uplinks: readonly number[];
  readonly downlinks: readonly number[];
  readonly shares: readonly number[];
}

const OF_2015: Tables = {
  means: [
    [36, 119, 255, 310, 154, 208],
    [119, 12, 221, 242, 266, 350],
    [255, 221, 137, 347, 256, 269],
    [310, 242, 347, 99, 172, 278],
    [154, 266, 256, 172, 9, 163],
    [208, 350, 269, 278, 163, 22],
  ],
  uplinks: [4.7, 8.1, 1.8, 5.3, 3.4, 5.2],
  downlinks: [25, 24, 6.5, 10, 17.5, 14],
  shares: [0.3869, 0.5159, 0.0113, 0.0574, 0.0119, 0.0166],
};

const OF_2019: Tables = {
  means: [
    [32, 124, 184, 198, 151, 189],
    [124, 11, 227, 237, 252, 294],
    [184, 227, 88, 325, 301, 322],
    [198, 237, 325, 85, 58, 198],
    [151, 252, 301, 58, 12, 126],
    [189, 294, 322, 198, 126, 16],
  ],
  uplinks: [19.2, 20.7, 5.8, 15.7, 10.2, 11.3],
  downlinks: [52, 40, 18, 22.8, 22.8, 29.9],
  shares: [0.3316, 0.4998, 0.009, 0.1177, 0.0224, 0.0195],
};

function published({ means, uplinks, downlinks, shares }: Tables): PublishedRegions {
  const regions = NAMES.map((name, k) => {
    const [uplink, downlink] = [uplinks, downlinks].map((table) => Math.round(table[k]! * 1e6));
    return [name, { share: shares[k]!, uplink: uplink!, downlink: downlink! }] as const;
  });
  const mean = (from: string, to: string) => means[NAMES.indexOf(from)]![NAMES.indexOf(to)]! * 1e6;
  return { regions: new Map(regions), mean };
}

/** SimBlock's regions by what a scenario calls them. */
export const simblock = { 'simblock-2015': published(OF_2015), 'simblock-2019': published(OF_2019) } as const;
