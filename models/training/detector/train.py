"""Trains the detector from random weights: `python train.py --work DIR --scenes DIR --minutes 85`.

The schedule follows the clock: so many minutes of work, cosine decay, mosaic off in the last fifth. A checkpoint
is written every few minutes; `--resume` goes on from it, with whatever pictures are there then.
"""

import argparse
import copy
import math
import time
from pathlib import Path

import numpy as np
import torch

from assign import losses
from data import Sampler, class_counts, load_photos, load_scenes
from model import Detector, boxes_of, grid

ROOT = Path(__file__).resolve().parents[3]
SIZES, LAST_SIZES = (256, 288, 320, 320, 352, 416), (384, 416, 416)


def batch_of(sampler: Sampler, count: int, size: int, mosaic: float):
    drawn = [sampler.sample(size, mosaic) for _ in range(count)]
    pixels = torch.from_numpy(np.stack([d[0] for d in drawn])).permute(0, 3, 1, 2)
    return pixels.float(), [torch.from_numpy(d[1]) for d in drawn], [torch.from_numpy(d[2]) for d in drawn]


def parameters(model):
    """Norms and biases are not decayed."""
    plain = [p for p in model.parameters() if p.ndim == 1]
    return [{"params": [p for p in model.parameters() if p.ndim > 1]}, {"params": plain, "weight_decay": 0.0}]


@torch.no_grad()
def follow(average, model, steps: int):
    keep = min(0.9985, (1 + steps) / (20 + steps))
    for a, b in zip(average.state_dict().values(), model.state_dict().values()):
        if a.dtype.is_floating_point:
            a.lerp_(b, 1 - keep)
        else:
            a.copy_(b)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=ROOT / "out/training/detector")
    parser.add_argument("--scenes", type=Path, help="folder of rendered scenes")
    parser.add_argument("--scene-weight", type=float, default=0.4, help="share of pictures that are drawn")
    parser.add_argument("--minutes", type=float, default=85)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--limit", type=int, default=0, help="use at most so many pictures of a kind (0: all)")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)

    photos = load_photos(args.work / "photos.json")[: args.limit or None]
    scenes = load_scenes(args.scenes, args.limit) if args.scenes else []
    print(f"{len(photos)} photographs, {len(scenes)} scenes, boxes: {class_counts(photos + scenes)}", flush=True)

    model = Detector().to(memory_format=torch.channels_last)
    average = copy.deepcopy(model)
    optimizer = torch.optim.AdamW(parameters(model), lr=args.rate, weight_decay=0.03, fused=True)
    spent, steps = 0.0, 0
    file = args.work / "checkpoint.pt"
    if args.resume:
        state = torch.load(file)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        spent, steps = state["spent"], state["steps"]
    sampler = Sampler([(1 - args.scene_weight, photos), (args.scene_weight, scenes)], args.seed + steps)

    def save():
        state = {"model": model.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict()}
        torch.save({**state, "spent": spent, "steps": steps}, file.with_suffix(".part"))
        file.with_suffix(".part").replace(file)

    model.train()
    total, sums, saved, last = args.minutes * 60, np.zeros(4), spent, time.monotonic()
    while spent < total:
        part = spent / total
        rate = args.rate * min(1, (steps + 1) / 300) * (0.01 + 0.99 * (1 + math.cos(math.pi * part)) / 2)
        for group in optimizer.param_groups:
            group["lr"] = rate
        late = part > 0.8
        size = int(sampler.rng.choice(LAST_SIZES if late else SIZES))
        pixels, targets, ignored = batch_of(sampler, args.batch, size, 0.15 if late else 0.65)
        cells, strides = grid(size, size)
        with torch.autocast("cpu", torch.bfloat16):
            out = model(pixels.to(memory_format=torch.channels_last))
        out = out.float()
        boxes = boxes_of(out, cells, strides)
        box, objectness, classes, found = losses(out, boxes, (cells + 0.5) * strides, strides, targets, ignored)
        (box + objectness + classes).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()
        optimizer.zero_grad()
        steps += 1
        follow(average, model, steps)
        sums += [box.item(), objectness.item(), classes.item(), found]
        now = time.monotonic()
        spent, last = spent + now - last, now
        if steps % 100 == 0:
            b, o, c, n = sums / 100
            print(f"{spent / 60:.1f} min step {steps} rate {rate:.5f} box {b:.3f} obj {o:.3f} cls {c:.3f} pos {n:.0f}", flush=True)
            sums[:] = 0
        if spent - saved > 150:
            save()
            saved = spent
    save()


if __name__ == "__main__":
    main()
