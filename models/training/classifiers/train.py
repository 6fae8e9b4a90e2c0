"""Trains one classifier: `python train.py --name cifar10-columns --data DATA --work runs`.

The learning rate follows the processor time spent, so that a busy machine makes training longer and not worse; on a GPU it
follows the clock, and batches are larger. An average of the weights is what gets saved; `--resume` goes on where a
checkpoint stopped. `WORK/NAME/log.jsonl` has the figures on the held-out training pictures.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

sys.path.append(str(Path(__file__).resolve().parents[1]))

from half_weights import kept_weights
from layers import keep_memory
from precision import autocast, device_in_words, training_device
from smoothing import affected_columns, budget
from tasks import TASKS, Sampler, Task, load

LATE_BATCH = 32  # pictures in a batch of networks of bands when they see all their bands
VOTE = 0.3  # the softmax value that counts as a vote in training; the card's own threshold is chosen afterwards
LEAD = 2.0


def learning_rate(top: float, done: float) -> float:
    """One cycle: up in the first tenth, then a cosine down to almost nothing."""
    return top * (done / 0.1 if done < 0.1 else 0.5 * (1.0 + math.cos(math.pi * min(1.0, (done - 0.1) / 0.9))) + 1e-4)


class Average:
    """The running average of a network's weights and of the statistics of its norms."""

    def __init__(self, network: nn.Module) -> None:
        self.network = copy.deepcopy(network)
        pairs = zip(self.network.state_dict().values(), network.state_dict().values())
        pairs = [(a, b) for a, b in pairs if a.dtype.is_floating_point]
        self.targets, self.sources = [a for a, _ in pairs], [b for _, b in pairs]

    @torch.no_grad()
    def follow(self, keep: float) -> None:
        torch._foreach_lerp_(self.targets, self.sources, 1.0 - keep)


@torch.no_grad()
def figures_on(network: nn.Module, batches: list[tuple[tuple[Tensor, ...], Tensor, Tensor]], task: Task) -> dict[str, float]:
    """Accuracy, for networks of bands that of single bands, and then clean and certified accuracy by their votes."""
    network.eval()
    with autocast(batches[0][1].device.type):
        logits = torch.cat([network(*inputs) for inputs, _, _ in batches]).float()
    labels = torch.cat([l for _, l, _ in batches])
    if not task.is_banded:
        return {"accuracy": round(float((logits.argmax(1) == labels).float().mean()), 4)}
    found = {"accuracy": round(float((logits.argmax(2) == labels[:, None]).float().mean()), 4)}
    winner, spare = budget((logits.softmax(2) >= VOTE).sum(1).cpu().numpy())
    right = winner == labels.cpu().numpy()
    touched = affected_columns(task.patch, task.smoothing["band"], logits.shape[1])
    return found | {"clean": round(float(right.mean()), 4), "certified": round(float((right & (spare >= touched)).mean()), 4)}


def loss_of(logits: Tensor, labels: Tensor, targets: Tensor, task: Task, is_late: bool) -> Tensor:
    """Cross-entropy, of every band alone.

    Late in the training of bands all bands of a picture are at hand, and what is wanted is a lead in votes that the
    patch cannot overturn: twice the bands it touches. What is missing to it counts too, votes softened by a sigmoid.
    """
    if not task.is_banded:
        return F.cross_entropy(logits, targets)
    bands = logits.shape[1]
    loss = F.cross_entropy(logits.flatten(0, 1), targets.repeat_interleave(bands, 0))
    if not is_late:
        return loss
    votes = torch.sigmoid((logits.softmax(2) - VOTE) / 0.06).mean(1)
    own = votes.gather(1, labels[:, None])[:, 0]
    rival = votes.scatter(1, labels[:, None], -1.0).amax(1)
    wanted = 2.0 * affected_columns(task.patch, task.smoothing["band"], bands) / bands + 0.06
    return loss + LEAD * F.relu(wanted - (own - rival)).mean()


class Recorded:
    """A pass forward and back that a GPU repeats without the processor: recorded once as a CUDA graph, kernel launches and
    all, which take longer than the work of a network this small. Random numbers differ at every repetition."""

    def __init__(self, run: Callable[[], Tensor], random: torch.Generator, network: nn.Module) -> None:
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):  # workspaces and the choice of kernels must not fall into the recording
            for _ in range(4):
                network.zero_grad(set_to_none=True)
                run()
        torch.cuda.current_stream().wait_stream(aside)
        network.zero_grad(set_to_none=True)
        self.graph = torch.cuda.CUDAGraph()
        self.graph.register_generator_state(random)
        with torch.cuda.graph(self.graph):
            self.loss = run()
        self.gradients = [(q, q.grad) for q in network.parameters()]

    def __call__(self) -> Tensor:
        for parameter, gradient in self.gradients:
            parameter.grad = gradient  # each recording has gradients of its own
        self.graph.replay()
        return self.loss


