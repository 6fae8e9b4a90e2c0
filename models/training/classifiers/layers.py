"""The one block that all classifiers are made of, and allocation without page faults."""

from __future__ import annotations

import ctypes

import torch.nn.functional as F
from torch import Tensor, nn

Stride = tuple[int, int]


def keep_memory() -> None:
    """Tells the allocator of glibc to keep what is freed: fresh pages for each activation cost more than the arithmetic.

    32 MiB is the largest block it manages itself, so batches should be small enough for activations below that.
    """
    try:
        libc = ctypes.CDLL("libc.so.6")
        for parameter, value in ((-3, 32 << 20), (-1, 2**31 - 1), (-2, 256 << 20)):  # mmap threshold, trim, top pad
            libc.mallopt(parameter, value)
    except (OSError, AttributeError):
        pass  # another C library: slower, not wrong


class ConvNorm(nn.Sequential):
    """Convolution without bias, then batch norm. Rows are padded; columns by `pad`, or not at all."""

    def __init__(self, channels_in: int, channels_out: int, kernel: tuple[int, int], stride: Stride = (1, 1), pad: int = 0) -> None:
        super().__init__(
            nn.Conv2d(channels_in, channels_out, kernel, stride, (kernel[0] // 2, pad), bias=False),
            nn.BatchNorm2d(channels_out),
        )
        nn.init.kaiming_normal_(self[0].weight, nonlinearity="relu")


class Block(nn.Module):
    """Two convolutions around a residual connection; where it shrinks, the connection averages (ResNet-D).

    `reach` None: 3x3 convolutions, padded. `reach` r: no column sees its neighbours but in the first convolution, which
    looks at r columns and is not padded, so that r - 1 columns fewer come out.
    """

    def __init__(self, channels_in: int, channels_out: int, stride: Stride, reach: int | None) -> None:
        super().__init__()
        if reach is None:
            self.a = ConvNorm(channels_in, channels_out, (3, 3), stride, 1)
            self.b = ConvNorm(channels_out, channels_out, (3, 3), pad=1)
        else:
            self.a = ConvNorm(channels_in, channels_out, (3, reach), stride)
            self.b = ConvNorm(channels_out, channels_out, (3, 1))
        nn.init.zeros_(self.b[1].weight)  # starts as the identity
        shrinks = stride != (1, 1) or (reach or 1) > 1
        window = stride if reach is None else (stride[0], reach)
        self.skip = nn.Sequential(
            *([nn.AvgPool2d(window, stride)] if shrinks else []),
            *([ConvNorm(channels_in, channels_out, (1, 1))] if channels_in != channels_out else []),
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.b(F.relu(self.a(x))) + self.skip(x))
