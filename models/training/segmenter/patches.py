"""What looks like an adversarial patch: made ones, procedural textures, overdriven photographs, things under a pattern."""

from __future__ import annotations

from typing import Sequence

import cv2
import numpy as np

from decoys import flat_or_gradient, lettering, photo_crop, road_sign
from textures import Array, Rng, block_noise, octave_field, procedural, psychedelic, resize, to_bytes


def from_bank(rng: Rng, bank: Sequence[Array], h: int, w: int) -> Array:
    """A stored patch (made by make_bank.py or published_recipes.py), cropped, turned and recoloured."""
    x = bank[rng.integers(len(bank))]
    if rng.random() < 0.4:
        share = rng.uniform(0.4, 1.0)
        ch, cw = max(8, int(x.shape[0] * share)), max(8, int(x.shape[1] * share))
        y0, x0 = rng.integers(x.shape[0] - ch + 1), rng.integers(x.shape[1] - cw + 1)
        x = x[y0:y0 + ch, x0:x0 + cw]
    x = np.rot90(x, rng.integers(4))
    if rng.random() < 0.5:
        x = x[:, ::-1]
    x = resize(np.ascontiguousarray(x), h, w, cv2.INTER_NEAREST if rng.random() < 0.1 else None)
    if rng.random() < 0.5:
        x = recolour(rng, x)
    return x


def recolour(rng: Rng, x: Array) -> Array:
    if rng.random() < 0.4:
        x = x[..., rng.permutation(3)]
    if rng.random() < 0.5:
        hsv = cv2.cvtColor(np.ascontiguousarray(x), cv2.COLOR_RGB2HSV)
        hsv[..., 0] = (hsv[..., 0].astype(np.int32) + rng.integers(180)) % 180
        x = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
    if rng.random() < 0.15:
        x = 255 - x
    return np.ascontiguousarray(x)


def quantise(rng: Rng, x: Array) -> Array:
    """Nearest colour of a small random sample of the patch's own colours."""
    flat = x.reshape(-1, 3).astype(np.float32)
    palette = flat[rng.integers(0, len(flat), rng.integers(4, 12))]
    nearest = (flat @ palette.T - 0.5 * (palette ** 2).sum(1)).argmax(1)
    return palette[nearest].reshape(x.shape).astype(np.uint8)


def overdriven(rng: Rng, h: int, w: int, photos: Sequence[Array]) -> Array:
    """A photograph with every scale of every place driven to the same contrast, colours pure, tones folded over.

    Patches made against deep networks show things, as photographs do, but equally loud everywhere, with ringing edges
    and chrome-like tones. Small networks cannot be made to draw them; this has their statistics, if not their meaning.
    """
    side = int(rng.choice([48, 64, 96, 128, 192]))
    x = photo_crop(rng, side, max(16, int(side * w / h)) if w < 3 * h else side, photos).astype(np.float32) / 255.0
    bands, low = [], x
    for sigma in (0.8, 1.6, 3.2, 6.4, 12.8)[: int(rng.integers(3, 6))]:
        lower = cv2.GaussianBlur(low, (0, 0), sigma)
        bands.append((low - lower, 2.5 * sigma))
        low = lower
    evenness = rng.uniform(0.5, 1.0)
    weights = rng.uniform(0.2, 1.0, len(bands)) * rng.uniform(0.7, 1.4) ** np.arange(len(bands))
    total = np.zeros_like(x)
    for (band, reach), weight in zip(bands, weights):
        energy = np.sqrt(cv2.GaussianBlur((band ** 2).mean(2), (0, 0), reach))[..., None] + 0.004
        total += weight * band / energy ** evenness * energy.mean() ** (evenness - 1.0)
    total = total / (total.std() + 1e-6)
    grey = total.mean(2, keepdims=True)
    total = grey + rng.uniform(1.0, 3.5) * (total - grey)
    tint = low - low.mean() * rng.uniform(0.3, 1.0)
    x = 0.5 + rng.uniform(0.18, 0.42) * total + rng.uniform(0.3, 1.6) * tint
    u = rng.random()
    if u < 0.35:  # tones folded over, once or several times
        x = 0.5 + 0.5 * np.sin(rng.uniform(2.0, 9.0) * (x - 0.5) + rng.uniform(-0.6, 0.6, 3))
    elif u < 0.55:  # ringing
        x = x + rng.uniform(0.5, 2.5) * (x - cv2.GaussianBlur(x, (0, 0), rng.uniform(0.8, 2.5)))
    if rng.random() < 0.3:
        x = x @ (0.6 * np.eye(3) + rng.uniform(-0.5, 0.9, (3, 3))).astype(np.float32)
    return resize(to_bytes(x), h, w)


