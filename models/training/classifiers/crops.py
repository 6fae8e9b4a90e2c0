"""Cuts the pictures of the crop classifier out of photographs, drawn scenes and CIFAR-10.

    python crops.py --data DATA --photos photos.json --scenes SCENES --held-out-scenes SCENES --out crops.npz

`photos.json` comes from distill.py: official boxes of COCO train2017 and Penn-Fudan, and boxes that three
published detectors agree on in photographs without any. Background is cut where none of these boxes is. Training crops
keep an eighth of a side around the box, so that training can move it as a detector would. Photographs of COCO
val2017 are for measuring alone; every tenth training photograph is held out, to choose the threshold on.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import cv2
import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))

from classes import CLASSES, COCO80
from data import CIFAR10, load_cifar10

SIDE, MARGIN = 64, 8
BACKGROUND = len(CLASSES)
SMALLEST = 24  # shorter side of a box, in pixels: below it a crop is a few coloured squares
GROUPS = ("photographs", "scenes", "cifar10")
CIFAR_NAMES = {"automobile": "car", "ship": "boat"}


class Collector:
    def __init__(self) -> None:
        self.pixels: list[np.ndarray] = []
        self.labels: list[int] = []
        self.groups: list[int] = []

    def add(self, pixels: np.ndarray, label: int, group: int) -> None:
        self.pixels.append(pixels)
        self.labels.append(label)
        self.groups.append(group)

    def arrays(self, prefix: str) -> dict[str, np.ndarray]:
        return {f"{prefix}_pixels": np.stack(self.pixels), f"{prefix}_labels": np.array(self.labels), f"{prefix}_groups": np.array(self.groups)}


def cut(picture: np.ndarray, box: np.ndarray, margin: int) -> np.ndarray:
    """The box stretched to SIDE x SIDE, with `margin` more on every side; what lies outside repeats the edge."""
    height, width = picture.shape[:2]
    x1, y1, x2, y2 = np.array(box[:4], float)
    dx, dy = (x2 - x1) * margin / SIDE, (y2 - y1) * margin / SIDE
    x1, y1, x2, y2 = (int(round(v)) for v in (x1 - dx, y1 - dy, x2 + dx, y2 + dy))
    x2, y2 = max(x2, x1 + 2), max(y2, y1 + 2)
    inside = picture[max(0, y1):max(0, y2), max(0, x1):max(0, x2)]
    padded = cv2.copyMakeBorder(inside, max(0, -y1), max(0, y2 - height), max(0, -x1), max(0, x2 - width), cv2.BORDER_REPLICATE)
    side = SIDE + 2 * margin
    return cv2.resize(padded, (side, side), interpolation=cv2.INTER_AREA)


def background_boxes(rng: np.random.Generator, size: tuple[int, int], taken: np.ndarray, count: int) -> list[np.ndarray]:
    """Boxes of the sizes of objects that cover no box by more than a tenth, nor are covered by one."""
    height, width = size
    found: list[np.ndarray] = []
    for _ in range(20 * count):
        if len(found) == count:
            break
        side = np.exp(rng.uniform(np.log(SMALLEST), np.log(0.6 * min(height, width)))) * np.array([rng.uniform(0.6, 1.7), 1])
        if (side >= [width, height]).any() or side.min() < SMALLEST:
            continue
        corner = rng.uniform(0, 1, 2) * ([width, height] - side)
        box = np.r_[corner, corner + side]
        if len(taken):
            shared = (np.minimum(taken[:, 2:4], box[2:]) - np.maximum(taken[:, :2], box[:2])).clip(0).prod(1)
            area = (taken[:, 2:4] - taken[:, :2]).prod(1).clip(1)
            if (shared > 0.1 * np.minimum(area, side.prod())).any():
                continue
        found.append(box)
    return found


def large(box) -> bool:
    return min(box[2] - box[0], box[3] - box[1]) >= SMALLEST


def add_photograph(out: Collector, rng: np.random.Generator, picture: np.ndarray, boxes: list, ignore: list, margin: int, group: int, backgrounds: int) -> None:
    """`boxes`: x1 y1 x2 y2 COCO name."""
    for box in boxes:
        if box[4] in CLASSES and large(box):
            out.add(cut(picture, box, margin), CLASSES.index(box[4]), group)
    taken = np.array([b[:4] for b in boxes] + [b[:4] for b in ignore], float).reshape(-1, 4)
    for box in background_boxes(rng, picture.shape[:2], taken, backgrounds):
        out.add(cut(picture, box, margin), BACKGROUND, group)


def read_coco(folder: Path, split: str | None, limit: int):
    """Yields (picture, boxes with names, crowd boxes) of a COCO-format folder."""
    document = json.loads((folder / "annotations.json").read_text())
    names = {c["id"]: c["name"] for c in document["categories"]}
    images = [i for i in document["images"] if split is None or i["coco_split"] == split][: limit or None]
    boxes: dict[int, list] = {i["id"]: [] for i in images}
    crowds: dict[int, list] = {i["id"]: [] for i in images}
    for a in document["annotations"]:
        if a["image_id"] in boxes:
            x, y, w, h = a["bbox"]
            (crowds if a.get("iscrowd") else boxes)[a["image_id"]].append([x, y, x + w, y + h, names[a["category_id"]]])
    for i in images:
        yield read_rgb(folder / "images" / Path(i["file_name"]).name), boxes[i["id"]], crowds[i["id"]]


def read_rgb(file: Path) -> np.ndarray:
    bgr = cv2.imread(str(file))
    if bgr is None:
        raise SystemExit(f"cannot read {file}")
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--photos", type=Path, required=True)
    p.add_argument("--scenes", type=Path, help="folder of drawn scenes to train on")
    p.add_argument("--held-out-scenes", type=Path, help="folder of other drawn scenes to measure on")
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--limit", type=int, default=0, help="at most so many pictures of each kind (0: all)")
    p.add_argument("--cifar", type=int, default=20000, help="take the pictures of the classes from so many of CIFAR-10's")
    p.add_argument("--scene-limit", type=int, default=700, help="at most so many drawn scenes: they are alike")
    args = p.parse_args()
    rng = np.random.default_rng(7)
    train, held, test = Collector(), Collector(), Collector()

    entries = json.loads(args.photos.read_text())
    for n, entry in enumerate(entries[:: max(1, len(entries) // args.limit) if args.limit else 1]):
        boxes = [[*b[:4], COCO80[b[4]]] for b in entry["boxes"]]
        is_held = n % 10 == 9
        add_photograph(held if is_held else train, rng, read_rgb(Path(entry["file"])), boxes, entry["ignore"], 0 if is_held else MARGIN, 0, 2)
    for picture, boxes, crowds in read_coco(args.data / "images/coco", "val2017", args.limit):
        add_photograph(test, rng, picture, boxes, crowds, 0, 0, 2)
    if args.scenes:
        for picture, boxes, crowds in read_coco(args.scenes, None, args.limit or args.scene_limit):
            add_photograph(train, rng, picture, boxes, crowds, MARGIN, 1, 1)
    if args.held_out_scenes:
        for picture, boxes, crowds in read_coco(args.held_out_scenes, None, args.limit):
            add_photograph(test, rng, picture, boxes, crowds, 0, 1, 1)
    cifar = load_cifar10(args.data, args.cifar).train
    for pixels, label in zip(cifar.pixels, cifar.labels):
        name = CIFAR_NAMES.get(CIFAR10[label], CIFAR10[label])
        if name in CLASSES:
            padded = cv2.copyMakeBorder(pixels, 4, 4, 4, 4, cv2.BORDER_REFLECT_101)
            train.add(cv2.resize(padded, (SIDE + 2 * MARGIN,) * 2, interpolation=cv2.INTER_CUBIC), CLASSES.index(name), 2)

    args.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez(args.out, names=np.array([*CLASSES, "background"]), **train.arrays("train"), **held.arrays("held"), **test.arrays("test"))
    for name, part in (("train", train), ("held out", held), ("measure", test)):
        counts = {GROUPS[g]: part.groups.count(g) for g in sorted(set(part.groups))}
        print(f"{name}: {len(part.labels)} crops {counts}, {part.labels.count(BACKGROUND)} of background")


if __name__ == "__main__":
    main()
