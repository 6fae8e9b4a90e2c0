"""Trains the detector from random weights: `python train.py --data DATA --work DIR --scenes DIR --minutes 70`.

Teacher and student see the very same augmented pictures. In the first part each stage of the student starts from the
teacher's maps and learns the maps that follow, all stages at once. In the second part each starts from the student's own
maps, which it learns to mend. Then what the student is told about its maps and its answers reaches back through all of
it. Drawn scenes teach by their labels.

The schedule follows the processor time spent, so that a busy machine makes training longer and not worse (on a GPU, the
clock): so many minutes, one cosine for each part, larger pictures at the end. A checkpoint is written every few minutes;
`--resume` goes on from it.
Weights that have been through the first parts need only the last one again: `--start FILE --from-part 0.6`.
"""

import argparse
import copy
import math
import sys
import time
from pathlib import Path

import torch

sys.path.append(str(Path(__file__).resolve().parents[1]))

from torch.utils.data import DataLoader

from assign import losses as label_losses
from data import Batches, Sampler, load_photos, load_scenes
from half_weights import kept_weights
from losses import like_answers, like_maps
from model import Detector, boxes_of, grid
from precision import autocast, is_bfloat16_fast, training_device
from teacher import Teacher

ROOT = Path(__file__).resolve().parents[3]
SIZES, LAST_SIZES = (224, 256, 256, 288, 320), (288, 320, 352, 416)
STAGEWISE, ISOLATED = 0.35, 0.6  # ends of the first and of the second part
LATE = 0.7  # end of the part with small sizes
SAVE_EVERY = 150  # seconds


def clock(device: torch.device) -> float:
    return time.monotonic() if device.type == "cuda" else time.process_time()


def parameters(model):
    """Norms and biases are not decayed."""
    plain = [p for p in model.parameters() if p.ndim == 1]
    return [{"params": [p for p in model.parameters() if p.ndim > 1]}, {"params": plain, "weight_decay": 0.0}]


@torch.no_grad()
def follow(average, model, steps: int):
    keep = min(0.9985, (1 + steps) / (20 + steps))
    pairs = zip(average.state_dict().values(), model.state_dict().values())
    pairs = [(a, b) for a, b in pairs if a.dtype.is_floating_point]
    torch._foreach_lerp_([a for a, _ in pairs], [b for _, b in pairs], 1 - keep)


def rate_at(part: float) -> float:
    """Share of the peak rate: a cosine down to a fifth stage by stage, then from a third to nothing. Higher rates undo in
    a minute, once errors reach back through all stages, what the first part has taught."""
    if part < STAGEWISE:
        return 0.2 + 0.8 * (1 + math.cos(math.pi * part / STAGEWISE)) / 2
    return 0.003 + 0.33 * (1 + math.cos(math.pi * (part - STAGEWISE) / (1 - STAGEWISE))) / 2


class Lesson:
    """One step's losses."""

    def __init__(self, model: Detector, teacher: Teacher):
        self.model, self.teacher = model, teacher

    def __call__(self, pixels, targets, stagewise: bool, isolated: bool) -> dict[str, torch.Tensor]:
        size = pixels.shape[2]
        photos = len(pixels) - len(targets)
        taught = len(pixels) if stagewise else photos  # on their own, the scenes' maps are free to differ
        maps, raw = self.teacher(pixels[:taught])
        with autocast(pixels.device.type):
            fast = is_bfloat16_fast(pixels.device.type)
            given = {name: m.bfloat16() if fast else m for name, m in maps.items()} if stagewise else None
            f = self.model.features(pixels.contiguous(memory_format=torch.channels_last), given, isolated)
            out = self.model.answers(given or f).float()
        found = like_maps({name: m[:taught] for name, m in f.items()}, maps, raw, size)
        cells, strides = (t.to(pixels.device) for t in grid(size, size))
        box, objectness, classes = like_answers(out[:photos], raw[:photos], cells, strides)
        found |= {"box": box, "obj": objectness, "cls": classes}
        if targets:
            boxes = boxes_of(out[photos:], cells, strides)
            skip = [torch.zeros(0, 4, device=pixels.device)] * len(targets)
            box, objectness, classes, _ = label_losses(
                out[photos:], boxes, (cells + 0.5) * strides, strides, targets, skip
            )
            found["drawn"] = box + objectness + classes
        return found


