"""Optimises the adversarial patches of the demonstration: `python make_patches.py --work DIR --scenes FOLDER --out FOLDER`.

For each scene it looks for places where a black square hides none of the objects around it (so that a defense which
removes the patch gives them back), then moves the pixels of a patch at that place by gradient descent until the objects
around it vanish, or until objects appear that are not there. With --training-scenes it adds two universal ones, optimised over many
scenes and places. Positions, scales and noise vary while optimising, so that the patch survives re-encoding.
Writes PNG files, `plan.json` with the place of each, and a table of what each does.
"""

import argparse
import json
import sys
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
import torch
from torch.nn import functional as F

sys.path.append(str(Path(__file__).resolve().parents[1]))

from classes import CLASSES, INDEX
from export import ROOT, SIDE, load
from model import boxes_of, grid
from precision import autocast
from yolox import per_class

THRESHOLD, IOU = 0.3, 0.45
CELLS, STRIDES = grid(SIDE, SIDE)
CENTRES = (CELLS + 0.5) * STRIDES


def letterbox(image: torch.Tensor) -> torch.Tensor:
    """(n, 3, h, w) 0..255 to (n, 3, 416, 416), as the product does it, and differentiable."""
    h, w = image.shape[2:]
    r = min(SIDE / h, SIDE / w)
    small = F.interpolate(image, (int(h * r), int(w * r)), mode="bilinear", align_corners=False)
    return F.pad(small, (0, SIDE - small.shape[3], 0, SIDE - small.shape[2]), value=114.0)


def read(file: Path) -> torch.Tensor:
    rgb = cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB)
    return torch.from_numpy(rgb).permute(2, 0, 1).float()


def paste(image: torch.Tensor, patch: torch.Tensor, x: int, y: int) -> torch.Tensor:
    out = image.clone()
    out[:, y : y + patch.shape[1], x : x + patch.shape[2]] = patch
    return out


@torch.no_grad()
def detect(model, image: torch.Tensor) -> np.ndarray:
    """Rows x1 y1 x2 y2 score class in pixels of `image` (3, h, w)."""
    out = model(letterbox(image[None]))[0]
    r = min(SIDE / image.shape[1], SIDE / image.shape[2])
    boxes = boxes_of(out, CELLS, STRIDES) / r
    scores = out[:, 4:5].sigmoid() * out[:, 5:].sigmoid()
    return per_class(boxes.numpy(), scores.numpy(), THRESHOLD, IOU)


def overlap(a, b) -> float:
    side = np.minimum(a[2:4], b[2:4]) - np.maximum(a[:2], b[:2])
    inter = side.clip(0).prod()
    area = lambda q: (q[2] - q[0]) * (q[3] - q[1])  # noqa: E731
    return float(inter / (area(a) + area(b) - inter + 1e-9))


def found(objects: np.ndarray, rows: np.ndarray) -> list[int]:
    """Which of the true `objects` (n, 5) a detector's rows name, each row used once."""
    hits, free = [], list(range(len(rows)))
    for i, true in enumerate(objects):
        best = max((j for j in free if rows[j, 5] == true[4]), key=lambda j: overlap(true, rows[j]), default=None)
        if best is not None and overlap(true, rows[best]) > 0.45:
            free.remove(best)
            hits.append(i)
    return hits


def covered(true: np.ndarray, square) -> float:
    side = np.minimum(true[2:4], square[2:]) - np.maximum(true[:2], square[:2])
    return float(side.clip(0).prod() / max(1.0, (true[2] - true[0]) * (true[3] - true[1])))


def distance(true: np.ndarray, square) -> float:
    gap = np.maximum(np.maximum(true[:2] - square[2:], square[:2] - true[2:4]), 0)
    return float(np.hypot(*gap))


def choose_place(model, image, objects, rng, tries: int):
    """(x, y, size, targets): the place around which most objects are found though a black square lies there."""
    clean = found(objects, detect(model, image))
    best, place = 0.0, None
    for _ in range(tries):
        if not clean:
            break
        size = int(rng.choice([112, 128, 144]))
        anchor = objects[rng.choice(clean)]
        middle = rng.uniform(anchor[:2] - size * 0.3, anchor[2:4] + size * 0.3)
        x, y = (middle - size / 2).clip(0, [640 - size, 480 - size]).astype(int)
        square = np.array([x, y, x + size, y + size])
        near = [i for i in clean if covered(objects[i], square) < 0.4 and distance(objects[i], square) < 25]
        if not near or any(covered(objects[i], square) >= 0.4 for i in clean):
            continue
        black = found(objects, detect(model, paste(image, torch.zeros(3, size, size), x, y)))
        kept = [i for i in near if i in black]
        lost = len([i for i in clean if i not in black])
        area = sum(np.sqrt(np.prod(objects[i, 2:4] - objects[i, :2])) for i in kept) / 400
        score = len(kept) + area - 2.0 * lost
        if score > best:
            best, place = score, (int(x), int(y), size, kept)
    return place


