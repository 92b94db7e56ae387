"""W3 in SimPy: in every round each node sends to all neighbours, with a latency, and waits for all of their messages.

Protocol only: no network with links, no ledger, no encoding and no training, all of which are in our run.
"""

import argparse
import array
import json
import pathlib
import resource
import sys
import time

import simpy

LATENCY = 0.02


class Node:
    def __init__(self, env, neighbours, rounds):
        self.env = env
        self.neighbours = neighbours
        self.arrived = [0] * rounds
        self.complete = [env.event() for _ in range(rounds)]

    def deliver(self, message):
        round = message.value
        self.arrived[round] += 1
        if self.arrived[round] == len(self.neighbours):
            self.complete[round].succeed()

    def run(self, nodes, rounds):
        for round in range(rounds):
            for neighbour in self.neighbours:
                self.env.timeout(LATENCY, round).callbacks.append(nodes[neighbour].deliver)
            yield self.complete[round]


def read(folder):
    """The senders of every node, and the number of rounds."""
    folder = pathlib.Path(folder)
    meta = json.loads((folder / "meta.json").read_text())
    senders = array.array("i", (folder / "senders.i32").read_bytes())
    degree = meta["degree"]
    return [list(senders[node * degree : (node + 1) * degree]) for node in range(meta["nodes"])], meta["rounds"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--settings")
    args = parser.parse_args()
    if args.settings is None:
        print("{}")
        return
    senders, rounds = read(args.folder)
    env = simpy.Environment()
    nodes = [Node(env, neighbours, rounds) for neighbours in senders]
    began = time.perf_counter()
    for node in nodes:
        env.process(node.run(nodes, rounds))
    env.run()
    seconds = time.perf_counter() - began
    messages = sum(map(sum, (node.arrived for node in nodes)))
    assert messages == rounds * sum(map(len, senders))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = {
        "seconds": seconds,
        "messages": messages,
        "peakBytes": peak if sys.platform == "darwin" else 1024 * peak,
        "library": f"SimPy {simpy.__version__}",
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
