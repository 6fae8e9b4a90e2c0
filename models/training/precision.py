"""The device to train on, and bfloat16 where it pays: on GPUs and on processors that multiply it themselves. On the others it is emulated, and ten times
slower than single precision."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import torch


@cache
def is_bfloat16_fast(device: str = "cpu") -> bool:
    """What the processor says of itself; where it says nothing (macOS, Windows), no."""
    if device != "cpu":
        return True
    information = Path("/proc/cpuinfo")
    words = information.read_text().split() if information.exists() else []
    return "avx512_bf16" in words or "amx_bf16" in words


def autocast(device: str = "cpu") -> torch.autocast:
    return torch.autocast(device, torch.bfloat16, enabled=is_bfloat16_fast(device))


def training_device(has_one_size: bool) -> torch.device:
    """A GPU where there is one. If all pictures have one size, convolutions are timed once and the fastest kept; for pictures of
    many sizes, that takes longer than it saves."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    torch.backends.cudnn.benchmark = has_one_size
    torch.set_float32_matmul_precision("high")
    return torch.device("cuda")


def device_in_words(device: torch.device) -> str:
    """For model cards."""
    return f"one {torch.cuda.get_device_name()}" if device.type == "cuda" else "the processor, as one core's time"
