"""All nodes at once, or some at a time: stacked products, with a gradient written by hand; mixing is one product."""

import torch

from workload import dense_logits, main, mixing_matrix, slices


@torch.no_grad()
def loop(w, params, rounds, stack=0, sparse=True):
    matrix = mixing_matrix(w, sparse)
    size = min(stack or w.nodes, w.nodes)
    for round in range(rounds):
        for first in range(0, w.nodes, size):
            own = slices(w, params[first : first + size])
            for s in range(w.steps):
                step(w, own, w.rows[round, first : first + size, s])
        params = matrix @ params
    return params


def step(w, own, rows):
    x, y = w.features[rows], w.labels[rows]
    inputs = []
    for layer in range(0, len(own), 2):
        if layer > 0:
            x = x.relu_()
        inputs.append(x)
        x = torch.baddbmm(own[layer + 1].unsqueeze(1), x, own[layer])
    gradient = x.softmax(2)
    gradient.scatter_add_(2, y.unsqueeze(2), torch.full((*y.shape, 1), -1.0))
    gradient /= w.batch
    for layer in range(len(own) - 2, -2, -2):
        kernel, bias, x = own[layer], own[layer + 1], inputs[layer // 2]
        below = torch.bmm(gradient, kernel.transpose(1, 2)).mul_(x > 0) if layer > 0 else None
        kernel.baddbmm_(x.transpose(1, 2), gradient, alpha=-w.learningRate)
        bias.sub_(gradient.sum(1), alpha=w.learningRate)
        gradient = below


if __name__ == "__main__":
    choices = [{"stack": stack, "sparse": sparse} for stack in (0, 100, 20) for sparse in (True, False)]
    main(loop, dense_logits, choices)
