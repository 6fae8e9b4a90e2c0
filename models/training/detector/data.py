"""Pictures in memory, and the augmentation: mosaic, scale, flip, hue, saturation, erasing."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Iterator, Sequence

import cv2
import numpy as np
import torch
from torch.utils.data import IterableDataset, get_worker_info

sys.path.append(str(Path(__file__).resolve().parents[1]))

from classes import INDEX

# OpenCV's own threads do not survive the fork into loader processes: a child would wait for them for ever.
cv2.setNumThreads(0)

LONGEST = 448  # pictures are kept at this size: larger ones would be shrunk again by the letterbox
SIDE = 416  # of the trained detector's input; crops smaller than this keep the scale that pictures have there
PAD = 114

# Share of the photographs that come from each source. Those with people, animals and vehicles come more often; cells,
# cards, aircraft from above and racoons add textures that nothing should be found in. COCO's own, though nearest to what
# the detector is for, are few: shown more often, they are learnt by heart.
SOURCES = {
    "coco": 0.16,
    "pool/imagenet-sample": 0.42,
    "pool/bsds500": 0.20,
    "pennfudan": 0.06,
    "pool/camvid": 0.05,
    "faces": 0.01,
    "raccoon": 0.04,
    "playing-cards": 0.03,
    "aerial-aircraft": 0.02,
    "bccd": 0.01,
}


class Picture:
    """`pixels` (h, w, 3) RGB bytes; `boxes` (n, 5) x1 y1 x2 y2 class, none for photographs: the teacher knows."""

    def __init__(self, file: Path, boxes=()):
        bgr = cv2.imread(str(file))
        if bgr is None:
            raise SystemExit(f"cannot read {file}")
        scale = min(1.0, LONGEST / max(bgr.shape[:2]))
        if scale < 1:
            bgr = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        self.pixels = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
        self.boxes = np.array(boxes, np.float32).reshape(-1, 5)
        self.boxes[:, :4] *= scale


def coco_files(images: Path) -> tuple[list[Path], list[Path]]:
    """Photographs of train2017 to learn from and one in ten to watch the training with. Those of val2017 are for
    measuring alone: they are in neither list (and the pool's coco-unlabelled, which are val2017 too, in no source)."""
    entries = json.loads((images / "coco/annotations.json").read_text())["images"]
    files = [images / "coco/images" / Path(e["file_name"]).name for e in entries if e["coco_split"] == "train2017"]
    files.sort()
    return [f for i, f in enumerate(files) if i % 10], files[::10]


def photo_files(images: Path) -> dict[str, list[Path]]:
    return {s: coco_files(images)[0] if s == "coco" else sorted((images / s).rglob("*.jpg")) for s in SOURCES}


def load_photos(images: Path, limit: int = 0) -> list[tuple[float, list[Picture]]]:
    """Weighted groups of photographs; with `limit`, so many of each source."""
    with ThreadPoolExecutor() as readers:
        return [(SOURCES[s], list(readers.map(Picture, files[: limit or None]))) for s, files in photo_files(images).items()]


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
    with ThreadPoolExecutor() as readers:
        return list(readers.map(lambda i: Picture(folder / "images" / i["file_name"], boxes[i["id"]]), images))


class Deck:
    """Weighted groups of pictures, each gone through in shuffled order, so that no picture waits long."""

    def __init__(self, groups: list[tuple[float, list[Picture]]]):
        self.groups = [(w, g) for w, g in groups if g]
        self.weights = np.array([w for w, _ in self.groups]) / sum(w for w, _ in self.groups)

    def shuffle(self, rng: np.random.Generator):
        self.rng = rng
        self.order: list[list[int]] = [[] for _ in self.groups]

    def draw(self) -> Picture:
        g = int(self.rng.choice(len(self.groups), p=self.weights))
        if not self.order[g]:
            self.order[g] = self.rng.permutation(len(self.groups[g][1])).tolist()
        return self.groups[g][1][self.order[g].pop()]


class Sampler:
    """Draws augmented training pictures. Photographs and drawn scenes share no mosaic: one has a teacher, the other
    has labels."""

    def __init__(self, photos: list[tuple[float, list[Picture]]], scenes: list[Picture], seed: int):
        self.photos = Deck(photos)
        self.scenes = Deck([(1.0, scenes)]) if scenes else None
        self.reseed(seed)

    def reseed(self, seed: int):
        """Starts again at random, the decks shuffled anew."""
        self.rng = np.random.default_rng(seed)
        for deck in (self.photos, self.scenes):
            if deck:
                deck.shuffle(self.rng)

    def place(self, canvas, picture, scale, left, top, window, boxes):
        """Pastes a scaled, perhaps mirrored picture at (left, top), cut to `window` = x1, y1, x2, y2. Pictures without
        boxes are turned and stretched too."""
        r = self.rng
        h, w = picture.pixels.shape[:2]
        x1, y1, x2, y2 = window
        flip = r.random() < 0.5
        m = np.array([[-scale if flip else scale, 0, left - x1 + (scale * w if flip else 0)], [0, scale, top - y1]])
        if not len(picture.boxes) and r.random() < 0.6:
            middle = m @ [w / 2, h / 2, 1]
            turn, stretch = np.deg2rad(r.normal(0, 7)), np.exp(r.uniform(-0.25, 0.25))
            bend = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ np.diag([stretch, 1 / stretch])
            m = np.c_[bend @ m[:, :2], bend @ (m[:, 2] - middle) + middle]
        canvas[y1:y2, x1:x2] = cv2.warpAffine(
            picture.pixels, m, (x2 - x1, y2 - y1), flags=cv2.INTER_LINEAR, borderValue=(PAD, PAD, PAD)
        )
        if not len(picture.boxes):
            return
        b = picture.boxes.copy()
        if flip:
            b[:, [0, 2]] = w - b[:, [2, 0]]
        b[:, :4] = b[:, :4] * scale + [left, top, left, top]
        area = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
        b[:, [0, 2]] = b[:, [0, 2]].clip(x1, x2)
        b[:, [1, 3]] = b[:, [1, 3]].clip(y1, y2)
        side = b[:, 2:4] - b[:, :2]
        boxes.append(b[(side.min(1) > 3) & (side.prod(1) > 0.35 * area)])

    def colour(self, canvas: np.ndarray) -> np.ndarray:
        r = self.rng
        if r.random() < 0.7:
            hsv = cv2.cvtColor(canvas, cv2.COLOR_RGB2HSV)
            steps = np.arange(256, dtype=np.float32)
            hue = ((np.arange(256) + r.integers(-8, 9)) % 180).astype(np.uint8)
            saturation = (steps * r.uniform(0.4, 1.6)).clip(0, 255).astype(np.uint8)
            value = (255 * (steps / 255) ** r.uniform(0.7, 1.45) * r.uniform(0.75, 1.25)).clip(0, 255).astype(np.uint8)
            hsv = cv2.LUT(hsv, np.stack([hue, saturation, value], 1)[None])
            canvas = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
        if r.random() < 0.3:  # another light
            gain = np.arange(256)[:, None] * r.uniform(0.8, 1.2, 3) + r.uniform(-12, 12, 3)
            canvas = cv2.LUT(canvas, gain.clip(0, 255).astype(np.uint8)[None])
        if r.random() < 0.06:
            canvas = cv2.cvtColor(cv2.cvtColor(canvas, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        if r.random() < 0.1:
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

    def compose(self, deck: Deck, size: int, mosaic: float):
        """(size, size, 3) bytes made of one picture or of four, and (n, 5) boxes with class."""
        r = self.rng
        # Half of the crops from small to full size, half of them at the scale that the finished detector sees.
        base = size if r.random() < 0.5 else SIDE
        canvas = np.full((size, size, 3), PAD, np.uint8)
        boxes: list[np.ndarray] = []
        if r.random() < mosaic:
            cx, cy = (r.uniform(0.25, 0.75, 2) * size).astype(int)
            for qx, qy in ((0, 0), (1, 0), (0, 1), (1, 1)):
                window = (qx * cx, qy * cy, size if qx else cx, size if qy else cy)
                self.drop(canvas, deck.draw(), base, (0.45, 1.3), window, boxes)
        elif r.random() < 0.25:  # as the finished detector gets it
            picture = deck.draw()
            self.place(canvas, picture, size / max(picture.pixels.shape[:2]), 0.0, 0.0, (0, 0, size, size), boxes)
        else:
            self.drop(canvas, deck.draw(), base, (0.55, 1.8), (0, 0, size, size), boxes)
        return canvas, np.concatenate(boxes) if boxes else np.zeros((0, 5), np.float32)

    def drop(self, canvas, picture, base: int, zoom, window, boxes):
        """Places a picture at a random scale somewhere in a window, or the window somewhere in the picture."""
        r = self.rng
        h, w = picture.pixels.shape[:2]
        scale = base / max(h, w) * np.exp(r.uniform(*np.log(zoom)))
        room_x, room_y = window[2] - window[0] - w * scale, window[3] - window[1] - h * scale
        left, top = window[0] + r.uniform(*sorted((0, room_x))), window[1] + r.uniform(*sorted((0, room_y)))
        self.place(canvas, picture, scale, left, top, window, boxes)

    def mingle(self, canvas: np.ndarray) -> np.ndarray:
        """Photographs alone: windows of other photographs, or another one shining through. The teacher says what is in
        the result; pictures that no one has taken keep the student from learning the few that there are by heart."""
        r, size = self.rng, canvas.shape[0]
        if r.random() < 0.3:
            for _ in range(r.integers(1, 4)):
                w, h = (r.uniform(0.15, 0.5, 2) * size).astype(int)
                x, y = int(r.uniform(0, size - w)), int(r.uniform(0, size - h))
                self.drop(canvas, self.photos.draw(), SIDE, (0.3, 1.2), (x, y, x + w, y + h), [])
        if r.random() < 0.35:
            other, _ = self.compose(self.photos, size, 0.5)
            share = r.uniform(0.5, 0.95)
            canvas = cv2.addWeighted(canvas, share, other, 1 - share, 0)
        return canvas

    def sample(self, size: int, mosaic: float, drawn: bool):
        """One picture, a drawn scene or a photograph: (size, size, 3) bytes and (n, 5) boxes with class."""
        deck = self.scenes if drawn and self.scenes else self.photos
        canvas, truth = self.compose(deck, size, mosaic)
        if deck is self.photos:
            canvas = self.mingle(canvas)
        canvas = self.colour(canvas)
        if self.rng.random() < 0.3:
            truth = self.erase(canvas, truth)
        return canvas, truth

    def batch(self, count: int, drawn: int, size: int, mosaic: float) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Bytes (count, 3, size, size), the photographs first and `drawn` scenes last, and the boxes of the scenes."""
        pictures = [self.sample(size, mosaic, i >= count - drawn) for i in range(count)]
        pixels = torch.from_numpy(np.stack([p[0] for p in pictures])).permute(0, 3, 1, 2)
        return pixels, [torch.from_numpy(p[1]) for p in pictures[count - drawn :]]


class Batches(IterableDataset):
    """A round of batches, each of one size, made in this process or in several."""

    def __init__(self, sampler: Sampler, count: int, drawn: int, sizes: Sequence[int], mosaic: float, seed: int, batches: int):
        self.sampler, self.count, self.drawn, self.sizes, self.mosaic = sampler, count, drawn, sizes, mosaic
        self.seed, self.batches = seed, batches

    def __iter__(self) -> Iterator[tuple[torch.Tensor, list[torch.Tensor]]]:
        info = get_worker_info()
        if info:  # a copy of the sampler, which must not repeat what the other copies draw
            self.sampler.reseed(self.seed * 1000 + info.id)
        for _ in range(self.batches // (info.num_workers if info else 1)):
            size = int(self.sampler.rng.choice(self.sizes))
            yield self.sampler.batch(self.count, self.drawn, size, self.mosaic)
