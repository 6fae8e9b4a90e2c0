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
    p.add_argument("--start", type=Path, nargs="+", default=[], help="kept weights to join the mean: those that all started from (train.py --start), or earlier ones; named twice, they count twice")
    p.add_argument("--raise", dest="up", type=float, required=True, help="added to every logit")
    p.add_argument("--out", type=Path, required=True)
    args = p.parse_args()
    saved = [torch.load(file, map_location="cpu", weights_only=True) for file in args.checkpoint]
    kept = [kept_weights(file) for file in args.start]
    joined = [one["model"] for one in saved] + [weights for weights, _ in kept]
    weights = {key: mean_of([one[key] for one in joined]) for key in joined[0]}
    weights["head.bias"] = weights["head.bias"] + args.up
    facts = {key: saved[0][key] for key in ("arch", "device", "seconds", "step", "figures", "legs")}
    averaged = [{"steps": one["step"], "seconds": one["seconds"], "device": one["device"]} for one in saved[1:]]
    after = [len(one["legs"]) for _, one in kept]
    torch.save({**facts, "averaged": averaged, "joined_after": after, "model": weights}, args.out)


def last_leg(saved: dict) -> dict:
    """What the weights of a checkpoint were trained since they were last kept, as `keep_weights` keeps it. `joined_after`: of
    the kept weights that joined the mean, the number of legs they had had."""
    return {"steps": saved["step"], "seconds": saved["seconds"], "device": saved["device"],
            "averaged": saved.get("averaged", []), "joined_after": saved.get("joined_after", [])}


def mean_of(values: list[torch.Tensor]) -> torch.Tensor:
    return torch.stack(values).mean(0) if values[0].is_floating_point() else values[0]


if __name__ == "__main__":
    main()
