"""The loop that one writes first, for W1-cnn: one node after the other, torch.nn.functional and autograd.

PyTorch keeps images as [channels, height, width] and kernels as [filters, channels, height, width]; params are brought to
that order once, before the clock starts.
"""

import torch
import torch.nn.functional as F

from workload import main, mix_by_node, slices

NAMES = ["conv1/kernel", "conv1/bias", "conv2/kernel", "conv2/bias", "dense1/kernel", "dense1/bias"]


def ordered(w):
    """Where each number of our flat params stands in PyTorch's order."""
    assert [s["name"] for s in w.slices] == NAMES, "expected the model of W1-cnn"
    own = slices(w, torch.arange(w.params))
    side = int((own[4].shape[0] // own[2].shape[3]) ** 0.5)
    dense = own[4].view(side, side, own[2].shape[3], -1).permute(2, 0, 1, 3)
    turned = [own[0].permute(3, 2, 0, 1), own[1], own[2].permute(3, 2, 0, 1), own[3], dense, own[5]]
    return torch.cat([slice.reshape(-1) for slice in turned])


def convert(w, params):
    return params[ordered(w)]


def restore(w, params):
    ours = torch.empty_like(params)
    ours[ordered(w)] = params
    return ours


def views(w, params):
    """The slices in PyTorch's shapes."""
    parts = [params[s["offset"] : s["offset"] + s["length"]] for s in w.slices]
    shapes = [s["shape"] for s in w.slices]
    turned = lambda shape: (shape[3], shape[2], shape[0], shape[1])
    shapes = [turned(shape) if len(shape) == 4 else shape for shape in shapes]
    return [part.view(shape) for part, shape in zip(parts, shapes)]


def forward(own, x):
    x = F.max_pool2d(F.conv2d(x, own[0], own[1]).relu(), 2)
    x = F.max_pool2d(F.conv2d(x, own[2], own[3]).relu(), 2)
    return torch.addmm(own[5], x.flatten(1), own[4])


def images(w, rows):
    height, width, channels = w.shape
    assert channels == 1, "expected images of one channel"
    return w.features[rows].view(-1, 1, height, width)


def loop(w, params, rounds, channels_last=False):
    for round in range(rounds):
        for node in range(w.nodes):
            train(w, params[node], w.rows[round, node], channels_last)
        params = mix_by_node(w, params)
    return params


def train(w, params, batches, channels_last):
    own = [view.requires_grad_() for view in views(w, params.detach())]
    for rows in batches:
        x = images(w, rows)
        if channels_last:
            x = x.contiguous(memory_format=torch.channels_last)
        gradients = torch.autograd.grad(F.cross_entropy(forward(own, x), w.labels[rows]), own)
        with torch.no_grad():
            for slice, gradient in zip(own, gradients):
                slice.sub_(gradient, alpha=w.learningRate)


def logits(w, params, x):
    return forward(views(w, params), x.view(-1, 1, *w.shape[:2]))


if __name__ == "__main__":
    choices = [{"channels_last": False}, {"channels_last": True}]
    main(loop, logits, choices, convert, restore)