def parse() -> argparse.Namespace:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--name", choices=TASKS, required=True)
    p.add_argument("--data", type=Path, required=True, help="folder with cifar10/, mnist/ and images/")
    p.add_argument("--work", type=Path, required=True, help="folder for checkpoints; for crops it has crops.npz")
    p.add_argument("--minutes", type=float, help="processor time to train, on a GPU time by the clock; default: the task's own")
    p.add_argument("--batch", type=int, default=4 if torch.cuda.is_available() else 1, help="times the pictures in a batch that the task names")
    p.add_argument("--late", type=float, default=0.85, help="share of the time after which networks of bands see whole pictures, for their votes")
    p.add_argument("--limit", type=int, default=0, help="at most so many training pictures (0: all)")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--save-every", type=float, default=180, help="seconds between checkpoints")
    p.add_argument("--resume", action="store_true", help="go on from WORK/NAME/last.pt if there is one")
    p.add_argument("--start", type=Path, help="weights to start from instead of random ones, written by export.py --keep")
    p.add_argument("--rate", type=float, help="peak of the learning rate; default: the task's own, less to go on from weights that are good")
    p.add_argument("--warp", type=float, help="how far pictures are turned, zoomed and recoloured; default: the task's own")
    p.add_argument("--mix", type=float, help="share of the pictures that another is mixed into; default: the task's own")
    p.add_argument("--seed", type=int, default=1)
    return p.parse_args()


def main() -> None:
    args = parse()
    keep_memory()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    device = training_device(has_one_size=True)
    task = TASKS[args.name]
    task = replace(task, **{name: value for name in ("warp", "mix") if (value := getattr(args, name)) is not None})
    rate = args.rate or task.learning_rate
    budget_seconds = 60.0 * (args.minutes or task.minutes)
    out = args.work / task.name
    out.mkdir(parents=True, exist_ok=True)
    checkpoint = out / "last.pt"

    pictures, names, groups = load(task, args.data, args.work, args.limit)
    sampler = Sampler(task, pictures.train, groups.get("train"), len(names), args.seed, device=device)
    held_sampler = Sampler(task, pictures.held, None, len(names), 5, augment=False, device=device)
    height, width, channels = (*pictures.test.pixels.shape[1:3], pictures.test.pixels.shape[3])
    network = task.network(height, width, channels, len(names)).to(device, memory_format=torch.channels_last)
    earlier = {"pictures": 0, "seconds": 0.0}  # spent on the weights that training starts from
    if args.start:
        weights, earlier = kept_weights(args.start)
        network.load_state_dict(weights)
    mean = Average(network)
    matrices = [q for q in network.parameters() if q.ndim > 1]
    vectors = [q for q in network.parameters() if q.ndim <= 1]
    groups_ = [{"params": matrices, "weight_decay": task.weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    optimiser = torch.optim.SGD(groups_, lr=rate, momentum=0.9, nesterov=True, fused=device.type == "cuda" or None)
    step, seen, spent = 0, 0, 0.0
    if args.resume and checkpoint.exists():
        saved = torch.load(checkpoint, map_location=device, weights_only=True)
        network.load_state_dict(saved["raw"])
        mean.network.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        step, seen, spent, earlier = saved["step"], saved["pictures"], saved["seconds"], saved["earlier"]
        sampler.reseed(args.seed + step)

    def clock() -> float:
        return time.monotonic() if device.type == "cuda" else time.process_time() / args.threads

    pictures_of = {False: args.batch * task.batch, True: args.batch * LATE_BATCH}

    def forward_and_back(is_late: bool) -> Tensor:
        sampler.warp = task.warp * (0.5 if is_late else 1.0)  # in the end, pictures more like those that will be asked about
        inputs, labels, targets = sampler.batch(pictures_of[is_late], 0 if is_late else task.window, mix=not is_late)
        network.train()
        with autocast(device.type):
            logits = network(*inputs)
        loss = loss_of(logits.float(), labels, targets, task, is_late)
        network.zero_grad(set_to_none=True)
        loss.backward()
        return loss

    passes: dict[bool, Callable[[], Tensor]] = {}
    before, start, losses = spent, clock(), []
    last_save = time.monotonic()
    log = (out / "log.jsonl").open("a")
    while True:
        done = spent >= budget_seconds
        if done or time.monotonic() - last_save >= args.save_every:
            figures = figures_on(mean.network, [held_sampler.batch(100) for _ in range(5 if task.is_banded else 20)], task)
            line = {"minutes": round(spent / 60, 2), "step": step, "pictures": seen,
                    "training_loss": round(float(torch.stack(losses[-200:]).mean()) if losses else 0.0, 4), **figures}
            print(json.dumps(line), flush=True)
            log.write(json.dumps(line) + "\n")
            log.flush()
            state = {"name": task.name, "names": names, "device": device_in_words(device), "size": [height, width, channels], "model": mean.network.state_dict(), "raw": network.state_dict(),
                     "optimiser": optimiser.state_dict(), "step": step, "seconds": spent, "pictures": seen,
                     "earlier": {"pictures": earlier["pictures"], "seconds": earlier["seconds"]}}
            torch.save(state, checkpoint.with_suffix(".part"))
            checkpoint.with_suffix(".part").replace(checkpoint)
            last_save = time.monotonic()
            if done:
                break
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(rate, spent / budget_seconds)
        is_late = task.is_banded and spent / budget_seconds >= args.late
        if is_late not in passes:
            run = partial(forward_and_back, is_late)
            passes[is_late] = Recorded(run, sampler.random, network) if device.type == "cuda" else run
        loss = passes[is_late]()
        optimiser.step()
        step, seen = step + 1, seen + pictures_of[is_late]
        mean.follow(min(0.999, (1.0 + step) / (10.0 + step)))
        losses = [*losses[-199:], loss.detach().clone()]
        if device.type == "cuda" and step % 8 == 0:
            torch.cuda.current_stream().synchronize()  # or the clock would run ahead of the work
        spent = before + clock() - start


if __name__ == "__main__":
    main()
