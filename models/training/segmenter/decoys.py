"""What must not be taken for a patch: posters, signs, ornaments and regular patterns, pasted as patches are."""

from __future__ import annotations

from typing import Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from textures import Array, Rng, random_colours, resize, to_bytes


def photo_crop(rng: Rng, h: int, w: int, photos: Sequence[Array]) -> Array:
    """A poster or a screen: any part of any photograph, also the whole of it shrunk to dense detail."""
    x = photos[rng.integers(len(photos))]
    share = rng.uniform(0.15, 1.0)
    ch, cw = max(8, int(x.shape[0] * share)), max(8, int(x.shape[1] * share))
    y0, x0 = rng.integers(x.shape[0] - ch + 1), rng.integers(x.shape[1] - cw + 1)
    x = resize(x[y0:y0 + ch, x0:x0 + cw], h, w)
    if rng.random() < 0.25:  # glossy print
        hsv = cv2.cvtColor(x, cv2.COLOR_RGB2HSV)
        hsv[..., 1] = np.clip(hsv[..., 1] * rng.uniform(1.0, 2.2), 0, 255).astype(np.uint8)
        x = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
    if rng.random() < 0.15:  # mosaic of repeats, like wallpaper
        n = int(rng.integers(2, 5))
        x = np.tile(resize(x, h // n + 1, w // n + 1), (n, n, 1))[:h, :w]
    return x


def kaleidoscope(rng: Rng, h: int, w: int, photos: Sequence[Array]) -> Array:
    """A photograph mirrored into an ornament, strongly coloured: carpets, flower prints, painted walls."""
    quarter = photo_crop(rng, max(8, h // 2), max(8, w // 2), photos)
    half = np.concatenate([quarter, quarter[:, ::-1]], 1)
    hsv = cv2.cvtColor(resize(np.concatenate([half, half[::-1]], 0), h, w), cv2.COLOR_RGB2HSV)
    hsv[..., 1] = np.clip(hsv[..., 1] * rng.uniform(1.0, 2.5), 0, 255).astype(np.uint8)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)


def confetti(rng: Rng, h: int, w: int) -> Array:
    """Flat shapes in pure colours with clean outlines: toys, stickers, court cards, balloons."""
    picture = np.empty((h, w, 3), np.uint8)
    picture[:] = (255 * random_colours(rng, 1, saturated=rng.random() < 0.4)[0]).astype(np.uint8)
    largest = 3.0 + rng.uniform(0.08, 0.4) * max(h, w)
    for colour in random_colours(rng, int(rng.integers(8, 60))):
        centre = (int(rng.integers(w)), int(rng.integers(h)))
        axes = (int(rng.uniform(2, largest)) + 1, int(rng.uniform(2, largest)) + 1)
        shade = tuple(int(255 * v) for v in colour)
        if rng.random() < 0.5:
            cv2.ellipse(picture, centre, axes, rng.uniform(0, 180), 0, 360, shade, -1, cv2.LINE_AA)
        else:
            corners = cv2.boxPoints((centre, axes, rng.uniform(0, 90))).astype(np.int32)
            cv2.fillPoly(picture, [corners], shade, cv2.LINE_AA)
    return picture


def flat_or_gradient(rng: Rng, h: int, w: int) -> Array:
    a, b, c, d = random_colours(rng, 4, saturated=rng.random() < 0.6)
    if rng.random() < 0.5:
        b = c = d = a
    return to_bytes(resize(np.array([[a, b], [c, d]], np.float32), h, w, cv2.INTER_LINEAR))


def regular_pattern(rng: Rng, h: int, w: int) -> Array:
    """Checkerboards, stripes, dots and plaid in two or three colours."""
    a, b, c = random_colours(rng, 3, saturated=rng.random() < 0.6)
    period = rng.uniform(3, max(6, 0.4 * min(h, w)))
    angle = rng.choice([0.0, 0.0, rng.uniform(0, 3.14)])
    gy, gx = np.mgrid[0:h, 0:w].astype(np.float32)
    u = (gx * np.cos(angle) + gy * np.sin(angle)) / period
    v = (-gx * np.sin(angle) + gy * np.cos(angle)) / period
    kind = rng.integers(4)
    if kind == 0:
        on = (np.floor(u) + np.floor(v)) % 2 > 0
    elif kind == 1:
        on = np.floor(u) % 2 > 0
    elif kind == 2:
        on = np.hypot(u % 1 - 0.5, v % 1 - 0.5) < rng.uniform(0.2, 0.45)
    else:
        on = (u % 1 < rng.uniform(0.1, 0.4)) | (v % 1 < rng.uniform(0.1, 0.4))
    x = np.where(on[..., None], a, b)
    if kind == 3:
        x = np.where(((u % 1 < 0.2) & (v % 1 < 0.2))[..., None], c, x)
    return to_bytes(x)


WORDS = "STOP SALE open 24h EXIT Cafe Taxi 50% P 7 No. A12 News Pizza Bank Hotel Bus 3 Main St. Fresh FREE zone http www".split()


def lettering(rng: Rng, h: int, w: int) -> Array:
    """A sign, label or logo: flat shapes and words."""
    colours = [tuple(int(255 * v) for v in c) for c in random_colours(rng, 4, saturated=rng.random() < 0.6)]
    picture = Image.new("RGB", (w, h), colours[0])
    draw = ImageDraw.Draw(picture)
    for _ in range(rng.integers(0, 4)):
        x0, y0 = int(rng.integers(-w // 4, w)), int(rng.integers(-h // 4, h))
        box = [x0, y0, x0 + int(rng.integers(4, w + 4)), y0 + int(rng.integers(4, h + 4))]
        shape = rng.integers(3)
        if shape == 0:
            draw.rectangle(box, fill=colours[1], outline=colours[2])
        elif shape == 1:
            draw.ellipse(box, fill=colours[2])
        else:
            draw.line(box, fill=colours[1], width=int(rng.integers(1, 8)))
    size = int(rng.uniform(0.1, 0.5) * h) + 7
    font = ImageFont.load_default(size)
    y = int(rng.integers(-size // 2, size))
    while y < h:
        words = " ".join(WORDS[rng.integers(len(WORDS))] for _ in range(rng.integers(1, 5)))
        draw.text((int(rng.integers(-size, size)), y), words, fill=colours[3], font=font)
        y += int(size * rng.uniform(1.0, 2.5))
    return np.asarray(picture)


# Corners of road signs; 0 is a circle.
SIGN_CORNERS = [8, 8, 8, 0, 0, 4, 4, 3]


def sign_colours(rng: Rng) -> tuple[Array, Array]:
    """Ground and writing, 0..1: half of the time those of road signs."""
    if rng.random() < 0.5:
        return tuple(random_colours(rng, 2, saturated=rng.random() < 0.6))
    ground, ink = [((0.75, 0.08, 0.1), (1, 1, 1)), ((0.95, 0.75, 0.05), (0, 0, 0)), ((0.05, 0.25, 0.65), (1, 1, 1)),
                   ((0.02, 0.4, 0.25), (1, 1, 1)), ((1, 1, 1), (0.75, 0.08, 0.1))][rng.integers(5)]
    light = rng.uniform(0.7, 1.0)
    return np.array(ground, np.float32) * light, np.array(ink, np.float32) * light


def road_sign(rng: Rng, h: int, w: int) -> tuple[Array, Array, Array]:
    """A sign cut out along its edge: picture (h x w x 3 uint8), outline (h x w uint8), and where its ground shows, 0..1."""
    corners = SIGN_CORNERS[rng.integers(len(SIGN_CORNERS))]
    start = np.pi / corners if corners and corners != 3 else np.pi / 2
    angles = np.linspace(0, 2 * np.pi, corners or 48, endpoint=False) + (start if rng.random() < 0.8 or corners == 3 else 0.0)
    around = np.stack([np.cos(angles), -np.sin(angles)], 1)
    around = around / np.abs(around).max(0)

    def filled(share: float) -> Array:
        mask = np.zeros((h, w), np.uint8)
        points = (around * share * 0.5 + 0.5) * [w - 1, h - 1]
        return cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)

    outline = filled(1.0)
    ground, ink = sign_colours(rng)
    rim = rng.uniform(0.03, 0.16)
    inside = filled(1.0 - rim) if rng.random() < 0.8 else outline
    written = Image.new("L", (w, h), 0)
    draw = ImageDraw.Draw(written)
    if rng.random() < 0.8:
        word = WORDS[rng.integers(len(WORDS))]
        font = ImageFont.load_default(1.25 * rng.uniform(0.55, 0.8) * w / max(2, 0.8 * len(word)))
        draw.text((w / 2, h / 2), word, fill=255, font=font, anchor="mm", stroke_width=int(rng.integers(0, 1 + w // 40)))
    else:  # a bar or an arrow
        draw.line([(w * rng.uniform(0.2, 0.5), h * rng.uniform(0.2, 0.8)), (w * rng.uniform(0.5, 0.8), h * rng.uniform(0.2, 0.8))],
                  fill=255, width=max(2, int(0.15 * rng.uniform(0.4, 1.2) * w)))
    shows = (inside / 255.0 * (1.0 - np.asarray(written) / 255.0)).astype(np.float32)[..., None]
    return to_bytes(shows * ground + (1.0 - shows) * ink), outline, shows


def decoy_texture(rng: Rng, h: int, w: int, photos: Sequence[Array]) -> Array:
    """h x w x 3, or with its outline as a fourth channel."""
    if rng.random() < 0.08:
        picture, outline, _ = road_sign(rng, h, w)
        return np.dstack([picture, outline])
    u = rng.random()
    if u < 0.48:
        return photo_crop(rng, h, w, photos)
    if u < 0.58:
        return kaleidoscope(rng, h, w, photos)
    if u < 0.64:
        return confetti(rng, h, w)
    if u < 0.72:
        return flat_or_gradient(rng, h, w)
    if u < 0.84:
        return regular_pattern(rng, h, w)
    return lettering(rng, h, w)
