"""Moves the working point of a trained segmenter: `python calibrate.py --checkpoint runs/lite/last.pt --raise 0.85 --out runs/lite/calibrated.pt`.

Training weighs a missed pixel against a wrong one as they come; the program can afford more wrong pixels than that, since it
drops parts with too little evidence. Raising all logits by ln(p / (1 - p)) makes what was probability 1 - p the new 0.5, so that
a patch is where the logit is above 0, whatever the program's thresholds are.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

sys.path.append(str(Path(__file__).resolve().parents[1]))

from half_weights import kept_weights


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--checkpoint", type=Path, nargs="+", required=True, help="several: the mean of their weights, steps and times of the first")
    p.add_argument("--start", type=Path, help="weights that all of them started from (train.py --start), to join the mean")
    p.add_argument("--raise", dest="up", type=float, required=True, help="added to every logit")
    p.add_argument("--out", type=Path, required=True)
    args = p.parse_args()
    saved = [torch.load(file, map_location="cpu", weights_only=True) for file in args.checkpoint]
    joined = [one["model"] for one in saved] + ([kept_weights(args.start)[0]] if args.start else [])
    weights = {key: mean_of([one[key] for one in joined]) for key in joined[0]}
    weights["head.bias"] = weights["head.bias"] + args.up
    kept = {key: saved[0][key] for key in ("arch", "device", "seconds", "step", "figures", "legs")}
    averaged = [{"steps": one["step"], "seconds": one["seconds"], "device": one["device"]} for one in saved[1:]]
    torch.save({**kept, "averaged": averaged, "with_start": args.start is not None, "model": weights}, args.out)


def last_leg(saved: dict) -> dict:
    """What the weights of a checkpoint were trained since they were last kept, as `keep_weights` keeps it."""
    return {"steps": saved["step"], "seconds": saved["seconds"], "device": saved["device"],
            "averaged": saved.get("averaged", []), "with_start": saved.get("with_start", False)}


def mean_of(values: list[torch.Tensor]) -> torch.Tensor:
    return torch.stack(values).mean(0) if values[0].is_floating_point() else values[0]


if __name__ == "__main__":
    main()