def fine_pattern(rng: Rng, h: int, w: int, optimised: Sequence[Array], photos: Sequence[Array], least: float) -> Array:
    """What is added to a thing, h x w x 3, mean 0: deviation between `least` and 0.3."""
    u = rng.random()
    if u < 0.35 and len(optimised):
        pattern = from_bank(rng, optimised, h, w)
    elif u < 0.6:
        pattern = to_bytes(psychedelic(rng, h, w))
    elif u < 0.8:
        pattern = overdriven(rng, h, w, photos)
    else:
        pattern = to_bytes(block_noise(rng, h, w))
    pattern = pattern.astype(np.float32) / 255.0
    # Without its coarse scales: the colours and the large shapes stay those of the thing.
    pattern -= cv2.GaussianBlur(pattern, (0, 0), rng.uniform(0.04, 0.2) * min(h, w) + 1.0)
    grey = pattern.mean(2, keepdims=True)
    pattern = grey + rng.uniform(0.0, 1.5) * (pattern - grey)
    return pattern * np.exp(rng.uniform(np.log(least), np.log(0.3))) / (pattern.std() + 1e-6)


def perturbed(rng: Rng, h: int, w: int, optimised: Sequence[Array], photos: Sequence[Array]) -> Array:
    """A thing with a pattern over it that leaves it recognisable: attacks that must stay close to a sign (ShapeShifter,
    Chen et al. 2018) or to a picture. The things themselves, bare, are among the decoys."""
    is_photo = rng.random() < 0.35
    if is_photo:
        thing, least = photo_crop(rng, h, w, photos), 0.12
    else:
        thing, least = (lettering(rng, h, w) if rng.random() < 0.65 else flat_or_gradient(rng, h, w)), 0.06
    pattern = fine_pattern(rng, h, w, optimised, photos, least)
    x = thing.astype(np.float32) / 255.0
    if not is_photo and rng.random() < 0.5:  # on one of its colours alone, as around the letters of a sign
        colour = x[rng.integers(h), rng.integers(w)]
        pattern *= (np.abs(x - colour).max(2, keepdims=True) < 0.25)
    return to_bytes(x + pattern)


def perturbed_sign(rng: Rng, h: int, w: int, optimised: Sequence[Array], photos: Sequence[Array]) -> Array:
    """A road sign with a pattern on its ground or all over it, its outline as a fourth channel."""
    picture, outline, shows = road_sign(rng, h, w)
    pattern = fine_pattern(rng, h, w, optimised, photos, least=0.07)
    reach = shows if rng.random() < 0.7 else 1.0
    return np.dstack([to_bytes(picture.astype(np.float32) / 255.0 + reach * pattern), outline])


def patch_texture(rng: Rng, h: int, w: int, optimised: Sequence[Array], photos: Sequence[Array]) -> Array:
    """h x w x 3, or with its outline as a fourth channel."""
    if rng.random() < 0.13:
        return perturbed_sign(rng, h, w, optimised, photos)

    def one() -> Array:
        u = rng.random()
        if u < 0.5 and len(optimised):
            return from_bank(rng, optimised, h, w)
        if u < 0.7:
            return overdriven(rng, h, w, photos)
        return perturbed(rng, h, w, optimised, photos) if u < 0.8 else procedural(rng, h, w)

    x = one()
    u = rng.random()
    if u < 0.10:  # two textures side by side or blended
        y = one()
        if rng.random() < 0.5:
            cut = (octave_field(rng, h, w, 1, lowest=2.0) > 0).reshape(h, w, 1)
            x = np.where(cut, x, y)
        else:
            a = rng.uniform(0.3, 0.7)
            x = (a * x + (1 - a) * y).astype(np.uint8)
    elif u < 0.16:
        x = quantise(rng, x)
    elif u < 0.28:
        x = repeated(rng, x)
    if rng.random() < 0.08:
        dull = dulled(rng, x)
        if dull.std((0, 1)).mean() > 10:
            x = dull
    return x


def dulled(rng: Rng, x: Array) -> Array:
    """Little contrast, little colour, little detail: what is left of patches that were optimised to look inconspicuous."""
    x = cv2.GaussianBlur(x, (0, 0), rng.uniform(0.3, 0.015 * min(x.shape[:2]) + 0.6)).astype(np.float32)
    mean = x.mean((0, 1))
    grey = x.mean(2, keepdims=True)
    x = grey + rng.uniform(0.2, 0.7) * (x - grey)
    return np.clip(mean + rng.uniform(0.35, 0.7) * (x - x.mean((0, 1))), 0, 255).astype(np.uint8)


def repeated(rng: Rng, x: Array) -> Array:
    """Two to six of it a side, as on printed cloth: in rows that may be shifted, none quite like the next."""
    h, w = x.shape[:2]
    n = int(rng.integers(2, 7))
    tile = resize(x, max(4, h // n + 1), max(4, w // n + 1))
    shift = int(rng.integers(tile.shape[1])) if rng.random() < 0.5 else 0
    rows = [np.roll(np.tile(tile, (1, n + 1, 1)), shift * (i % 2), axis=1) for i in range(n)]
    sheet = np.concatenate(rows)[:h, :w]
    if rng.random() < 0.6:
        gy, gx = np.mgrid[0:h, 0:w].astype(np.float32)
        wander = octave_field(rng, h, w, 2, lowest=float(n), smooth=True).reshape(h, w, 2)
        reach = rng.uniform(0.02, 0.12) * tile.shape[0]
        sheet = cv2.remap(sheet, gx + reach * wander[..., 0], gy + reach * wander[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return sheet
