"""Optimises patches the way published attacks do: the answers of whole detectors are the objective.

`make_bank.py` excites random channels, which is fast and varied. This file repeats what is printed and pasted in
practice: hide everything or persons (Thys, Van Ranst, Goedemé 2019), make one class appear everywhere (Brown et al.
2017; DPatch, Liu et al. 2019), with views that vary in size, angle, light and focus (expectation over
transformations, Athalye et al. 2018), total variation against fine noise, and colours a printer has (non-printability
score, Sharif et al. 2016). The detectors are those of the data folder; none of the published patches is used.

    python published_recipes.py --data DATA --out runs/bank --count 300
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from data import is_validation, list_photos, read_rgb
from make_bank import KNOWN, Detector, blur, files_of, save_patch, starts
from textures import Array, Rng

# Class logits of each network: heads of 80 classes, of 80 classes and 32 box bins, and our own of 36.
NETWORKS = {"yolox-nano": (80, 80), "nanodet-m-416": (112, 80), "picodet-s-320": (112, 80), "patchwarden-nano": (36, 36)}
PERSON = 0
CANVAS = 256


def class_logits(network: Detector, rgb: Tensor) -> Tensor:
    """(n, classes, cells): the class logits of all strides, with YOLOX's objectness added in."""
    channels, count = NETWORKS[network.path.parent.name]
    features = list(network.features(rgb).values())
    classes = [f[:, :count].flatten(2) for f in features if f.shape[1] == channels]
    # One channel of its own, or the last after the four of the box.
    objectness = {f.shape[2] * f.shape[3]: f[:, -1:].flatten(2) for f in features if f.shape[1] in (1, 5)}
    if not classes:
        raise ValueError(f"{network.path}: no output of {channels} channels found")
    # The product of two probabilities, as the smaller of the two logits: it has gradients far from both.
    return torch.cat([torch.minimum(c, objectness[c.shape[2]]) if c.shape[2] in objectness else c for c in classes], 2)


def objective(rng: Rng):
    """What the attacker lowers: a function of (n, classes, cells)."""
    kind = rng.choice(["hide", "person", "appear"], p=[0.35, 0.3, 0.35])
    if kind == "appear":
        wanted = float(rng.random()) if rng.random() < 0.7 else PERSON
        return lambda z: -z[:, int(wanted * z.shape[1])].topk(12, 1).values.clamp(max=6).mean()
    picked = slice(PERSON, PERSON + 1) if kind == "person" else slice(None)
    return lambda z: F.softplus(z[:, picked].amax(1).topk(24, 1).values + 4).mean()


def view(rng: Rng, patch: Tensor, canvas: Tensor) -> Tensor:
    """The patches in the pictures, each at its own place, size and angle, under one light."""
    n = len(patch)
    side = torch.from_numpy(rng.uniform(0.28, 0.7, n).astype(np.float32))
    angle = torch.from_numpy((rng.normal(0, 0.18, n)).astype(np.float32))
    centre = torch.from_numpy(rng.uniform(-0.5, 0.5, (n, 2)).astype(np.float32))
    cos, sin = angle.cos() / side, angle.sin() / side
    rows = [torch.stack([cos, sin, -(cos * centre[:, 0] + sin * centre[:, 1])], 1),
            torch.stack([-sin, cos, -(-sin * centre[:, 0] + cos * centre[:, 1])], 1)]
    grid = F.affine_grid(torch.stack(rows, 1).to(patch.device), [n, 3, CANVAS, CANVAS], align_corners=False)
    light = float(rng.uniform(0.75, 1.1))
    grey = float(rng.uniform(0.0, 0.12))
    shown = (patch * light * (1 - grey) + 0.5 * grey).clamp(0, 1)
    # Shrunk first, so that fine patterns average out as a camera would average them.
    small = F.interpolate(shown, size=(int(CANVAS * side.mean()),) * 2, mode="area")
    if rng.random() < 0.3:
        small = blur(small, 1)
    pasted = F.grid_sample(small, grid, align_corners=False, padding_mode="border")
    inside = (grid.abs().amax(3, keepdim=True) < 1).permute(0, 3, 1, 2).float()
    return canvas * (1 - inside) + pasted * inside


class Backgrounds:
    """Square parts of photographs, kept on the device; `draw` returns (n, 3, CANVAS, CANVAS), 0..1."""

    def __init__(self, rng: Rng, photos: list[Array], count: int, device: torch.device | str) -> None:
        parts = np.stack([self.part(rng, photos[rng.integers(len(photos))]) for _ in range(count)])
        self.parts = torch.from_numpy(parts).permute(0, 3, 1, 2).contiguous().to(device)

    @staticmethod
    def part(rng: Rng, photo: Array) -> Array:
        h, w = photo.shape[:2]
        side = int(min(h, w) * rng.uniform(0.6, 1.0))
        y, x = rng.integers(h - side + 1), rng.integers(w - side + 1)
        return cv2.resize(photo[y:y + side, x:x + side], (CANVAS, CANVAS), interpolation=cv2.INTER_AREA)

    def draw(self, rng: Rng, n: int) -> Tensor:
        chosen = self.parts[torch.from_numpy(rng.integers(len(self.parts), size=n)).to(self.parts.device)].float() / 255.0
        return chosen.flip(3) if rng.random() < 0.5 else chosen


