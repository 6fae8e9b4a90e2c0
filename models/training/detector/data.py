"""Pictures and boxes in memory, and the augmentation: mosaic, scale, flip, hue, saturation, erasing."""

import json
from pathlib import Path

import cv2
import numpy as np

from classes import CLASSES, COCO80, INDEX

LONGEST = 448  # pictures are kept at this size: larger ones would be shrunk again by the letterbox
PAD = 114


class Picture:
    """`pixels` (h, w, 3) RGB bytes; `boxes` (n, 5) x1 y1 x2 y2 class; `ignore` (m, 4), neither object nor background."""

    def __init__(self, file: Path, boxes, ignore):
        bgr = cv2.imread(str(file))
        if bgr is None:
            raise SystemExit(f"cannot read {file}")
        scale = min(1.0, LONGEST / max(bgr.shape[:2]))
        if scale < 1:
            bgr = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        self.pixels = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
        self.boxes = np.array(boxes, np.float32).reshape(-1, 5)
        self.ignore = np.array(ignore, np.float32).reshape(-1, 4)
        self.boxes[:, :4] *= scale
        self.ignore *= scale


def load_photos(file: Path) -> list[Picture]:
    pictures = []
    for entry in json.loads(file.read_text()):
        known = [[*b[:4], INDEX[COCO80[b[4]]]] for b in entry["boxes"] if COCO80[b[4]] in INDEX]
        pictures.append(Picture(Path(entry["file"]), known, entry["ignore"]))
    return pictures


def load_scenes(folder: Path, limit: int = 0) -> list[Picture]:
    """A folder of `images/` and `annotations.json` in the COCO format, as the scene renderer writes it."""
    document = json.loads((folder / "annotations.json").read_text())
    names = {c["id"]: c["name"] for c in document["categories"]}
    boxes: dict[int, list] = {image["id"]: [] for image in document["images"]}
    for a in document["annotations"]:
        x, y, w, h = a["bbox"]
        if names[a["category_id"]] in INDEX:
            boxes[a["image_id"]].append([x, y, x + w, y + h, INDEX[names[a["category_id"]]]])
    images = document["images"][: limit or None]
    return [Picture(folder / "images" / i["file_name"], boxes[i["id"]], []) for i in images]


