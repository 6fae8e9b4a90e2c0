"""What the student is told: be like the teacher, map by map and cell by cell; on drawn scenes, find what was drawn."""

import torch
from torch.nn import functional as F

from assign import giou
from model import boxes_of

BOX, OBJECTNESS, CLASS = slice(0, 4), 4, slice(5, None)
LEVEL = {"c8": 0, "p8": 0, "c16": 1, "n16": 1, "p16": 1, "c32": 2, "p32": 2}


def like_maps(f: dict[str, torch.Tensor], maps: dict[str, torch.Tensor], raw: torch.Tensor, size: int) -> dict[str, torch.Tensor]:
    """Mean squared distance to the teacher's maps by name, objects weighted up. The maps have mean 0 and spread 1, so
    that 1 is what an answer without content costs."""
    score = raw[..., OBJECTNESS].sigmoid()
    sides = [size // s for s in (8, 16, 32)]
    levels = [s.view(-1, 1, k, k) for s, k in zip(score.split([k * k for k in sides], 1), sides)]
    # An object seen at one stride matters on the maps of all of them.
    where = [sum(F.adaptive_max_pool2d(s, k) if k <= s.shape[2] else F.interpolate(s, k) for s in levels) for k in sides]
    out = {}
    for name, wanted in maps.items():
        weight = 1 + 4 * where[LEVEL[name]].clamp(max=1)
        out[name] = ((f[name].float() - wanted).square() * (weight / weight.mean())).mean()
    return out


def like_answers(out, raw, cells, strides):
    """Box, objectness and class loss against the teacher's raw answers of every cell."""
    objectness = raw[..., OBJECTNESS].sigmoid()
    names = raw[..., CLASS].sigmoid()
    count = objectness.sum().clamp(min=1)
    like_object = F.binary_cross_entropy_with_logits(out[..., OBJECTNESS], objectness, reduction="sum") / count
    miss = F.binary_cross_entropy_with_logits(out[..., CLASS], names, reduction="none").sum(-1)
    like_class = (miss * objectness).sum() / count
    score = objectness * names.amax(-1)
    some = score > 0.02
    if not some.any():
        return out.sum() * 0, like_object, like_class
    weight = score[some]
    index = some.nonzero()[:, 1]
    mine = boxes_of(out[some], cells[index], strides[index])
    wanted = boxes_of(raw[some], cells[index], strides[index])
    far = (out[..., BOX][some] - raw[..., BOX][some]).abs().sum(-1)
    box = ((2 * (1 - giou(mine, wanted)) + 0.5 * far) * weight).sum() / weight.sum().clamp(min=1)
    return box, like_object, like_class
