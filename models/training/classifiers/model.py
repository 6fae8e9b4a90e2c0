"""The networks: one small residual trunk, over whole pictures or over every band of columns at once."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from layers import Block, ConvNorm, Stride


class Trunk(nn.Module):
    """(n, channels, height, width) to features. First number of the lists: the stem; the others: one a stage.

    `reaches`: for networks of bands, how many columns the stem and the first block of each stage look at.
    """

    def __init__(self, channels: int, widths: tuple[int, ...], depths: tuple[int, ...], strides: tuple[Stride, ...],
                 reaches: tuple[int, ...] | None = None) -> None:
        super().__init__()
        is_banded = reaches is not None
        self.stem = ConvNorm(channels, widths[0], (3, reaches[0]) if is_banded else (3, 3), strides[0], 0 if is_banded else 1)
        blocks, current = [], widths[0]
        for i, (width, depth) in enumerate(zip(widths[1:], depths), 1):
            for k in range(depth):
                reach = (reaches[i] if k == 0 else 1) if is_banded else None
                blocks.append(Block(current, width, strides[i] if k == 0 else (1, 1), reach))
                current = width
        self.blocks = nn.Sequential(*blocks)
        self.channels = current

    def forward(self, x: Tensor) -> Tensor:
        return self.blocks(F.relu(self.stem(x)))


class BandNet(nn.Module):
    """Logits of every band of columns that lies in `pixels` (n, channels, height, w), values 0..1, `columns` (n, w).

    Returns (n, w - band + 1, classes). No convolution pads columns, and all of them together reach over exactly `band`
    of them: the answer for a band is a function of its own pixels and of their place, as ablation demands, whether its
    neighbours are at hand or not. Neighbouring bands share the work of their common columns.

    Two channels say where a pixel lies: the band comes from anywhere in the picture, and may go around its edge.
    """

    def __init__(self, height: int, width: int, band: int, channels: int, classes: int, **trunk) -> None:
        super().__init__()
        if sum(trunk["reaches"]) - len(trunk["reaches"]) != band - 1:
            raise ValueError(f"reaches {trunk['reaches']} do not make a band of {band} columns")
        self.height, self.width, self.band, self.channels = height, width, band, channels
        self.trunk = Trunk(channels + 2, **trunk)
        self.head = nn.Linear(self.trunk.channels, classes)
        self.register_buffer("rows", torch.linspace(-1, 1, height)[None, None, :, None], persistent=False)

    def forward(self, pixels: Tensor, columns: Tensor) -> Tensor:
        across = (columns.to(pixels.dtype) * (2.0 / (self.width - 1)) - 1.0)[:, None, None, :]
        ones = torch.ones_like(pixels[:, :1])
        x = torch.cat([pixels * 4.0 - 2.0, across * ones, self.rows * ones], 1)
        return self.head(self.trunk(x).mean(2).transpose(1, 2))


class ImageNet2d(nn.Module):
    """Whole pictures (n, channels, height, width): noisy, 0..1 before the noise, or with single pixels kept."""

    def __init__(self, height: int, width: int, channels: int, classes: int, **trunk) -> None:
        super().__init__()
        self.height, self.width, self.channels = height, width, channels
        self.trunk = Trunk(channels, **trunk)
        self.head = nn.Linear(self.trunk.channels, classes)

    def forward(self, image: Tensor) -> Tensor:
        return self.head(self.trunk(image * 2.0 - 1.0).mean((2, 3)))
