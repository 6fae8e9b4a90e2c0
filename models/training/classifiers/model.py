"""The networks: one small residual trunk, seen through a band of columns or whole."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from layers import Block, Conv, Norm

Stride = tuple[int, int]


class Trunk(nn.Module):
    """(n, height, width, channels) to logits. `strides`: of the stem, then of the first block of each stage."""

    def __init__(self, channels: int, classes: int, widths: tuple[int, ...], depths: tuple[int, ...], strides: tuple[Stride, ...]) -> None:
        super().__init__()
        self.stem, self.norm = Conv(channels, widths[0], strides[0]), Norm(widths[0])
        blocks, current = [], widths[0]
        for width, depth, stride in zip(widths, depths, strides[1:]):
            for i in range(depth):
                blocks.append(Block(current, width, stride if i == 0 else (1, 1)))
                current = width
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(current, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.blocks(F.relu(self.norm(self.stem(x)))).mean((1, 2)))


class StripNet(nn.Module):
    """`strip` (n, height, band, channels) in 0..1 and `position` (n,), its left column, to logits.

    Two channels say where a pixel lies: the band comes from anywhere in the picture, and may go around its edge.
    """

    def __init__(self, height: int, width: int, band: int, channels: int, classes: int, **trunk) -> None:
        super().__init__()
        self.height, self.width, self.band, self.channels = height, width, band, channels
        self.trunk = Trunk(channels + 2, classes, **trunk)
        self.register_buffer("offsets", torch.arange(band), persistent=False)
        self.register_buffer("rows", torch.linspace(-1, 1, height)[None, :, None, None], persistent=False)

    def forward(self, strip: Tensor, position: Tensor) -> Tensor:
        n = strip.shape[0]
        columns = (position[:, None] + self.offsets) % self.width
        across = (columns.to(strip.dtype) * (2.0 / (self.width - 1)) - 1.0)[:, None, :, None]
        places = [across.expand(-1, self.height, -1, -1), self.rows.expand(n, -1, self.band, -1)]
        return self.trunk(torch.cat([strip * 4.0 - 2.0, *places], 3))


class ImageNet2d(nn.Module):
    """Whole pictures (n, height, width, channels): noisy, 0..1 before the noise, or with single pixels kept."""

    def __init__(self, height: int, width: int, channels: int, classes: int, **trunk) -> None:
        super().__init__()
        self.height, self.width, self.channels = height, width, channels
        self.trunk = Trunk(channels, classes, **trunk)

    def forward(self, image: Tensor) -> Tensor:
        return self.trunk(image * 2.0 - 1.0)
