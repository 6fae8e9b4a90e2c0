"""The three published detectors that label the unlabelled photographs, read as their model pages say."""

import sys
from pathlib import Path

import cv2
import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))

from yolox import Yolox, per_class, session


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
