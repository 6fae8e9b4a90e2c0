"""An example for from_pytorch.py: the loss of hiding, for a small stand-in of a detector. Put your detector in its place."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from from_pytorch import Recipe


class StandIn(nn.Module):
    """Takes n x 3 x h x w, 0..1, and gives one objectness logit for each cell of 8 x 8 pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.SiLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.Hardswish(),
            nn.MaxPool2d(2), nn.Conv2d(16, 1, 1),
        )

    def forward(self, image: Tensor) -> Tensor:
        return self.body(image)


class HidingLoss(nn.Module):
    """How sure the detector is that something is where `wanted` says so; an attack that hides descends it."""

    def __init__(self, detector: nn.Module) -> None:
        super().__init__()
        self.detector = detector

    def forward(self, image: Tensor, wanted: Tensor) -> Tensor:
        logits = self.detector(image)
        return (F.softplus(logits) * wanted).sum()


def make() -> Recipe:
    torch.manual_seed(0)
    return Recipe(
        loss=HidingLoss(StandIn()),
        inputs={"image": torch.rand(1, 3, 96, 128), "wanted": torch.rand(1, 1, 12, 16)},
        formula="loss = sum over cells of wanted * ln(1 + e^objectness)",
        picture={"range": 1, "channelOrder": "rgb", "resize": "letterbox"},
        meanings={"wanted": "1 in cells whose object shall vanish, else 0"},
    )
