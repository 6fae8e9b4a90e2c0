"""The model card of a classifier: `output.smoothing` says for which method it was trained, and with what parameters."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tasks import Task, template_of

TRAINED_ON = {
    "cifar10": "CIFAR-10 (Krizhevsky 2009; research use): 48,000 of the 50,000 training pictures, from JPEG copies; 2,000 held out for choosing the threshold",
    "mnist": "MNIST (LeCun, Cortes, Burges): 58,000 of the 60,000 training digits; 2,000 held out for choosing the threshold",
    "crops": (
        "Crops of 264 COCO train2017 photographs with their boxes, Penn-Fudan pedestrians (136, for research) and 1,504 photographs labelled by "
        "yolox-nano, nanodet-m-416 and picodet-s-320 (ImageNet sample, BSDS500, CamVid, WIDER FACE; several for research or non-commercial use), one in "
        "ten held out; 700 drawn scenes of this project; 14,361 CIFAR-10 pictures of eight of the classes"),
}
LIMITS = {
    "cifar10": "For pictures like CIFAR-10: one object that fills 32 x 32 pixels. Says nothing useful about other pictures.",
    "mnist": "For white digits on black, 28 x 28, centred.",
    "crops": (
        "Weak on photographs beyond persons, cars and large animals, see metrics. A certificate is about the class of this "
        "crop, not about the detector: an attack may still move or suppress the box."),
}


def card_of(task: Task, saved: dict, digest: str, parameters: int) -> dict:
    height, width, channels = saved["size"]
    smoothing = dict(task.smoothing)
    if task.method == "splitting-noise":
        template = template_of(task, (height, width, channels))
        smoothing["template"] = template.transpose(2, 0, 1).ravel().tolist()  # channel, row, column
    return {
        "id": task.name,
        "name": task.title,
        "task": "classify",
        "file": "model.onnx",
        "sha256": digest,
        "licence": "MIT (the weights; see trainedOn for the pictures)",
        "origin": f"Trained from random weights with models/training/classifiers: {saved['earlier']['pictures'] + saved['pictures']:,} pictures, "
                  f"{(saved['earlier']['seconds'] + saved['seconds']) / 60:.1f} minutes on {saved['device']}",
        "input": {
            "name": "image", "layout": "nchw", "type": "float32", "width": width, "height": height, "range": 1,
            **({"channels": 1} if channels == 1 else {}),
            **({"encoding": "pair"} if task.is_pair else {}),
            "channelOrder": "rgb", "resize": "stretch", **({"interpolation": "area"} if task.source == "crops" else {}),
        },
        "output": {"family": "classifier", "names": ["logits"], "smoothing": smoothing},
        "classes": saved["names"],
        "trainedOn": TRAINED_ON[task.source],
        "metrics": {"parameters": parameters},
        "limits": LIMITS[task.source],
    }


def write_card(file: Path, card: dict) -> None:
    """Indented, but lists of numbers in one line."""
    text = json.dumps(card, indent=2)
    file.write_text(re.sub(r"\[[\d\s,.-]+\]", lambda found: " ".join(found[0].split()), text) + "\n")
