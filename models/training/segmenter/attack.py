"""Attacks on the segmenter itself, for training and for measuring. Only the patch's own pixels move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

# A training step on pictures that need a gradient; returns nothing, leaves the gradient in `.grad`.
Step = Callable[[Tensor, bool], None]


@dataclass
class Budget:
    """How far a pixel may go from where it starts, how far in one step, and how many steps."""

    reach: float
    step: float
    steps: int


def draw_budget(rng: np.random.Generator, bare: bool) -> Budget:
    """From an invisible change of the patch to its replacement; from a bare photograph only large ones make sense."""
    steps = int(rng.integers(3, 6))
    if bare:
        return Budget(1.0, float(rng.uniform(0.06, 0.2)), steps + 2)
    if rng.random() < 0.6:
        reach = float(rng.choice([4, 8, 8, 12, 16])) / 255.0
        return Budget(reach, reach * float(rng.uniform(0.3, 0.6)), steps)
    return Budget(1.0, float(rng.uniform(0.03, 0.15)), steps)


def replay(train: Step, images: Tensor, truth: Tensor, budget: Budget, rng: np.random.Generator, bare: bool) -> None:
    """Trains on one batch several times while it attacks the segmenter ("free" adversarial training, Shafahi et al. 2019).

    The gradient that moves the weights moves the pixels too, so that an attacked batch costs no more than a plain one.
    The paper's stage two attacks for 200 steps and then trains once, which a CPU cannot pay for. A bare batch has
    nothing to be seen in it at first: its first two steps move the pixels alone.
    """
    inside = truth.expand_as(images)
    start = images
    moved = torch.zeros_like(images)
    if not bare and rng.random() < 0.5:
        moved = (torch.rand_like(images) * 2 - 1) * min(budget.reach, 0.3) * inside
    for k in range(budget.steps):
        x = (start + moved).clamp(0.0, 1.0).detach().requires_grad_(True)
        train(x, not bare or k >= 2)
        moved = (moved + budget.step * x.grad.sign() * inside).clamp(-budget.reach, budget.reach)


def strongest(logits: Callable[[Tensor], Tensor], image: Tensor, truth: Tensor, budget: Budget, random: bool = True) -> Tensor:
    """Projected gradient ascent on the cross-entropy over the whole frame: the attack that figures are quoted for."""
    inside = truth.expand_as(image)
    moved = torch.zeros_like(image)
    if random:
        moved = (torch.rand_like(image) * 2 - 1) * min(budget.reach, 8 / 255) * inside
    for _ in range(budget.steps):
        x = (image + moved).clamp(0.0, 1.0).detach().requires_grad_(True)
        # The patch counts as much as the rest of the frame, or a small one would hardly be attacked.
        z = logits(x)
        loss = (F.softplus(-z) * truth).sum() / truth.sum() + (F.softplus(z) * (1 - truth)).sum() / truth.sum()
        (gradient,) = torch.autograd.grad(loss, x)
        moved = (moved + budget.step * gradient.sign() * inside).clamp(-budget.reach, budget.reach)
    return (image + moved).clamp(0.0, 1.0).detach()
