"""Labels photographs with three published detectors: `python distill.py --work DIR`.

Each detector sees each photograph and its mirror image; the six answers are joined by weighted boxes fusion
(Solovyev et al., Image and Vision Computing 2021). A fused score is the mean over all six, so that a box that
only one of them sees ends low: below KEEP it is not a label, and above IGNORE its place is not background.
Writes `DIR/photos.json`: [{file, width, height, boxes: [[x1, y1, x2, y2, class80]], ignore: [[x1, y1, x2, y2]]}].
"""

import argparse
import json
import sys
from pathlib import Path

import cv2
import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))

from classes import COCO80
from teachers import open_teachers

KEEP, IGNORE = 0.30, 0.14
ROOT = Path(__file__).resolve().parents[3]


def iou_one(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    side = np.minimum(box[2:4], boxes[:, 2:4]) - np.maximum(box[:2], boxes[:, :2])
    inter = side.clip(0).prod(1)
    area = lambda b: (b[..., 2] - b[..., 0]) * (b[..., 3] - b[..., 1])  # noqa: E731
    return inter / (area(box) + area(boxes) - inter + 1e-9)


def fuse(answers: list[np.ndarray], iou: float = 0.55) -> np.ndarray:
    """Rows x1 y1 x2 y2 score class of every source to fused rows of the same kind."""
    rows = [np.c_[a, np.full(len(a), i)] for i, a in enumerate(answers) if len(a)]
    if not rows:
        return np.zeros((0, 6))
    rows = np.concatenate(rows)
    fused = []
    for c in np.unique(rows[:, 5]):
        members: list[list[np.ndarray]] = []
        centres = np.zeros((0, 4))
        for row in sorted(rows[rows[:, 5] == c], key=lambda r: -r[4]):
            overlap = iou_one(row, centres) if len(centres) else np.zeros(0)
            if len(overlap) and overlap.max() > iou:
                i = int(overlap.argmax())
                members[i].append(row)
                m = np.array(members[i])
                centres[i] = (m[:, :4] * m[:, 4:5]).sum(0) / m[:, 4].sum()
            else:
                members.append([row])
                centres = np.vstack([centres, row[:4]])
        for centre, group in zip(centres, members):
            best = {int(r[6]): r[4] for r in reversed(group)}
            fused.append([*centre, sum(best.values()) / len(answers), c])
    return np.array(fused)


def look(teachers, picture: np.ndarray) -> np.ndarray:
    width = picture.shape[1]
    answers = []
    for teacher in teachers:
        answers.append(teacher(picture, 0.1))
        mirrored = teacher(np.ascontiguousarray(picture[:, ::-1]), 0.1)
        mirrored[:, [0, 2]] = width - mirrored[:, [2, 0]]
        answers.append(mirrored)
    return fuse(answers)


def coco_boxes(folder: Path):
    """File name to (entry, [[x1, y1, x2, y2, category name, iscrowd]])."""
    doc = json.loads((folder / "annotations.json").read_text())
    names = {c["id"]: c["name"] for c in doc["categories"]}
    found = {i["id"]: (i, []) for i in doc["images"]}
    for a in doc["annotations"]:
        x, y, w, h = a["bbox"]
        found[a["image_id"]][1].append([x, y, x + w, y + h, names[a["category_id"]], a.get("iscrowd", 0)])
    return {i["file_name"]: (i, boxes) for i, boxes in found.values()}


def photographs(images: Path):
    """Yields (file, human boxes or None, names that the human boxes cover)."""
    for name, (entry, boxes) in coco_boxes(images / "coco").items():
        if entry["coco_split"] == "train2017":  # val2017 is for measuring alone
            yield images / "coco/images" / Path(name).name, boxes, set(COCO80)
    for name, (_, boxes) in coco_boxes(images / "pennfudan").items():
        yield images / "pennfudan/images" / Path(name).name, boxes, {"person"}
    for folder in ("imagenet-sample", "bsds500", "camvid"):  # not coco-unlabelled: those are val2017 too
        for file in sorted((images / "pool" / folder).rglob("*.jpg")):
            yield file, [], set()
    for file in sorted((images / "faces").rglob("*.jpg")):
        yield file, [], set()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--work", type=Path, default=ROOT / "out/training/classifiers")
    parser.add_argument("--limit", type=int, default=0, help="at most so many photographs (0: all)")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    teachers = open_teachers(args.data / "models")
    pending = list(photographs(args.data / "images"))
    if args.limit:
        pending = pending[:: max(1, len(pending) // args.limit)][: args.limit]
    out = []
    for n, (file, human, covered) in enumerate(pending):
        picture = cv2.imread(str(file))
        if picture is None:
            raise SystemExit(f"cannot read {file}")
        height, width = picture.shape[:2]
        boxes = [[*b[:4], COCO80.index(b[4])] for b in human if not b[5]]
        ignore = [b[:4] for b in human if b[5]]
        if covered != set(COCO80):
            for row in look(teachers, picture):
                box = [float(row[0].clip(0, width)), float(row[1].clip(0, height))]
                box += [float(row[2].clip(0, width)), float(row[3].clip(0, height))]
                if COCO80[int(row[5])] in covered:
                    continue
                if row[4] >= KEEP:
                    boxes.append([*box, int(row[5])])
                elif row[4] >= IGNORE:
                    ignore.append(box)
        out.append({"file": str(file), "width": width, "height": height, "boxes": boxes, "ignore": ignore})
        if n % 100 == 0:
            print(f"{n}/{len(pending)}", flush=True)
    (args.work / "photos.json").write_text(json.dumps(out))
    print(f"{len(out)} photographs, {sum(len(o['boxes']) for o in out)} boxes")


if __name__ == "__main__":
    main()
