"""The loop that one writes first: one node after the other, gradients by autograd."""

import torch
import torch.nn.functional as F

from workload import dense_logits, main, mix_by_node, slices


def loop(w, params, rounds):
    for round in range(rounds):
        for node in range(w.nodes):
            train(w, params[node], w.rows[round, node])
        params = mix_by_node(w, params)
    return params


def train(w, params, batches):
    own = [view.requires_grad_() for view in slices(w, params.detach())]
    for rows in batches:
        x = w.features[rows]
        for layer in range(0, len(own), 2):
            if layer > 0:
                x = x.relu()
            x = torch.addmm(own[layer + 1], x, own[layer])
        gradients = torch.autograd.grad(F.cross_entropy(x, w.labels[rows]), own)
        with torch.no_grad():
            for slice, gradient in zip(own, gradients):
                slice.sub_(gradient, alpha=w.learningRate)


if __name__ == "__main__":
    main(loop, dense_logits)
