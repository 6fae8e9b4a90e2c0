"""Pictures with published patches, as files: what the figures of the model cards are measured on.

    python test_set.py --data DATA --out runs/test --checkpoint runs/lite/last.pt
    patchwarden segment runs/test/digital --out runs/masks/digital        # likewise printed, attacked-8, attacked-255, clean
    python score_masks.py --truth runs/test --masks runs/masks

None of the photographs was in training; of the patches, score_masks.py tells those that were from those that never
were. `digital`: patches pasted unchanged, 12 to 45 % of the short side; `printed`: with the light, folds, perspective,
blur and JPEG of a photographed print; `ordinary`: the same, but with a good printer in even daylight or indoors, never
in the dark; `attacked-8` and `attacked-255`: digital ones moved by 20 steps against the segmenter in `--checkpoint`, by
at most 8/255 or freely; `clean`: the photographs themselves. Truths have the same names, in `truth/<kind>`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch

from attack import Budget, strongest
from data import Light, camera, is_validation, list_photos, load_published, place, read_rgb, relight
from measure import paste_digitally
from model import build, fold_batch_norm
from textures import Array, Rng, resize

LONGEST = 512


def ordinary_light(rng: Rng, x: Array, printed: bool = True) -> Array:
    """Nearly all of the gamut, at 0.7 to 1.1 of the brightness, a slight cast and sometimes a gradient."""
    x = x.astype(np.float32) / 255.0
    low, high = rng.uniform(0.03, 0.12), rng.uniform(0.82, 0.97)
    x = low + (high - low) * x
    grey = x.mean(axis=2, keepdims=True)
    x = (grey + rng.uniform(0.75, 1.0) * (x - grey)) * rng.uniform(0.7, 1.1) * rng.uniform(0.92, 1.06, 3).astype(np.float32)
    if rng.random() < 0.4:
        corners = rng.uniform(0.75, 1.1, (2, 2)).astype(np.float32)
        x = x * cv2.resize(corners, (x.shape[1], x.shape[0]))[..., None]
    return (np.clip(x, 0, 1) * 255).astype(np.uint8)


def paste_printed(rng: Rng, photo: Array, patch: tuple[str, Array, Array], light: Light = relight) -> tuple[Array, Array]:
    """The patch as a camera sees a print of it. `place` works on squares, so the photograph is cut to one."""
    side = min(photo.shape[:2])
    y, x = int(rng.integers(photo.shape[0] - side + 1)), int(rng.integers(photo.shape[1] - side + 1))
    canvas = photo[y:y + side, x:x + side].copy()
    truth = np.zeros((side, side), np.uint8)
    size = max(24, int(side * rng.uniform(0.15, 0.45)))
    width = max(24, round(size * patch[1].shape[1] / patch[1].shape[0]))
    texture, alpha = resize(patch[1], size, width), resize(patch[2], size, width)
    # A round patch is cut out: the paper around it would be neither patch nor photograph.
    place(rng, canvas, truth, np.ascontiguousarray(texture), 1, printed=True, light=light, alpha=np.ascontiguousarray(alpha))
    return camera(rng, canvas), truth


def save(folder: Path, name: str, picture: Array, truth: Array | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / f"{name}.png"), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    if truth is not None:
        truths = folder.parent / "truth" / folder.name
        truths.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(truths / f"{name}.png"), truth * 255)


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", type=Path, required=True, help="folder with images/ and patches/")
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--checkpoint", type=Path, help="the segmenter to attack; without it no attacked pictures")
    p.add_argument("--each", type=int, default=8, help="digital and printed pictures of each patch")
    p.add_argument("--attacked", type=int, default=3, help="attacked pictures of each patch")
    p.add_argument("--clean", type=int, default=0, help="at most so many clean photographs; 0: all")
    p.add_argument("--seed", type=int, default=77, help="another one draws other photographs and places")
    args = p.parse_args()
    # Pasted pictures are the same for every checkpoint.
    rng, attacked_rng, ordinary_rng = (np.random.default_rng(seed) for seed in range(args.seed, args.seed + 3))
    torch.manual_seed(args.seed)
    paths = [q for q in list_photos(args.data) if is_validation(q)]
    photos = [read_rgb(q) for q in paths]
    for path, photo in list(zip(paths, photos))[: args.clean or None]:
        save(args.out / "clean", f"{path.parent.parent.name}-{path.stem}", photo, None)
    network = None
    if args.checkpoint:
        state = torch.load(args.checkpoint, map_location="cpu", weights_only=True)
        network = build(state["arch"])
        network.load_state_dict(state["model"])
        network = fold_batch_norm(network)
    for patch in load_published(args.data):
        for k in range(args.each):
            photo = photos[rng.integers(len(photos))]
            save(args.out / "digital", f"{patch[0]}-{k}", *paste_digitally(rng, [photo], patch, LONGEST))
            save(args.out / "printed", f"{patch[0]}-{k}", *paste_printed(rng, photo, patch))
            photo = photos[ordinary_rng.integers(len(photos))]
            save(args.out / "ordinary", f"{patch[0]}-{k}", *paste_printed(ordinary_rng, photo, patch, ordinary_light))
        for k in range(args.attacked if network else 0):
            picture, truth = paste_digitally(attacked_rng, photos, patch, LONGEST)
            x = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255.0
            y = torch.from_numpy(truth)[None, None].float()
            for reach, step in ((8, 1.5), (255, 12.75)):
                found = strongest(network, x, y, Budget(reach / 255, step / 255, 20))
                attacked = (found[0].permute(1, 2, 0).numpy() * 255 + 0.5).astype(np.uint8)
                save(args.out / f"attacked-{reach}", f"{patch[0]}-{k}", attacked, truth)


if __name__ == "__main__":
    main()
