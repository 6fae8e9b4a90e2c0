"""Runs a detector of YOLOX's output layout on a picture: letterbox, grid, threshold, suppression."""

from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort

from classes import COCO80


def session(path: Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def nms(boxes: np.ndarray, scores: np.ndarray, iou: float) -> np.ndarray:
    """Greedy suppression; indices kept, best first. `boxes` is (n, 4) x1 y1 x2 y2."""
    order = scores.argsort(kind="stable")[::-1]
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    keep = []
    while len(order):
        i, rest = order[0], order[1:]
        keep.append(i)
        side = np.minimum(boxes[i, 2:], boxes[rest, 2:]) - np.maximum(boxes[i, :2], boxes[rest, :2])
        inter = side.clip(0).prod(1)
        order = rest[inter <= iou * (area[i] + area[rest] - inter)]
    return np.array(keep, int)


def per_class(boxes, scores, floor: float, iou: float):
    """(n, 4) boxes and (n, classes) scores to (m, 6) rows x1 y1 x2 y2 score class."""
    rows = []
    for c in np.flatnonzero(scores.max(0) > floor):
        i = np.flatnonzero(scores[:, c] > floor)
        i = i[nms(boxes[i], scores[i, c], iou)]
        rows.append(np.c_[boxes[i], scores[i, c], np.full(len(i), c)])
    return np.concatenate(rows) if rows else np.zeros((0, 6))


def decode_yolox(out: np.ndarray, size: int = 416) -> np.ndarray:
    """(n, 5 + classes) raw rows to the same rows with x1 y1 x2 y2 in input pixels."""
    grid, stride = [], []
    for s in (8, 16, 32):
        n = size // s
        y, x = np.mgrid[:n, :n]
        grid.append(np.stack([x.ravel(), y.ravel()], 1))
        stride.append(np.full(n * n, s))
    grid, stride = np.concatenate(grid), np.concatenate(stride)[:, None]
    centre = (out[:, :2] + grid) * stride
    half = np.exp(out[:, 2:4]) * stride / 2
    return np.c_[centre - half, centre + half, out[:, 4:]]


class Yolox:
    """Also reads this recipe's own exports, which differ in the channel order alone."""

    def __init__(self, path: Path, rgb: bool = False, names=COCO80, iou: float = 0.45):
        self.session, self.rgb, self.names, self.iou = session(path), rgb, names, iou

    def __call__(self, bgr: np.ndarray, floor: float) -> np.ndarray:
        h, w = bgr.shape[:2]
        r = min(416 / h, 416 / w)
        canvas = np.full((416, 416, 3), 114, np.uint8)
        nw, nh = int(w * r), int(h * r)
        canvas[:nh, :nw] = cv2.resize(bgr, (nw, nh), interpolation=cv2.INTER_LINEAR)
        if self.rgb:
            canvas = canvas[..., ::-1]
        x = np.ascontiguousarray(canvas.transpose(2, 0, 1)[None], np.float32)
        rows = decode_yolox(self.session.run(None, {"images": x})[0][0])
        return per_class(rows[:, :4] / r, rows[:, 4:5] * rows[:, 5:], floor, self.iou)