def weight_of(name: str, stagewise: bool, isolated: bool) -> float:
    """All of one piece, the student may go its own way the more, the further a map is from the answers."""
    if name == "drawn":
        return 0.25 if stagewise else 1.0
    apart = {"c8": 0.4, "c16": 0.5, "c32": 0.8, "n16": 0.8}
    return 1.0 if stagewise or isolated else apart.get(name, 1.0)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--work", type=Path, default=ROOT / "out/training/detector")
    parser.add_argument("--scenes", type=Path, required=True, help="folder of rendered scenes")
    cuda = torch.cuda.is_available()
    parser.add_argument("--drawn", type=int, default=8 if cuda else 2, help="drawn scenes in each batch; half as many in the first part")
    parser.add_argument("--minutes", type=float, default=70)
    parser.add_argument("--batch", type=int, default=64 if cuda else 8)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--round", type=int, default=200 if cuda else 40, help="batches between looks at the schedule")
    parser.add_argument("--workers", type=int, default=8 if cuda else 0, help="processes that make the pictures")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="go on with a training that was cut off")
    parser.add_argument("--start", type=Path, help="weights to start from instead of random ones, such as ../checkpoints/patchwarden-nano.pt")
    parser.add_argument("--from-part", type=float, default=0.0, help="share of the schedule that the weights of --start have been through; --minutes is the time for the rest")
    parser.add_argument("--limit", type=int, default=0, help="use at most so many pictures of a source (0: all)")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)

    photos = load_photos(args.data / "images", args.limit)
    scenes = load_scenes(args.scenes, args.limit)
    print(f"{sum(len(g) for _, g in photos)} photographs, {len(scenes)} scenes", flush=True)

    device = training_device(has_one_size=False)
    model = Detector().to(device, memory_format=torch.channels_last)
    if args.start:
        model.load_state_dict(kept_weights(args.start)[0])
    average = copy.deepcopy(model)
    optimizer = torch.optim.AdamW(parameters(model), lr=args.rate, weight_decay=0.02, fused=True)
    teacher = Teacher(args.data / "models", args.threads, device)
    lesson = Lesson(model, teacher)
    spent, steps = 0.0, 0
    file = args.work / "checkpoint.pt"
    if args.resume:
        state = torch.load(file, map_location=device)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        teacher.mean, teacher.spread = state["mean"], state["spread"]
        spent, steps = state["spent"], state["steps"]
    sampler = Sampler(photos, scenes, args.seed + steps)
    if not teacher.mean:
        teacher.calibrate([sampler.batch(8, 0, 320, 0.5)[0].to(device).float() for _ in range(10)])

    def save():
        state = {"model": model.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict()}
        state |= {"mean": teacher.mean, "spread": teacher.spread, "spent": spent, "steps": steps}
        torch.save(state, file.with_suffix(".part"))
        file.with_suffix(".part").replace(file)

    model.train()
    total = args.minutes * 60 / (1 - args.from_part)
    spent = max(spent, args.from_part * total)
    sums, saved, last = {}, spent, clock(device)
    lessons, since = None, 0
    while spent < total:
        part = spent / total
        stagewise, isolated, late = part < STAGEWISE, STAGEWISE <= part < ISOLATED, part > LATE
        if lessons != (stagewise, isolated):
            # Gradients are another size now. An optimiser that remembers the old one would move so far in its first steps
            # that minutes of training are undone.
            lessons, since = (stagewise, isolated), steps
            optimizer.state.clear()
        drawn = args.drawn // 2 if stagewise else args.drawn
        batches = Batches(sampler, args.batch, drawn, LAST_SIZES if late else SIZES, 0.35 if late else 0.55, args.seed + steps, args.round)
        for pixels, boxes in DataLoader(batches, batch_size=None, num_workers=args.workers, pin_memory=cuda):
            rate = args.rate * min(1, (steps - since + 1) / 150) * rate_at(spent / total)
            for group in optimizer.param_groups:
                group["lr"] = rate
            found = lesson(pixels.to(device, non_blocking=True).float(), [b.to(device) for b in boxes], stagewise, isolated)
            sum(weight_of(name, stagewise, isolated) * loss for name, loss in found.items()).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
            optimizer.step()
            optimizer.zero_grad()
            steps += 1
            follow(average, model, steps)
            for name, loss in found.items():
                sums[name] = sums.get(name, 0.0) + loss.detach()
            now = clock(device)
            spent, last = spent + (now - last) / args.threads, now
            if steps % 50 == 0:
                told = " ".join(f"{name} {float(value) / 50:.3f}" for name, value in sums.items())
                print(f"{spent / 60:.1f} min step {steps} rate {rate:.5f} {told}", flush=True)
                sums = {}
            if spent >= total:
                break
        if spent - saved > SAVE_EVERY:
            save()
            saved = spent
    save()


if __name__ == "__main__":
    main()
