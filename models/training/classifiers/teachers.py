"""The three published detectors that label the unlabelled photographs, read as their model pages say."""

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


def decode_distribution(boxes: np.ndarray, stride: int, size: int) -> np.ndarray:
    """(n, 32) = four sides of eight bins, to (n, 4) x1 y1 x2 y2 in input pixels."""
    n = -(-size // stride)
    d = boxes.reshape(-1, 4, 8)
    d = np.exp(d - d.max(2, keepdims=True))
    d = (d / d.sum(2, keepdims=True)) @ np.arange(8) * stride
    y, x = np.mgrid[:n, :n]
    cx, cy = (x.ravel() + 0.5) * stride, (y.ravel() + 0.5) * stride
    return np.stack([cx - d[:, 0], cy - d[:, 1], cx + d[:, 2], cy + d[:, 3]], 1)


class Distribution:
    """NanoDet-m (centred letterbox, BGR) and PicoDet-S (stretched, RGB)."""

    def __init__(self, path: Path, kind: str):
        self.session, self.kind = session(path), kind
        self.input = "input.1" if kind == "nanodet" else "image"
        self.size, self.strides = (416, (8, 16, 32)) if kind == "nanodet" else (320, (8, 16, 32, 64))

    def __call__(self, bgr: np.ndarray, floor: float) -> np.ndarray:
        h, w = bgr.shape[:2]
        s = self.size
        if self.kind == "nanodet":
            r = s / max(h, w)
            nw, nh = round(w * r), round(h * r)
            left, top = (s - nw) // 2, (s - nh) // 2
            canvas = np.zeros((s, s, 3), np.float32)
            canvas[top : top + nh, left : left + nw] = cv2.resize(bgr, (nw, nh))
            x = (canvas - [103.53, 116.28, 123.675]) / [57.375, 57.12, 58.395]
            scale, shift = np.array([r, r, r, r]), np.array([left, top, left, top])
        else:
            x = cv2.resize(bgr, (s, s))[..., ::-1] / 255.0
            x = (x - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
            scale, shift = np.array([s / w, s / h, s / w, s / h]), np.zeros(4)
        x = np.ascontiguousarray(x.transpose(2, 0, 1)[None], np.float32)
        out = self.session.run(None, {self.input: x})
        # The outputs are told apart by their shapes: the names are numbers.
        scores = {o.shape[1]: o[0] for o in out if o.shape[2] == 80}
        boxes = {o.shape[1]: o[0] for o in out if o.shape[2] == 32}
        rows = sorted(scores, reverse=True)
        xyxy = np.concatenate([decode_distribution(boxes[n], k, s) for n, k in zip(rows, self.strides)])
        return per_class((xyxy - shift) / scale, np.concatenate([scores[n] for n in rows]), floor, 0.6)


def open_teachers(models: Path):
    return [
        Yolox(models / "yolox-nano/model.onnx"),
        Distribution(models / "nanodet-m-416/model.onnx", "nanodet"),
        Distribution(models / "picodet-s-320/model.onnx", "picodet"),
    ]
