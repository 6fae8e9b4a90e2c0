"""How published patches are put into photographs for measuring: digitally, as an attacker with the file would."""

from __future__ import annotations

import cv2
import numpy as np

from textures import Array, Rng, resize


def paste_digitally(
    rng: Rng, photos: list[Array], patch: tuple[str, Array, Array], longest: int, share: tuple[float, float] = (0.12, 0.45)
) -> tuple[Array, Array]:
    """A whole photograph, its longer side at most `longest`, with the patch unchanged but for its size: `share` of the
    shorter side. Returns the picture (h x w x 3 uint8) and the truth (h x w uint8, 0 or 1)."""
    _, pixels, alpha = patch
    photo = photos[rng.integers(len(photos))]
    scale = min(1.0, longest / max(photo.shape[:2]))
    h, w = round(photo.shape[0] * scale), round(photo.shape[1] * scale)
    canvas = resize(photo, h, w).copy()
    side = max(8, round(min(h, w) * rng.uniform(*share)))
    ph, pw = side, max(8, min(w, round(side * pixels.shape[1] / pixels.shape[0])))
    y, x = int(rng.integers(h - ph + 1)), int(rng.integers(w - pw + 1))
    solid = cv2.resize(alpha, (pw, ph), interpolation=cv2.INTER_AREA) > 127
    region = canvas[y:y + ph, x:x + pw]
    region[solid] = resize(pixels, ph, pw)[solid]
    truth = np.zeros((h, w), np.uint8)
    truth[y:y + ph, x:x + pw][solid] = 1
    return canvas, truth
