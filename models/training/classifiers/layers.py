"""Convolutions whose weight gradients are matrix products, and allocation without page faults: both for speed on CPUs.

On CPUs with matrix units the library's bfloat16 convolutions are fast forward and for the gradient of the input, but
the gradient of the weights runs at a tenth of that rate. As one matrix product over unfolded windows it is two to ten
times faster. Activations are (n, height, width, channels), so that a row of a window is one run of memory, and batch
norm sees a plain matrix, which is faster too.
"""

from __future__ import annotations

import ctypes

import torch
import torch.nn.functional as F
from torch import Tensor, nn


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


def windows(x: Tensor, stride: tuple[int, int]) -> Tensor:
    """(n, h, w, c) to one row of 9 * c values for each 3x3 window, zeros beyond the edges."""
    n, h, w, c = x.shape
    padded = F.pad(x, (0, 0, 1, 1, 1, 1))
    image, row = (h + 2) * (w + 2) * c, (w + 2) * c
    out = (n, (h - 1) // stride[0] + 1, (w - 1) // stride[1] + 1)
    view = padded.as_strided((*out, 3, 3 * c), (image, stride[0] * row, stride[1] * c, row, 1))
    return view.reshape(-1, 9 * c)


class WindowConvolution(torch.autograd.Function):
    """3x3 convolution, padding 1. `x` (n, h, w, in), `weight` (out, in, 3, 3)."""

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, stride: tuple[int, int]) -> Tensor:
        columns = windows(x, stride)
        ctx.save_for_backward(x, columns, weight)
        ctx.stride = stride
        n, h, w, _ = x.shape
        y = columns @ weight.permute(0, 2, 3, 1).reshape(len(weight), -1).t()
        return y.view(n, (h - 1) // stride[0] + 1, (w - 1) // stride[1] + 1, -1)

    @staticmethod
    def backward(ctx, gradient: Tensor):
        x, columns, weight = ctx.saved_tensors
        gradient = gradient.contiguous()
        to_input = None
        if ctx.needs_input_grad[0]:
            to_input, _, _ = torch.ops.aten.convolution_backward(
                gradient.permute(0, 3, 1, 2), x.permute(0, 3, 1, 2), weight.contiguous(memory_format=torch.channels_last),
                None, ctx.stride, (1, 1), (1, 1), False, (0, 0), 1, (True, False, False))
            to_input = to_input.permute(0, 2, 3, 1)
        to_weight = gradient.view(-1, len(weight)).t() @ columns
        return to_input, to_weight.view(len(weight), 3, 3, -1).permute(0, 3, 1, 2), None


class Conv(nn.Module):
    """(n, h, w, in) to (n, h / stride, w / stride, out): 3x3, no bias."""

    def __init__(self, channels_in: int, channels_out: int, stride: tuple[int, int] = (1, 1)) -> None:
        super().__init__()
        self.stride = stride
        self.weight = nn.Parameter(torch.empty(channels_out, channels_in, 3, 3))
        nn.init.kaiming_normal_(self.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        if self.training and torch.is_autocast_enabled("cpu"):
            return WindowConvolution.apply(x.bfloat16(), self.weight.bfloat16(), self.stride)
        return F.conv2d(x.permute(0, 3, 1, 2), self.weight, None, self.stride, 1).permute(0, 2, 3, 1)


class Norm(nn.BatchNorm1d):
    """Batch norm over the last dimension."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.reshape(-1, x.shape[-1])).view(x.shape)


class Block(nn.Module):
    """Two convolutions around a residual connection; where it shrinks, the connection averages (ResNet-D)."""

    def __init__(self, channels_in: int, channels_out: int, stride: tuple[int, int] = (1, 1)) -> None:
        super().__init__()
        self.stride = stride
        self.a, self.norm_a = Conv(channels_in, channels_out, stride), Norm(channels_out)
        self.b, self.norm_b = Conv(channels_out, channels_out), Norm(channels_out)
        nn.init.zeros_(self.norm_b.weight)  # starts as the identity
        changes = channels_in != channels_out or stride != (1, 1)
        self.skip = nn.Linear(channels_in, channels_out, bias=False) if changes else None
        self.norm_skip = Norm(channels_out) if changes else None

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.norm_a(self.a(x)))
        y = self.norm_b(self.b(y))
        if self.skip is not None:
            n, h, w, c = x.shape
            (sh, sw) = self.stride
            if self.stride != (1, 1):
                x = x.reshape(n, h // sh, sh, w // sw, sw, c).mean((2, 4))
            x = self.norm_skip(self.skip(x))
        return F.relu(x + y)