def hiding_loss(out: torch.Tensor, targets: np.ndarray, r: float) -> torch.Tensor:
    """How strongly the cells that could name one of the `targets` still do."""
    boxes = boxes_of(out, CELLS, STRIDES).detach()
    scores = out[:, :, 4:5].sigmoid() * out[:, :, 5:].sigmoid()
    loss = out.new_zeros(())
    for true in targets:
        b = torch.tensor(true[:4] * r).float()
        side = torch.minimum(boxes[..., 2:], b[2:]) - torch.maximum(boxes[..., :2], b[:2])
        inter = side.clamp(min=0).prod(-1)
        area = (boxes[..., 2:] - boxes[..., :2]).prod(-1)
        near = inter / (area + (b[2:] - b[:2]).prod() - inter) > 0.3
        s = (scores[..., int(true[4])] * near).topk(24, 1).values
        loss = loss - torch.log1p(-s.clamp(max=0.9999)).sum(1).mean()
    return loss


def inventing_loss(out: torch.Tensor, square, r: float) -> torch.Tensor:
    """How strongly cells in and around the patch name anything: a patch that hides should not show up itself."""
    x1, y1, x2, y2 = (v * r for v in square)
    on = (CENTRES[:, 0] > x1 - 24) & (CENTRES[:, 0] < x2 + 24) & (CENTRES[:, 1] > y1 - 24) & (CENTRES[:, 1] < y2 + 24)
    score = out[:, on, 4].sigmoid() * out[:, on, 5:].sigmoid().amax(2)
    return -torch.log1p(-score.topk(24, 1).values.clamp(max=0.9999)).sum(1).mean()


def appearing_loss(out: torch.Tensor, name: int, square, r: float) -> torch.Tensor:
    """How far the cells on the patch are from naming `name`."""
    x1, y1, x2, y2 = (v * r for v in square)
    on = (CENTRES[:, 0] > x1) & (CENTRES[:, 0] < x2) & (CENTRES[:, 1] > y1) & (CENTRES[:, 1] < y2)
    score = F.logsigmoid(out[:, on, 4]) + F.logsigmoid(out[:, on, 5 + name])
    return -score.topk(24, 1).values.sum(1).mean() * 0.15


def roughness(patch: torch.Tensor) -> torch.Tensor:
    return (patch[:, 1:] - patch[:, :-1]).abs().mean() + (patch[:, :, 1:] - patch[:, :, :-1]).abs().mean()


