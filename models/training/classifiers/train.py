"""Trains one classifier: `python train.py --name cifar10-columns --data DATA --work runs`.

The learning rate follows the processor time spent, so that a busy machine makes training longer and not worse; an
average of the weights is what gets saved; `--resume` goes on where a checkpoint stopped. `WORK/NAME/log.jsonl` has the
figures on the held-out training pictures.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from layers import keep_memory
from tasks import TASKS, Sampler, load


def learning_rate(top: float, done: float) -> float:
    """One cycle: up in the first tenth, then a cosine down to almost nothing."""
    return top * (done / 0.1 if done < 0.1 else 0.5 * (1.0 + math.cos(math.pi * min(1.0, (done - 0.1) / 0.9))) + 1e-4)


def average(target: nn.Module, source: nn.Module, keep: float) -> None:
    with torch.no_grad():
        for a, b in zip(target.state_dict().values(), source.state_dict().values()):
            if a.dtype.is_floating_point:
                a.lerp_(b, 1.0 - keep)
            else:
                a.copy_(b)


@torch.no_grad()
def accuracy(network: nn.Module, batches: list[tuple[tuple[Tensor, ...], Tensor]]) -> dict[str, float]:
    network.eval()
    right = seen = loss = 0.0
    for inputs, labels in batches:
        logits = network(*inputs)
        loss += float(F.cross_entropy(logits, labels, reduction="sum"))
        right += float((logits.argmax(1) == labels).sum())
        seen += len(labels)
    return {"accuracy": round(right / seen, 4), "loss": round(loss / seen, 4)}


def parse() -> argparse.Namespace:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--name", choices=TASKS, required=True)
    p.add_argument("--data", type=Path, required=True, help="folder with cifar10/, mnist/ and images/")
    p.add_argument("--work", type=Path, required=True, help="folder for checkpoints; for crops it has crops.npz")
    p.add_argument("--minutes", type=float, help="processor time to train; default: the task's own")
    p.add_argument("--limit", type=int, default=0, help="at most so many training pictures (0: all)")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--save-every", type=float, default=180, help="seconds between checkpoints")
    p.add_argument("--resume", action="store_true", help="go on from WORK/NAME/last.pt if there is one")
    p.add_argument("--seed", type=int, default=1)
    return p.parse_args()


def main() -> None:
    args = parse()
    keep_memory()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    task = TASKS[args.name]
    budget = 60.0 * (args.minutes or task.minutes)
    out = args.work / task.name
    out.mkdir(parents=True, exist_ok=True)
    checkpoint = out / "last.pt"

    pictures, names, groups = load(task, args.data, args.work, args.limit)
    sampler = Sampler(task, pictures.train, groups.get("train"), args.seed)
    held_sampler = Sampler(task, pictures.held, None, 5, augment=False)
    height, width, channels = (*pictures.test.pixels.shape[1:3], pictures.test.pixels.shape[3])
    network = task.network(height, width, channels, len(names))
    mean = copy.deepcopy(network)
    matrices = [q for q in network.parameters() if q.ndim > 1]
    vectors = [q for q in network.parameters() if q.ndim <= 1]
    groups_ = [{"params": matrices, "weight_decay": task.weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    optimiser = torch.optim.SGD(groups_, lr=task.learning_rate, momentum=0.9, nesterov=True)
    step, spent = 0, 0.0
    if args.resume and checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(saved["raw"])
        mean.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        step, spent = saved["step"], saved["seconds"]
        sampler.rng = np.random.default_rng(args.seed + step)

    before, start, losses = spent, time.process_time(), []
    last_save = time.monotonic()
    log = (out / "log.jsonl").open("a")
    while True:
        done = spent >= budget
        if done or time.monotonic() - last_save >= args.save_every:
            figures = accuracy(mean, [held_sampler.batch(250) for _ in range(8)])
            line = {"minutes": round(spent / 60, 2), "step": step, "pictures": step * task.batch,
                    "training_loss": round(float(np.mean(losses[-200:] or [0.0])), 4), **figures}
            print(json.dumps(line), flush=True)
            log.write(json.dumps(line) + "\n")
            log.flush()
            state = {"name": task.name, "names": names, "size": [height, width, channels], "model": mean.state_dict(), "raw": network.state_dict(),
                     "optimiser": optimiser.state_dict(), "step": step, "seconds": spent, "pictures": step * task.batch}
            torch.save(state, checkpoint.with_suffix(".part"))
            checkpoint.with_suffix(".part").replace(checkpoint)
            last_save = time.monotonic()
            if done:
                break
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(task.learning_rate, spent / budget)
        inputs, labels = sampler.batch(task.batch)
        network.train()
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(*inputs)
        loss = F.cross_entropy(logits.float(), labels, label_smoothing=0.05)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        step += 1
        average(mean, network, min(0.999, (1.0 + step) / (10.0 + step)))
        losses.append(loss.item())
        spent = before + (time.process_time() - start) / args.threads


if __name__ == "__main__":
    main()
