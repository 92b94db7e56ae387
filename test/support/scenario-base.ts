/** A small valid scenario, in which tests make mistakes. */

/** Text of a YAML scenario; `replace` puts lines in place of those that begin with the same key. */
export function scenarioText(replace: Readonly<Record<string, string>> = {}): string {
  const lines: Record<string, string> = {
    seed: 'seed: 1',
    nodes: 'nodes: 4',
    data: 'data: { use: blobs, features: 8, classes: 2, train: 80, test: 20, split: { use: iid } }',
    model: 'model: { use: softmax }',
    topology: 'topology: { use: ring }',
    network: 'network: { latency: { use: constant, value: 10ms }, uplink: 1Mbps, downlink: 1Mbps }',
    algorithm: 'algorithm: { use: d-psgd, localSteps: 1, batch: 8 }',
    stop: 'stop: { after: 3 rounds }',
    ...replace,
  };
  return `${Object.values(lines)
    .filter((line) => line !== '')
    .join('\n')}\n`;
}
