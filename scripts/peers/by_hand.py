"""One node after the other, with a gradient written by hand: no autograd, updates fused with the products."""

import torch

from workload import dense_logits, main, mix_by_node, slices


@torch.no_grad()
def loop(w, params, rounds):
    every = torch.arange(w.batch)
    for round in range(rounds):
        for node in range(w.nodes):
            own = slices(w, params[node])
            for rows in w.rows[round, node]:
                step(w, own, w.features[rows], w.labels[rows], every)
        params = mix_by_node(w, params)
    return params


def step(w, own, x, y, every):
    inputs = []
    for layer in range(0, len(own), 2):
        if layer > 0:
            x = x.relu_()
        inputs.append(x)
        x = torch.addmm(own[layer + 1], x, own[layer])
    gradient = x.softmax(1)
    gradient[every, y] -= 1
    gradient /= w.batch
    for layer in range(len(own) - 2, -2, -2):
        kernel, bias, x = own[layer], own[layer + 1], inputs[layer // 2]
        below = (gradient @ kernel.t()).mul_(x > 0) if layer > 0 else None
        kernel.addmm_(x.t(), gradient, alpha=-w.learningRate)
        bias.sub_(gradient.sum(0), alpha=w.learningRate)
        gradient = below


if __name__ == "__main__":
    main(loop, dense_logits)