class Sampler:
    """Draws augmented training pictures from weighted groups of pictures."""

    def __init__(self, groups: list[tuple[float, list[Picture]]], seed: int):
        self.groups = [(w, g) for w, g in groups if g]
        self.weights = np.array([w for w, _ in self.groups]) / sum(w for w, _ in self.groups)
        self.rng = np.random.default_rng(seed)
        self.decks: list[list[int]] = [[] for _ in self.groups]

    def draw(self) -> Picture:
        """Goes through each group in shuffled order, so that no picture waits long."""
        g = int(self.rng.choice(len(self.groups), p=self.weights))
        if not self.decks[g]:
            self.decks[g] = self.rng.permutation(len(self.groups[g][1])).tolist()
        return self.groups[g][1][self.decks[g].pop()]

    def place(self, canvas, picture, scale, left, top, window, boxes, ignore):
        """Pastes a scaled, perhaps mirrored picture at (left, top), cut to `window` = x1, y1, x2, y2."""
        h, w = picture.pixels.shape[:2]
        x1, y1, x2, y2 = window
        flip = self.rng.random() < 0.5
        m = np.array([[-scale if flip else scale, 0, left - x1 + (scale * w if flip else 0)], [0, scale, top - y1]])
        canvas[y1:y2, x1:x2] = cv2.warpAffine(
            picture.pixels, m, (x2 - x1, y2 - y1), flags=cv2.INTER_LINEAR, borderValue=(PAD, PAD, PAD)
        )
        for source, out, smallest in ((picture.boxes, boxes, 0.35), (picture.ignore, ignore, 0.0)):
            if not len(source):
                continue
            b = source.copy()
            if flip:
                b[:, [0, 2]] = w - b[:, [2, 0]]
            b[:, :4] = b[:, :4] * scale + [left, top, left, top]
            area = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
            b[:, [0, 2]] = b[:, [0, 2]].clip(x1, x2)
            b[:, [1, 3]] = b[:, [1, 3]].clip(y1, y2)
            side = b[:, 2:4] - b[:, :2]
            keep = (side.min(1) > 3) & (side.prod(1) > smallest * area)
            out.append(b[keep])

    def colour(self, canvas: np.ndarray) -> np.ndarray:
        r = self.rng
        if r.random() < 0.7:
            hsv = cv2.cvtColor(canvas, cv2.COLOR_RGB2HSV)
            steps = np.arange(256, dtype=np.float32)
            hue = ((np.arange(256) + r.integers(-5, 6)) % 180).astype(np.uint8)
            saturation = (steps * r.uniform(0.5, 1.5)).clip(0, 255).astype(np.uint8)
            value = (255 * (steps / 255) ** r.uniform(0.75, 1.35) * r.uniform(0.8, 1.2)).clip(0, 255).astype(np.uint8)
            hsv = cv2.LUT(hsv, np.stack([hue, saturation, value], 1)[None])
            canvas = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
        if r.random() < 0.08:
            canvas = cv2.GaussianBlur(canvas, (3, 3), 0)
        return canvas

    def erase(self, canvas: np.ndarray, boxes: np.ndarray) -> np.ndarray:
        """Blots out squares, as a defense does that removes what it takes for a patch; mostly hidden objects go."""
        r, size = self.rng, canvas.shape[0]
        for _ in range(r.integers(1, 4)):
            side = r.uniform(0.08, 0.26) * size
            x1, y1 = r.uniform(-0.3 * side, size - 0.7 * side, 2)
            x2, y2 = x1 + side * r.uniform(0.75, 1.3), y1 + side
            fill = (0, 0, 0) if r.random() < 0.6 else r.integers(0, 256, 3).tolist()
            cv2.rectangle(canvas, (int(x1), int(y1)), (int(x2), int(y2)), fill, -1)
            shared = np.minimum(boxes[:, 2:4], [x2, y2]) - np.maximum(boxes[:, :2], [x1, y1])
            area = (boxes[:, 2:4] - boxes[:, :2]).prod(1)
            boxes = boxes[shared.clip(0).prod(1) < 0.6 * area]
        return boxes

    def sample(self, size: int, mosaic: float):
        """One picture: (size, size, 3) bytes, (n, 5) boxes with class, (m, 4) ignored boxes."""
        r = self.rng
        canvas = np.full((size, size, 3), PAD, np.uint8)
        boxes: list[np.ndarray] = []
        ignore: list[np.ndarray] = []
        if r.random() < mosaic:
            cx, cy = (r.uniform(0.3, 0.7, 2) * size).astype(int)
            for qx, qy in ((0, 0), (1, 0), (0, 1), (1, 1)):
                window = (qx * cx, qy * cy, size if qx else cx, size if qy else cy)
                picture = self.draw()
                h, w = picture.pixels.shape[:2]
                scale = size / max(h, w) * r.uniform(0.45, 1.15)
                room_x, room_y = window[2] - window[0] - w * scale, window[3] - window[1] - h * scale
                left, top = window[0] + r.uniform(*sorted((0, room_x))), window[1] + r.uniform(*sorted((0, room_y)))
                self.place(canvas, picture, scale, left, top, window, boxes, ignore)
        else:
            picture = self.draw()
            h, w = picture.pixels.shape[:2]
            plain = r.random() < 0.4
            scale = size / max(h, w) * (1 if plain else r.uniform(0.6, 1.5))
            left = top = 0.0
            if not plain:
                left, top = r.uniform(*sorted((0, size - w * scale))), r.uniform(*sorted((0, size - h * scale)))
            self.place(canvas, picture, scale, left, top, (0, 0, size, size), boxes, ignore)
        join = lambda parts, n: np.concatenate(parts) if parts else np.zeros((0, n), np.float32)  # noqa: E731
        canvas, truth = self.colour(canvas), join(boxes, 5)
        if r.random() < 0.3:
            truth = self.erase(canvas, truth)
        return canvas, truth, join(ignore, 4)


def class_counts(pictures: list[Picture]) -> dict[str, int]:
    counts = np.zeros(len(CLASSES), int)
    for p in pictures:
        np.add.at(counts, p.boxes[:, 4].astype(int), 1)
    return dict(zip(CLASSES, counts.tolist()))
