"""SimOTA (Ge et al., YOLOX, 2021): which cells answer for which object, and the losses that follow."""

import torch
from torch.nn import functional as F


def pairwise_iou(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """(n, 4) and (m, 4) to (n, m)."""
    side = torch.minimum(a[:, None, 2:], b[None, :, 2:]) - torch.maximum(a[:, None, :2], b[None, :, :2])
    inter = side.clamp(min=0).prod(2)
    area_a, area_b = (a[:, 2:] - a[:, :2]).prod(1), (b[:, 2:] - b[:, :2]).prod(1)
    return inter / (area_a[:, None] + area_b[None] - inter + 1e-7)


@torch.no_grad()
def assign(boxes, logits, centres, strides, truth, truth_class):
    """For one picture: indices of the positive cells, the object of each, and their overlap.

    `boxes` (cells, 4) predictions, `logits` (cells, 1 + classes), `centres` (cells, 2) and `strides` (cells, 1) in
    input pixels, `truth` (objects, 4), `truth_class` (objects).
    """
    low = centres[None] - truth[:, None, :2]
    high = truth[:, None, 2:] - centres[None]
    inside = torch.cat([low, high], 2).amin(2) > 0
    middle = (truth[:, :2] + truth[:, 2:]) / 2
    near = (centres[None] - middle[:, None]).abs().amax(2) < 2.5 * strides[:, 0]
    candidates = (inside | near).any(0).nonzero()[:, 0]
    if len(candidates) == 0:
        return candidates, candidates, truth.new_zeros(0)
    both = (inside & near)[:, candidates]
    iou = pairwise_iou(truth, boxes[candidates])
    score = (logits[candidates, :1].sigmoid() * logits[candidates, 1:].sigmoid()).sqrt()
    # Binary cross-entropy against a one-hot class: all classes' misses, then the true class's swapped in.
    miss = -torch.log1p(-score.clamp(max=1 - 1e-6))
    hit = -torch.log(score.clamp(min=1e-6))
    cost = miss.sum(1)[None] - miss[:, truth_class].T + hit[:, truth_class].T
    cost = cost - 3 * torch.log(iou + 1e-8) + 1e5 * (~both)
    take = min(10, len(candidates))
    wanted = iou.topk(take, 1).values.sum(1).int().clamp(min=1)
    best = cost.topk(take, 1, largest=False).indices
    chosen = torch.zeros_like(cost, dtype=torch.bool)
    chosen.scatter_(1, best, torch.arange(take, device=cost.device)[None] < wanted[:, None])
    contested = chosen.sum(0) > 1
    if contested.any():
        winner = cost[:, contested].argmin(0)
        chosen[:, contested] = F.one_hot(winner, len(truth)).T.bool()
    positive = chosen.any(0).nonzero()[:, 0]
    owner = chosen[:, positive].int().argmax(0)
    return candidates[positive], owner, iou[owner, positive]


def giou(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Generalised overlap of matching rows of (n, 4) boxes."""
    inter = (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])).clamp(min=0).prod(1)
    union = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - inter
    hull = (torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])).prod(1)
    return inter / (union + 1e-7) - (hull - union) / (hull + 1e-7)


def losses(out, boxes, centres, strides, targets, ignored):
    """Box, objectness and class loss of a batch. `targets` and `ignored` are lists of (n, 5) and (m, 4) tensors."""
    positive, objects, overlap, offset = [], [], [], 0
    weight = torch.ones(out.shape[:2], device=out.device)
    for i, (target, skip) in enumerate(zip(targets, ignored)):
        if len(skip):
            inside = (centres[:, None] > skip[None, :, :2]) & (centres[:, None] < skip[None, :, 2:])
            weight[i, inside.all(2).any(1)] = 0
        if len(target):
            cells, owner, iou = assign(
                boxes[i].detach(), out[i, :, 4:].detach(), centres, strides, target[:, :4], target[:, 4].long()
            )
            positive.append(cells + offset)
            objects.append(target[owner])
            overlap.append(iou)
        offset += out.shape[1]
    positive = torch.cat(positive) if positive else torch.zeros(0, dtype=torch.long, device=out.device)
    count = max(1, len(positive))
    wanted = torch.zeros_like(weight).view(-1)
    wanted[positive] = 1
    weight.view(-1)[positive] = 1
    objectness = F.binary_cross_entropy_with_logits(out[..., 4].reshape(-1), wanted, weight.view(-1), reduction="sum")
    if len(positive) == 0:
        zero = out.sum() * 0
        return zero, objectness / count, zero, 0
    objects, overlap = torch.cat(objects), torch.cat(overlap)
    flat = out.reshape(-1, out.shape[2])[positive, 5:]
    names = F.one_hot(objects[:, 4].long(), flat.shape[1]) * overlap[:, None]
    classes = F.binary_cross_entropy_with_logits(flat, names, reduction="sum")
    box = (1 - giou(boxes.reshape(-1, 4)[positive], objects[:, :4])).sum()
    return 5 * box / count, objectness / count, classes / count, len(positive)
