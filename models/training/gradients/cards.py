"""Model cards of gradient models, made from the cards of what they were made of."""

from __future__ import annotations

from typing import Any, Sequence

Card = dict[str, Any]

BCE = "bce(l, t) = ln(1 + e^l) - t*l"

YOLOX_FORMULA = (
    "loss = sum_i [ objectness_weight_i * bce(o_i, objectness_target_i) + sum_k class_weight_ik * bce(c_ik, class_target_ik) "
    "+ box_weight_i * (1 - GIoU(box_i, box_target_i)) ], cells i in the order of the detector's output, classes k, "
    f"o and c the logits before the detector's sigmoids, {BCE}"
)
SEGMENTATION_FORMULA = (
    f"loss = mean over all n*h*w pixels of weight * bce(logit, truth), {BCE}; a patch is where the logit is above 0"
)


def detector_card(source: Card, cells: int, classes: int, strides: Sequence[int], decoded: bool, answer: str) -> Card:
    boxes = "the detector gives boxes in pixels" if decoded else (
        "centre = (xy + cell) * stride, side = e^min(wh, 8) * stride of the detector's raw output"
    )
    targets = [
        target("objectness_target", [1, cells], "0..1, 1: an object is here"),
        target("objectness_weight", [1, cells], "any sign; 0 leaves the cell out", 0),
        target("class_target", [1, cells, classes], "0..1, 1: it is this class"),
        target("class_weight", [1, cells, classes], "any sign", 0),
        target("box_target", [1, cells, 4], f"x1, y1, x2, y2 in pixels of the model's input; {boxes}"),
        target("box_weight", [1, cells], "any sign", 0),
    ]
    # What has no weight needs no target.
    for entry in targets:
        entry.setdefault("default", 0)
    output = {
        "family": "yolox-loss", "loss": "loss", "gradient": "gradient", "answer": answer, "formula": YOLOX_FORMULA,
        "strides": list(strides), "decoded": decoded, "targets": targets,
    }
    return {**head(source), "input": source["input"], "output": output, "classes": source["classes"]}


def segmenter_card(source: Card, image: str, answer: str) -> Card:
    shape = ["n", 1, "h", "w"]
    output = {
        "family": "segmentation-loss", "loss": "loss", "gradient": "gradient", "answer": answer,
        "formula": SEGMENTATION_FORMULA,
        "targets": [
            target("truth", shape, "1 where a patch is, else 0"),
            target("weight", shape, "what a pixel counts", 1),
        ],
    }
    size = {key: source["input"][key] for key in ("width", "height")}
    picture = {
        "name": image, "layout": "nchw", "type": "float32", **size, "dynamic": True, "range": 1,
        "channelOrder": source["input"]["channelOrder"], "resize": source["input"]["resize"],
    }
    return {**head(source), "input": picture, "output": output}


def target(name: str, dims: Sequence[int | str], meaning: str, default: float | None = None) -> Card:
    entry = {"name": name, "dims": list(dims), "meaning": meaning}
    return entry if default is None else {**entry, "default": default}


def head(source: Card) -> Card:
    return {
        "id": f"{source['id']}-gradient",
        "name": f"{source.get('name', source['id'])}, loss and gradient",
        "task": "detect-gradient",
        "file": "model.onnx",
        "sha256": "",
        "licence": source["licence"],
        "origin": f"Made of {source['id']} (SHA-256 {source['sha256']}) with models/training/gradients",
        "trainedOn": f"as {source['id']}",
    }
