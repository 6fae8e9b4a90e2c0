"""Writes a segmenter's model card, so that no figure in it is typed by hand.

    python card.py --model ../../sac-lite/model.onnx --checkpoint runs/lite/last.pt --scores runs/scores.jsonl

`--scores` is what score_masks.py wrote for the weights as they are; `--scores-before` for those of
`before-published.pt`, which had seen no published patch at all. The card goes beside the model. Without a checkpoint the
card that is there keeps everything but its scores: for new default settings of the program.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from pathlib import Path

import torch

from calibrate import last_leg
from model import build, fold_batch_norm

NAMES = {"lite": ("sac-lite", "Patch segmenter, lite"), "unet16": ("sac-unet16", "Patch segmenter, U-Net of Segment and Complete")}
TRAINED_ON = (
    "Photographs of an ImageNet sample, BSDS500, CamVid, COCO train2017, Penn-Fudan, raccoon, playing cards, aerial aircraft and BCCD "
    "(several of these sets are for research or non-commercial use), every tenth kept for validation; patches of the project's "
    "own making against yolox-nano, nanodet-m-416, picodet-s-320, ultraface-rfb-320, facemask-ssd and random networks; procedural "
    "textures; photographs driven to equal contrast at every scale; 160 drawn scenes of this project in the last leg; signs, road signs and photographs under such patterns; and, from the last fifth of the first leg on, 13 published patches "
    "(adversarial-yolo, MIT; ImageNet-Patch, CC BY 4.0)")
HOW = (
    "test_set.py --seed 177 --each 16 --attacked 4, the program's default settings, score_masks.py: photographs never trained on, masks "
    "completed; taughtPatches: of families in the training at its end; unseenPatches: of families never trained on")
LIMITS = {
    "lite": (
        "Misses many patches that look like ordinary things (prints of a perturbed stop sign, of a toaster), and many that are smooth, dark or blurred. An attacker who "
        "has these weights gets past it, see attacked8. False alarms on saturated, finely mixed texture and on strongly processed pictures."),
    "unet16": (
        "For comparison: eleven times the work of sac-lite for each picture. What is said of sac-lite's limits holds here too."),
}


def scores(file: Path | None) -> dict[str, dict]:
    """The lines of score_masks.py by kind and group of patches."""
    found: dict[str, dict] = {}
    for line in file.read_text().splitlines() if file else []:
        row = json.loads(line)
        if "patch" in row:
            continue
        kind, group = row.pop("kind").replace("-", ""), row.pop("patches", None)
        if group:
            found.setdefault(kind, {})[f"{group}Patches"] = row
        else:
            found[kind] = row
    return found


def legs_in_words(saved: dict) -> str:
    def words(leg: dict) -> str:
        return f"{leg['steps']:,} steps in {leg['seconds'] / 60:.0f} minutes on {leg['device']}"

    def leg_in_words(before: int, leg: dict) -> str:
        joined = [before] if leg.get("with_start") else leg.get("joined_after", [])
        earlier = ["the weights so far" if after == before else f"the weights after {after} of these steps" for after in joined]
        counts = Counter([*earlier, *map(words, [leg, *leg.get("averaged", [])])])
        parts = [part if count == 1 else f"{part} (counted {count} times)" for part, count in counts.items()]
        return f"the mean of {', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]

    return ", then ".join(leg_in_words(*one) for one in enumerate([*saved["legs"], last_leg(saved)]))


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", type=Path, required=True)
    p.add_argument("--checkpoint", type=Path)
    p.add_argument("--scores", type=Path)
    p.add_argument("--scores-before", type=Path)
    args = p.parse_args()
    beside = args.model.parent / "model.json"
    if args.checkpoint is None:
        card = json.loads(beside.read_text())
        card["metrics"] = {"parameters": card["metrics"]["parameters"], "how": HOW, **scores(args.scores)}
        beside.write_text(json.dumps(card, indent=2) + "\n")
        print(json.dumps(card["metrics"]))
        return
    saved = torch.load(args.checkpoint, map_location="cpu", weights_only=True)
    arch = saved["arch"]
    name, title = NAMES[arch]
    metrics: dict = {
        "parameters": sum(q.numel() for q in fold_batch_norm(build(arch)).parameters()),
        "how": HOW,
        **scores(args.scores),
    }
    if args.scores_before:
        metrics["beforeAnyPublishedPatch"] = scores(args.scores_before)
    card = {
        "id": name,
        "name": title,
        "task": "segment-patch",
        "file": args.model.name,
        "sha256": hashlib.sha256(args.model.read_bytes()).hexdigest(),
        "licence": "MIT (the weights; see trainedOn for the photographs)",
        "origin": f"Trained from random weights with models/training/segmenter: architecture {arch}, {legs_in_words(saved)}",
        "input": {"name": "image", "layout": "nhwc", "type": "uint8", "width": 512, "height": 512, "dynamic": True, "range": 255,
                  "channelOrder": "rgb", "resize": "stretch"},
        "output": {"family": "patch-logits", "names": ["logits"]},
        "scoreThreshold": 0.5,
        "trainedOn": TRAINED_ON,
        "metrics": metrics,
        "limits": LIMITS[arch],
    }
    beside.write_text(json.dumps(card, indent=2) + "\n")
    print(json.dumps(metrics))


if __name__ == "__main__":
    main()
