"""Measures a detector with pycocotools: `python evaluate.py --work DIR --scenes FOLDER`.

Photographs: the val2017 part of the COCO sample, which no training here has seen; yolox-nano beside it, both judged on
the classes this detector knows. Drawn scenes: seeds that were held out. Writes `DIR/metrics.json` for the model card.
"""

import argparse
import contextlib
import io
import json
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

sys.path.append(str(Path(__file__).resolve().parents[1]))

from classes import CLASSES, COCO80
from data import coco_files
from yolox import Yolox

ROOT = Path(__file__).resolve().parents[3]
FLOOR = 0.01


def judge(document: dict, found: list[dict]) -> dict:
    """AP figures over the classes of `CLASSES` that occur, and AP50 of each class with ten boxes or more."""
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = document
        truth.createIndex()
        run = COCOeval(truth, truth.loadRes(found) if found else empty(), "bbox")
        names = {c["id"]: c["name"] for c in document["categories"]}
        run.params.catIds = sorted(i for i, name in names.items() if name in CLASSES)
        run.evaluate()
        run.accumulate()
        run.summarize()
    precision = run.eval["precision"][0, :, :, 0, 2]  # IoU 0.50, every area, 100 detections
    count = {i: sum(a["category_id"] == i and not a.get("iscrowd") for a in document["annotations"]) for i in names}
    each = {
        names[c]: round(float(precision[:, k].mean()), 3)
        for k, c in enumerate(run.params.catIds)
        if count[c] >= 10
    }
    return {"ap": round(float(run.stats[0]), 3), "ap50": round(float(run.stats[1]), 3), "ap50PerClass": each}


def empty() -> COCO:
    nothing = COCO()
    nothing.dataset = {"images": [], "annotations": [], "categories": []}
    nothing.createIndex()
    return nothing


def detections(detector: Yolox, folder: Path, document: dict) -> list[dict]:
    ids = {c["name"]: c["id"] for c in document["categories"]}
    rows = []
    for image in document["images"]:
        picture = cv2.imread(str(folder / "images" / Path(image["file_name"]).name))
        for x1, y1, x2, y2, score, c in detector(picture, FLOOR):
            name = detector.names[int(c)]
            if name in CLASSES and name in ids:
                box = [float(x1), float(y1), float(x2 - x1), float(y2 - y1)]
                rows.append({"image_id": image["id"], "category_id": ids[name], "bbox": box, "score": float(score)})
    return rows


def photographs(folder: Path, part: str, limit: int) -> dict:
    document = json.loads((folder / "annotations.json").read_text())
    if part == "watched":
        names = {file.name for file in coco_files(folder.parent)[1]}
        chosen = [i for i in document["images"] if Path(i["file_name"]).name in names]
    else:
        chosen = [i for i in document["images"] if i["coco_split"] == part]
    document["images"] = chosen[: limit or None]
    kept = {i["id"] for i in document["images"]}
    document["annotations"] = [a for a in document["annotations"] if a["image_id"] in kept]
    return document


def milliseconds(detector: Yolox) -> float:
    x = np.zeros((1, 3, 416, 416), np.float32)
    times = []
    for _ in range(30):
        start = time.perf_counter()
        detector.session.run(None, {"images": x})
        times.append(time.perf_counter() - start)
    return round(1000 * sorted(times)[len(times) // 2], 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=ROOT / "out/training/detector")
    parser.add_argument("--model", type=Path, default=ROOT / "models/patchwarden-nano/model.onnx")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--scenes", type=Path, help="folder of held-out rendered scenes")
    parser.add_argument(
        "--part",
        default="val2017",
        choices=("val2017", "watched"),
        help="watched: the few train2017 photographs that training leaves out; to judge by while val2017 stays unseen",
    )
    parser.add_argument("--limit", type=int, default=0, help="measure on so many photographs only (0: all)")
    args = parser.parse_args()
    mine = Yolox(args.model, rgb=True, names=CLASSES)
    peer = Yolox(args.data / "models/yolox-nano/model.onnx", names=COCO80)
    coco = args.data / "images/coco"
    real = photographs(coco, args.part, args.limit)
    metrics: dict = {"photographs": f"{len(real['images'])} of COCO {args.part}, {len(CLASSES)} classes"}
    metrics["onPhotographs"] = judge(real, detections(mine, coco, real))
    metrics["yoloxNanoOnPhotographs"] = judge(real, detections(peer, coco, real))
    if args.scenes:
        drawn = json.loads((args.scenes / "annotations.json").read_text())
        metrics["scenes"] = f"{len(drawn['images'])} drawn scenes held out"
        metrics["onScenes"] = judge(drawn, detections(mine, args.scenes, drawn))
        metrics["yoloxNanoOnScenes"] = judge(drawn, detections(peer, args.scenes, drawn))
    metrics["millisecondsOneThread"] = {"patchwarden-nano": milliseconds(mine), "yolox-nano": milliseconds(peer)}
    (args.work / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
    print(json.dumps(metrics, indent=1))


if __name__ == "__main__":
    main()
