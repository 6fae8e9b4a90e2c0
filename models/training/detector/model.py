"""The network: dense convolutions on few channels, a light top-down/bottom-up neck, YOLOX's decoupled head.

Dense rather than depthwise convolutions, because matrix units and onnxruntime's CPU kernels both run them at
several times the arithmetic rate, for training as for use.
"""

import torch
from torch import nn
from torch.nn import functional as F

from classes import CLASSES

STRIDES = (8, 16, 32)


class Conv(nn.Sequential):
    def __init__(self, cin: int, cout: int, k: int = 1, stride: int = 1, groups: int = 1):
        super().__init__(
            nn.Conv2d(cin, cout, k, stride, k // 2, groups=groups, bias=False),
            nn.BatchNorm2d(cout, eps=1e-3, momentum=0.03),
            nn.ReLU(inplace=True),
        )


class Residual(nn.Module):
    def __init__(self, c: int):
        super().__init__()
        self.a, self.b = Conv(c, c, 3), Conv(c, c, 3)

    def forward(self, x):
        return x + self.b(self.a(x))


class Stage(nn.Module):
    """Halves the side, then a cross-stage partial block: every step's result reaches the output."""

    def __init__(self, cin: int, cout: int, hidden: int, depth: int, stride: int = 2):
        super().__init__()
        self.down = Conv(cin, cout, 3, 2) if stride == 2 else Conv(cin, cout)
        self.split = Conv(cout, 2 * hidden)
        self.steps = nn.ModuleList(Residual(hidden) for _ in range(depth))
        self.join = Conv((2 + depth) * hidden, cout)

    def forward(self, x):
        parts = list(self.split(self.down(x)).chunk(2, 1))
        for step in self.steps:
            parts.append(step(parts[-1]))
        return self.join(torch.cat(parts, 1))


class PoolPyramid(nn.Module):
    """Three stacked 5x5 maxima (SPPF): context at no cost in parameters."""

    def __init__(self, c: int, hidden: int):
        super().__init__()
        self.inside, self.out = Conv(c, hidden), Conv(4 * hidden, c)

    def forward(self, x):
        parts = [self.inside(x)]
        for _ in range(3):
            parts.append(F.max_pool2d(parts[-1], 5, 1, 2))
        return self.out(torch.cat(parts, 1))


class Head(nn.Module):
    """One stride: (batch, 5 + classes, h, w) = x, y, w, h, objectness logit, class logits."""

    def __init__(self, c: int, classes: int):
        super().__init__()
        self.box_tower = nn.Sequential(Conv(c, c, 3, groups=c), Conv(c, c), Conv(c, c, 3, groups=c), Conv(c, c))
        self.class_tower = nn.Sequential(Conv(c, c, 3, groups=c), Conv(c, c), Conv(c, c, 3, groups=c), Conv(c, c))
        self.box, self.objectness, self.classes = nn.Conv2d(c, 4, 1), nn.Conv2d(c, 1, 1), nn.Conv2d(c, classes, 1)
        for conv in (self.objectness, self.classes):
            nn.init.constant_(conv.bias, -4.6)  # everything starts as background with probability 0.99
        nn.init.zeros_(self.box.bias)

    def forward(self, x):
        a, b = self.box_tower(x), self.class_tower(x)
        return torch.cat([self.box(a), self.objectness(a), self.classes(b)], 1)


class Detector(nn.Module):
    """(n, 3, h, w) RGB 0..255 to (n, cells, 5 + classes), cells of strides 8, 16, 32 row by row, logits."""

    def __init__(self, classes: int = len(CLASSES), neck: int = 64):
        super().__init__()
        # Two bare strided convolutions: at full resolution memory traffic, not arithmetic, costs the time.
        self.stem = nn.Sequential(Conv(3, 16, 3, 2), Conv(16, 32, 3, 2))
        self.s8 = Stage(32, 64, 32, 2)
        self.s16 = Stage(64, 128, 48, 2)
        self.s32 = Stage(128, 192, 64, 1)
        self.context = PoolPyramid(192, 96)
        n = neck
        self.in32, self.in16, self.in8 = Conv(192, n), Conv(128, n), Conv(64, n)
        self.up16, self.up8 = Stage(2 * n, n, n // 2, 1, 1), Stage(2 * n, n, n // 2, 1, 1)
        self.to16, self.to32 = Conv(n, n, 3, 2), Conv(n, n, 3, 2)
        self.down16, self.down32 = Stage(2 * n, n, n // 2, 1, 1), Stage(2 * n, n, n // 2, 1, 1)
        self.heads = nn.ModuleList(Head(n, classes) for _ in STRIDES)

    def forward(self, x):
        a8 = self.s8(self.stem(x / 128 - 1))
        a16 = self.s16(a8)
        a32 = self.in32(self.context(self.s32(a16)))
        b16 = self.up16(torch.cat([F.interpolate(a32, scale_factor=2.0), self.in16(a16)], 1))
        p8 = self.up8(torch.cat([F.interpolate(b16, scale_factor=2.0), self.in8(a8)], 1))
        p16 = self.down16(torch.cat([self.to16(p8), b16], 1))
        p32 = self.down32(torch.cat([self.to32(p16), a32], 1))
        out = [head(p).flatten(2) for head, p in zip(self.heads, (p8, p16, p32))]
        return torch.cat(out, 2).transpose(1, 2)


def grid(height: int, width: int):
    """(cells, 2) column and row, and (cells, 1) stride, for an input of `height` x `width` pixels."""
    cells, strides = [], []
    for s in STRIDES:
        y, x = torch.meshgrid(torch.arange(height // s), torch.arange(width // s), indexing="ij")
        cells.append(torch.stack([x.flatten(), y.flatten()], 1))
        strides.append(torch.full((x.numel(), 1), s))
    return torch.cat(cells).float(), torch.cat(strides).float()


def boxes_of(raw: torch.Tensor, cells: torch.Tensor, strides: torch.Tensor) -> torch.Tensor:
    """(…, cells, 4) raw x, y, w, h to x1, y1, x2, y2 in input pixels."""
    centre = (raw[..., :2] + cells) * strides
    half = raw[..., 2:4].clamp(max=8).exp() * strides / 2
    return torch.cat([centre - half, centre + half], -1)
