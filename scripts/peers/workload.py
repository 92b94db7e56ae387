"""What all PyTorch loops have in common: the exported workload, mixing, threads, and what is measured.

A loop is a function (workload, params, rounds, **settings) that trains float32 `params` [nodes, params] in place of the
simulator's nodes, on the same batches and with the same mixing weights, and returns them. Only the loop is timed: not
loading, not the conversion of the data to float32, and not the evaluation, all of which count on our side.
"""

import argparse
import json
import math
import pathlib
import resource
import sys
import time
from types import SimpleNamespace

import numpy as np
import torch


def load(folder):
    """The files that export.mjs has written, as tensors."""
    folder = pathlib.Path(folder)
    meta = json.loads((folder / "meta.json").read_text())
    read = lambda name, dtype: np.fromfile(folder / name, dtype=dtype)
    w = SimpleNamespace(**meta)
    w.features = torch.from_numpy(read("features.u8", "u1")).view(-1, int(np.prod(w.shape)))
    w.features = w.features.to(torch.float32).mul_(w.scale)
    w.labels = torch.from_numpy(read("labels.i32", "<i4").astype(np.int64))
    w.rows = torch.from_numpy(read("rows.u32", "<u4").astype(np.int64))
    w.rows = w.rows.view(w.rounds, w.nodes, w.steps, w.batch)
    w.test = torch.from_numpy(read("test.u32", "<u4").astype(np.int64))
    w.initial = torch.from_numpy(read("initial.f32", "<f4"))
    senders = torch.from_numpy(read("senders.i32", "<i4").astype(np.int64)).view(w.nodes, w.degree)
    w.groups = torch.cat([torch.arange(w.nodes).unsqueeze(1), senders], 1)
    w.weights = torch.from_numpy(read("weights.f64", "<f8")).view(w.nodes, w.degree + 1).to(torch.float32)
    w.final = torch.from_numpy(read("final.f32", "<f4")).view(w.nodes, w.params)
    return w


def slices(w, params):
    """Views of the slices of a model in flat params [..., params], in their order."""
    lead = params.shape[:-1]
    return [params[..., s["offset"] : s["offset"] + s["length"]].view(*lead, *s["shape"]) for s in w.slices]


def mix_by_node(w, params):
    """x_i <- sum_j w_ij x_j, one node after the other."""
    mixed = torch.empty_like(params)
    for node in range(w.nodes):
        torch.mv(params[w.groups[node]].t(), w.weights[node], out=mixed[node])
    return mixed


def mixing_matrix(w, sparse):
    """All mixing weights as a matrix [nodes, nodes]."""
    matrix = torch.zeros(w.nodes, w.nodes)
    matrix.scatter_(1, w.groups, w.weights)
    return matrix.to_sparse_csr() if sparse else matrix


def dense_logits(w, params, x):
    """Logits of one node's softmax regression or MLP."""
    kernels_and_biases = slices(w, params)
    for layer in range(0, len(kernels_and_biases), 2):
        if layer > 0:
            x = x.relu()
        x = torch.addmm(kernels_and_biases[layer + 1], x, kernels_and_biases[layer])
    return x


def accuracy(w, params, logits):
    """Mean over the nodes of the share of test samples that are classified rightly."""
    x, y = w.features[w.test], w.labels[w.test]
    with torch.no_grad():
        return sum((logits(w, p, x).argmax(1) == y).double().mean().item() for p in params) / w.nodes


def start(w, initial=None):
    return (w.initial if initial is None else initial).repeat(w.nodes, 1)


def seconds_of(loop, w, rounds, initial, settings):
    settings = dict(settings)
    torch.set_num_threads(settings.pop("threads"))
    params = start(w, initial)
    began = time.perf_counter()
    params = loop(w, params, rounds, **settings)
    return time.perf_counter() - began, params


def best_settings(loop, w, initial, choices):
    """The settings that are fastest over some rounds, the first round left out."""
    rounds = min(w.rounds, 3)
    seconds = [math.inf] * len(choices)
    for settings in choices:
        seconds_of(loop, w, 1, initial, settings)
    # All once, then all again: what slows the machine for a while then slows all of them alike.
    for _ in range(2):
        for i, settings in enumerate(choices):
            seconds[i] = min(seconds[i], seconds_of(loop, w, rounds, initial, settings)[0])
    return choices[seconds.index(min(seconds))]


def main(loop, logits=dense_logits, choices=({},), convert=lambda w, p: p, restore=lambda w, p: p):
    """`<loop>.py <folder> [--settings JSON]`: without settings, finds the best ones and prints them; with, runs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--settings")
    args = parser.parse_args()
    w = load(args.folder)
    initial = convert(w, w.initial)
    if args.settings is None:
        tried = [{"threads": threads, **choice} for choice in choices for threads in (1, 2)]
        print(json.dumps(best_settings(loop, w, initial, tried)))
        return
    settings = json.loads(args.settings)
    seconds_of(loop, w, 1, initial, settings)
    seconds, params = seconds_of(loop, w, w.rounds, initial, settings)
    own = torch.stack([restore(w, p) for p in params])
    report = {
        "seconds": seconds,
        "steps": w.rounds * w.nodes * w.steps,
        "accuracy": accuracy(w, params, logits),
        "difference": (own - w.final).abs().mean().item(),
        "moved": (w.initial - w.final).abs().mean().item(),
        "peakBytes": peak_bytes(),
        "library": f"PyTorch {torch.__version__}",
    }
    print(json.dumps(report))


def peak_bytes():
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
