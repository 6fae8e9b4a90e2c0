"""CIFAR-10 and MNIST in memory; a held-out part of the training pictures on which thresholds are chosen."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

CIFAR10 = "airplane,automobile,bird,cat,deer,dog,frog,horse,ship,truck".split(",")
DIGITS = "zero,one,two,three,four,five,six,seven,eight,nine".split(",")
HELD_OUT = 2000  # the last so many training pictures: never trained on, never reported


@dataclass
class Pictures:
    """`pixels` (n, h, w, channels) bytes; `labels` (n,) int64."""

    pixels: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, part: slice) -> Pictures:
        return Pictures(self.pixels[part], self.labels[part])


@dataclass
class Split:
    train: Pictures
    held: Pictures
    test: Pictures


def load_cifar10(data: Path, limit: int = 0) -> Split:
    """Training pictures from the mosaics of 40 x 25 tiles, test pictures from the binary file, which is lossless."""
    folder = data / "cifar10"
    labels = np.fromfile(folder / "train-labels.bin", np.uint8).astype(np.int64)
    files = sorted((folder / "train").glob("mosaic-*.jpg"))
    if limit:
        files, labels = files[: limit // 1000], labels[: limit // 1000 * 1000]
    tiles = []
    for file in files:
        mosaic = cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB)
        tiles.append(mosaic.reshape(25, 32, 40, 32, 3).swapaxes(1, 2).reshape(1000, 32, 32, 3))
    pixels = np.concatenate(tiles)
    rows = np.frombuffer(gzip.decompress((folder / "test-1000.bin.gz").read_bytes()), np.uint8).reshape(-1, 3073)
    test = Pictures(np.ascontiguousarray(rows[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)), rows[:, 0].astype(np.int64))
    return hold_out(Pictures(pixels, labels), test)


def load_mnist(data: Path, limit: int = 0) -> Split:
    def read(name: str) -> np.ndarray:
        raw = gzip.decompress((data / "mnist" / name).read_bytes())
        dims = np.frombuffer(raw, ">i4", 1 if "labels" in name else 3, 4)
        return np.frombuffer(raw, np.uint8, offset=4 + 4 * len(dims)).reshape(dims)

    def pictures(part: str) -> Pictures:
        return Pictures(read(f"{part}-images-idx3-ubyte.gz")[..., None], read(f"{part}-labels-idx1-ubyte.gz").astype(np.int64))

    train = pictures("train")
    return hold_out(train[:limit] if limit else train, pictures("t10k"))


def hold_out(train: Pictures, test: Pictures) -> Split:
    count = min(HELD_OUT, len(train) // 5)
    return Split(train[:-count], train[-count:], test)