def optimise(model, size: int, views, steps: int, rng, smooth: float) -> torch.Tensor:
    """`views()` gives [(image, x, y, loss of the output)]: what the patch has to do where. Patch (3, size, size), bytes."""
    pixels = torch.from_numpy(rng.uniform(0.2, 0.8, (3, size // 4, size // 4))).float()
    start = F.interpolate(pixels[None], (size, size), mode="bicubic")[0].clamp(0.05, 0.95)
    hidden = torch.logit(start).requires_grad_()
    optimizer = torch.optim.Adam([hidden], lr=0.2)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 0.2 * (1 - 0.9 * step / steps)
        patch = hidden.sigmoid() * 255
        seen, losses = [], []
        for image, x, y, loss in views():
            light = float(rng.uniform(0.96, 1.04))
            noise = torch.from_numpy(rng.normal(0, 3, patch.shape)).float()
            seen.append(paste(image, (patch * light + noise).clamp(0, 255), x, y))
            losses.append(loss)
        fitted = letterbox(torch.stack(seen)).contiguous(memory_format=torch.channels_last)
        with autocast():
            out = model(fitted).float()
        total = sum(loss(out[i : i + 1]) for i, loss in enumerate(losses)) / len(losses)
        total = total + smooth * roughness(patch / 255)
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
    return (hidden.sigmoid() * 255).detach().round()


def jittered(rng, image, x: int, y: int, size: int, loss, count: int = 1):
    def views():
        out = []
        for _ in range(count):
            dx, dy = rng.integers(-1, 2, 2)
            out.append((image, int(np.clip(x + dx, 0, 640 - size)), int(np.clip(y + dy, 0, 480 - size)), loss))
        return out

    return views


def marked(segmenter, image: torch.Tensor, square) -> tuple[float, float]:
    """Shares of `square` and of the rest of the picture that the segmenter takes for a patch."""
    logits = segmenter.run(None, {"image": (image / 255)[None].numpy()})[0][0, 0] > 0
    inside = np.zeros(logits.shape, bool)
    inside[square[1] : square[3], square[0] : square[2]] = True
    return float(logits[inside].mean()), float(logits[~inside].mean())


def scenes_of(folder: Path):
    document = json.loads((folder / "annotations.json").read_text())
    names = {c["id"]: INDEX[c["name"]] for c in document["categories"]}
    for image in document["images"]:
        boxes = [a for a in document["annotations"] if a["image_id"] == image["id"]]
        rows = [[*a["bbox"][:2], a["bbox"][0] + a["bbox"][2], a["bbox"][1] + a["bbox"][3], names[a["category_id"]]] for a in boxes]
        yield image, read(folder / "images" / image["file_name"]), np.array(rows, float).reshape(-1, 5)


def save(patch: torch.Tensor, file: Path):
    cv2.imwrite(str(file), patch.permute(1, 2, 0).numpy().astype(np.uint8)[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])


def universal(model, scenes, size: int, steps: int, rng, name: str | None):
    """A patch for any place: hides what is near it, or appears as `name`."""
    r = SIDE / 640

    def views():
        out = []
        while len(out) < 4:
            image, objects = scenes[rng.integers(len(scenes))]
            if not len(objects):
                continue
            anchor = objects[rng.integers(len(objects))]
            middle = rng.uniform(anchor[:2], anchor[2:4])
            x, y = (middle - size / 2).clip(0, [640 - size, 480 - size]).astype(int)
            square = np.array([x, y, x + size, y + size])
            near = [o for o in objects if covered(o, square) < 0.6 and distance(o, square) < 15]
            if name is not None:
                loss = lambda o, q=square: appearing_loss(o, INDEX[name], q, r)  # noqa: E731
            elif near:
                loss = lambda o, t=near: hiding_loss(o, t, r)  # noqa: E731
            else:
                continue
            out.append((image, int(x), int(y), loss))
        return out

    return optimise(model, size, views, steps, rng, 6.0)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=ROOT / "out/training/detector")
    parser.add_argument("--scenes", type=Path, required=True, help="rendered scenes of the demonstration")
    parser.add_argument("--training-scenes", type=Path, help="rendered scenes for the universal patches")
    parser.add_argument("--segmenter", type=Path, default=ROOT.parent / "shared/data/sac/lite-segmenter.onnx")
    parser.add_argument("--out", type=Path, default=ROOT / "src/datasets/drawn-scenes/patches")
    parser.add_argument("--steps", type=int, default=250)
    parser.add_argument("--tries", type=int, default=60)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--appearing", default="", help="scene ids whose patch makes objects appear: 4=person,9=dog")
    parser.add_argument("--only", default="", help="scene ids to work on; all when empty")
    parser.add_argument("--smoke", action="store_true", help="take any place where nothing is found")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(args.seed)
    model = load(args.work).to(memory_format=torch.channels_last)
    for p in model.parameters():
        p.requires_grad_(False)
    segmenter = ort.InferenceSession(str(args.segmenter), providers=["CPUExecutionProvider"])
    appear = dict(pair.split("=") for pair in args.appearing.split(",") if pair)
    only = {int(s) for s in args.only.split(",") if s}
    r = SIDE / 640
    plan = []
    for n, (entry, image, objects) in enumerate(scenes_of(args.scenes)):
        if (args.limit and n >= args.limit) or (only and entry["id"] not in only):
            continue
        place = choose_place(model, image, objects, rng, args.tries)
        if place is None and args.smoke:
            place = (100, 100, 96, [0])
        if place is None:
            print(f"{entry['file_name']}: no place where objects survive a black square", flush=True)
            continue
        x, y, size, targets = place
        square = (x, y, x + size, y + size)
        wanted = appear.get(str(entry["id"]))
        if wanted:
            loss = lambda o: appearing_loss(o, INDEX[wanted], square, r)  # noqa: E731
        else:
            loss = lambda o: hiding_loss(o, objects[targets], r) + 0.15 * inventing_loss(o, square, r)  # noqa: E731
        patch = optimise(model, size, jittered(rng, image, x, y, size, loss), args.steps, rng, 2.0)
        kind = f"{wanted.replace(' ', '-')}-appears" if wanted else "hides"
        file = f"{kind}-{entry['id']:02d}.png"
        save(patch, args.out / file)
        attacked = paste(image, patch, x, y)
        clean, hit = detect(model, image), detect(model, attacked)
        black = detect(model, paste(image, torch.zeros_like(patch), x, y))
        before, after, back = found(objects, clean), found(objects, hit), found(objects, black)
        inside, outside = marked(segmenter, attacked, square)
        _, plain = marked(segmenter, image, square)
        names = lambda ids: [CLASSES[int(objects[i, 4])] for i in ids]  # noqa: E731
        row = {
            "scene": entry["id"], "file": file, "x": x, "y": y, "size": size, "objects": len(objects),
            "foundClean": len(before), "foundAttacked": len(after), "foundBlacked": len(back),
            "vanished": names([i for i in before if i not in after]), "targets": names(targets),
            "falseClean": len(clean) - len(before), "falseAttacked": len(hit) - len(after),
            "segmenterOnPatch": round(inside, 3), "segmenterElsewhere": round(outside, 4), "segmenterOnClean": round(plain, 4),
        }  # fmt: skip
        plan.append(row)
        print(json.dumps(row), flush=True)
        (args.out / "plan.json").write_text(json.dumps(plan, indent=1))
    if args.training_scenes:
        pool = [(image, objects) for _, image, objects in islice(scenes_of(args.training_scenes), 150)]
        for size, name in ((128, None), (112, "person")):
            patch = universal(model, pool, size, args.steps * 2, rng, name)
            save(patch, args.out / f"universal-{'hides' if name is None else f'{name}-appears'}.png")


if __name__ == "__main__":
    main()
