"""What each method does to a picture, and what its votes prove: certificates against evasion with integers alone.

Pictures are (n, h, w, channels), bytes or floats in 0..1. Encoded ones are (n, channels, h, w), as the models take them.
"""

from __future__ import annotations

import numpy as np


def pair(pictures: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """The encoding `pair`: (n, 2C, h, w) with x and 1 - x where `kept` (n, h, w), and zeros elsewhere."""
    x = pictures.transpose(0, 3, 1, 2)
    return (np.concatenate([x, 1 - x], 1) * kept[:, None]).astype(np.float32)


def band_columns(position: np.ndarray, band: int, width: int) -> np.ndarray:
    """(n, band): the columns of the band whose left edge is at `position`, around the edge where need be."""
    return (position[:, None] + np.arange(band)) % width


def ablate_columns(pictures: np.ndarray, position: np.ndarray, band: int) -> np.ndarray:
    """Keeps one band of columns a picture, in the encoding `pair`."""
    n, h, w, _ = pictures.shape
    kept = np.zeros((n, h, w), bool)
    kept[np.arange(n)[:, None], :, band_columns(position, band, w)] = True
    return pair(pictures, kept)


def random_pixels(rng: np.random.Generator, n: int, pixels: int, retained: int) -> np.ndarray:
    """(n, pixels) booleans, exactly `retained` of them true, all choices alike."""
    order = np.argpartition(rng.random((n, pixels), np.float32), retained - 1, axis=1)[:, :retained]
    kept = np.zeros((n, pixels), bool)
    np.put_along_axis(kept, order, True, 1)
    return kept


def splitting_table(levels: int) -> np.ndarray:
    """(levels, 256): the midpoint of the cell that holds a byte when the cuts lie at offset + 1/2 + multiples of `levels`."""
    offset, byte = np.arange(levels)[:, None], np.arange(256)[None]
    lower = offset + 0.5 + np.floor((byte - offset - 0.5) / levels) * levels
    return ((lower.clip(0, 255) + (lower + levels).clip(0, 255)) / 510.0).astype(np.float32)


def split(pictures: np.ndarray, shift: np.ndarray, template: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Splitting noise (DSSN): bytes (n, h, w, c), one shift a picture, `template` (h, w, c) in 0..levels-1."""
    return table[(shift[:, None, None, None] + template) % len(table), pictures]


def levels_of(sigma: float) -> int:
    """The published models' number of levels: cells are as wide as uniform noise of standard deviation `sigma`."""
    return int(2.0 * sigma * np.sqrt(3.0) * 255.0)


def budget(votes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Winner and number of votes that may turn without changing it; `votes` (n, classes), ties to the lower class."""
    votes = votes.astype(np.int64)
    winner = votes.argmax(1)
    rows, classes = np.arange(len(votes)), np.arange(votes.shape[1])
    margin = (votes[rows, winner][:, None] - votes - (classes < winner[:, None])) // 2
    margin[rows, winner] = np.iinfo(np.int64).max
    return winner, margin.min(1).clip(0)


def affected_columns(patch: int, band: int, width: int) -> int:
    return min(width, patch + band - 1)


def ablation_radius(lower: float, pixels: int, retained: int) -> int:
    """Randomised ablation: the largest number of pixels r with 3/2 - lower < C(d-r, k) / C(d, k)."""
    radius, share = 0, 1.0
    while radius < pixels - retained:
        share *= (pixels - retained - radius) / (pixels - radius)
        if not 1.5 - lower < share:
            break
        radius += 1
    return radius
