"""Inputs for the checks: pictures with the statistics of photographs, noise, and targets at random."""

from __future__ import annotations

from typing import Iterator

import numpy as np

Array = np.ndarray


def photograph_like(rng: np.random.Generator, height: int, width: int) -> Array:
    """Noise whose amplitude falls with frequency as in photographs, correlated colours, a few flat shapes; 0..1."""
    f = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None])
    f[0, 0] = 1.0
    waves = np.fft.fft2(rng.standard_normal((4, height, width)))
    planes = np.real(np.fft.ifft2(waves / np.maximum(f, 1.0 / max(height, width))))
    planes = planes / planes.std((1, 2), keepdims=True)
    picture = 0.45 + 0.2 * planes[:1] + 0.08 * planes[1:]
    for _ in range(4):
        y, x = rng.integers(height), rng.integers(width)
        picture[:, y : y + height // 4, x : x + width // 5] = rng.random((3, 1, 1))
    return np.round(np.clip(picture, 0, 1) * 255) / 255


def pictures(height: int, width: int, count: int, seed: int = 0) -> Iterator[Array]:
    """[1, 3, height, width], 0..1: photograph-like ones, every third pure noise."""
    rng = np.random.default_rng(seed)
    for i in range(count):
        noise = i % 3 == 2
        picture = rng.random((3, height, width)) if noise else photograph_like(rng, height, width)
        yield picture[None].astype(np.float32)


def detection_feeds(seed: int, cells: int, classes: int) -> dict[str, Array]:
    """Targets and weights of the detection loss: dense for even seeds, one cell in fifty for odd ones."""
    rng = np.random.default_rng(seed)
    low = rng.random((1, cells, 2)) * 350
    kept = (rng.random((1, cells)) < (0.02 if seed % 2 else 1.0)).astype(np.float64)
    feeds = {
        "objectness_target": rng.random((1, cells)), "objectness_weight": rng.random((1, cells)) * kept,
        "class_target": rng.random((1, cells, classes)), "class_weight": rng.random((1, cells, classes)) * kept[..., None],
        "box_target": np.concatenate([low, low + 10 + rng.random((1, cells, 2)) * 100], 2), "box_weight": rng.random((1, cells)) * kept,
    }
    return {name: value.astype(np.float32) for name, value in feeds.items()}


def segmentation_feeds(seed: int, height: int, width: int) -> dict[str, Array]:
    """A square of truth, weights at random."""
    rng = np.random.default_rng(seed)
    truth = np.zeros((1, 1, height, width), np.float32)
    y, x, side = rng.integers(height // 2), rng.integers(width // 2), min(height, width) // 3
    truth[:, :, y : y + side, x : x + side] = 1
    return {"truth": truth, "weight": rng.random(truth.shape).astype(np.float32)}