def printer_colours(rng: Rng) -> Tensor:
    """(k, 3): a coarse cube of colours without the extremes, as ink on paper has them."""
    levels = np.linspace(rng.uniform(0.02, 0.12), rng.uniform(0.85, 0.97), 4)
    cube = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(-1, 3)
    return torch.from_numpy(cube.astype(np.float32))


class Pyramid:
    """A patch as the sum of coarse and fine layers, all moved alike: gradients alone would fill it with fine texture.
    What comes out has the large soft shapes of patches made against deep networks (Olah et al. 2017, "Feature
    visualization", parametrise the image for the same reason)."""

    def __init__(self, rng: Rng, start: Tensor) -> None:
        self.base = torch.logit(start.clamp(0.03, 0.97)) * float(rng.choice([0.15, 0.5, 1.0]))
        n, _, side, _ = start.shape
        finest = side if rng.random() < 0.7 else side // 2
        sides = [s for s in (4, 8, 16, 32, 64, 128, 256) if s < finest] + [finest]
        slope = float(rng.uniform(0.55, 1.0))  # below one: the finer, the weaker
        self.weights = [slope ** k for k in range(len(sides))]
        self.layers = [torch.zeros(n, 3, s, s, device=start.device, requires_grad=True) for s in sides]
        # The channels move together to some degree, as they do in pictures of the world.
        together = float(rng.uniform(0.0, 0.75))
        self.colours = (torch.eye(3) * (1 - together) + together / 3 ** 0.5).to(start.device)

    def patch(self) -> Tensor:
        total = self.base
        for weight, layer in zip(self.weights, self.layers):
            mixed = torch.einsum("ij,njhw->nihw", self.colours, layer)
            total = total + weight * F.interpolate(mixed, size=total.shape[2:], mode="bilinear", align_corners=False)
        return torch.sigmoid(total)


class Pixels:
    """The patch as its pixels, the common way."""

    def __init__(self, start: Tensor) -> None:
        self.layers = [start.clone().requires_grad_(True)]

    def patch(self) -> Tensor:
        return self.layers[0].clamp(0, 1)


def optimise(rng: Rng, network: Detector, photos: list[Array], backgrounds: Backgrounds, together: int, steps: int) -> Tensor:
    # Few pixels that are shown enlarged give the smooth patches that survive a printer.
    side = int(rng.choice([40, 64, 96, 128, 192, 256], p=[0.15, 0.2, 0.2, 0.15, 0.15, 0.15]))
    lower = objective(rng)
    rate = float(rng.choice([0.02, 0.04, 0.08]))
    variation = float(rng.choice([0.0, 0.3, 1.0, 2.5]))
    colours = printer_colours(rng).to(network.device) if rng.random() < 0.4 else None
    start = starts(rng, together, side, photos).to(network.device)
    form = Pyramid(rng, start) if rng.random() < 0.65 else Pixels(start)
    adam = torch.optim.Adam(form.layers, lr=rate * (3 if isinstance(form, Pyramid) else 1), betas=(0.8, 0.95))
    for _ in range(steps):
        patch = form.patch()
        loss = lower(class_logits(network, view(rng, patch, backgrounds.draw(rng, together))))
        if variation:
            loss = loss + variation * ((patch.diff(dim=2) ** 2 + 1e-6).sqrt().mean() + (patch.diff(dim=3) ** 2 + 1e-6).sqrt().mean())
        if colours is not None:
            few = F.interpolate(patch, size=(48, 48), mode="area")
            loss = loss + 0.5 * (few[:, None] - colours[None, :, :, None, None]).abs().sum(2).amin(1).mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
    patch = form.patch().detach()
    # What still is the photograph it started from would teach that photographs are patches.
    return patch[(patch - start).abs().mean((1, 2, 3)) > 0.1]


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", type=Path, required=True, help="folder with images/ and models/")
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--count", type=int, default=300)
    p.add_argument("--together", type=int, default=24 if torch.cuda.is_available() else 4, help="patches made at the same time, against the same network")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--smoke", action="store_true", help="one round of two steps")
    args = p.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    paths = [q for q in list_photos(args.data) if not is_validation(q)]
    photos = [read_rgb(paths[i]) for i in rng.permutation(len(paths))[:300]]
    device = "cuda" if torch.cuda.is_available() else "cpu"
    networks = [Detector(files_of(args.data, name)[0], *KNOWN[name], device) for name in NETWORKS]
    backgrounds = Backgrounds(rng, photos, 24 if args.smoke else 600, device)
    done, start = 0, time.time()
    while done < args.count:
        network = networks[rng.integers(len(networks))]
        steps = 2 if args.smoke else int(rng.integers(50, 110))
        for patch in optimise(rng, network, photos, backgrounds, args.together, steps):
            picture = (patch.cpu().permute(1, 2, 0).numpy() * 255 + 0.5).astype(np.uint8)
            save_patch(args.out / f"recipe-{args.seed:02d}-{done:05d}-{network.path.parent.name}.png", picture)
            done += 1
        print(f"{done} patches, {time.time() - start:.0f} s", flush=True)
        if args.smoke:
            break


if __name__ == "__main__":
    main()
