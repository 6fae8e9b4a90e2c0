"""Clean and certified accuracy of an exported classifier, by the method that its card names.

    python certify.py --model ../../cifar10-columns --data DATA --choose-theta --write
    python certify.py --model ../../cifar10-gaussian --data DATA --pictures 200 --samples 1000

Certified accuracy: right *and* certified at that size; abstentions are wrong; clean accuracy is that of the smoothed
classifier. Column ablation and splitting noise try every band or shift: their certificates hold without exception.
Gaussian noise and pixel ablation are sampled: each certificate fails with probability alpha at most, and few samples
cap the radius. `--write` puts the figures into the card.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime

from bounds import gaussian_radius, lower_bound
from card import write_card
from data import Pictures
from smoothing import ablate_columns, ablation_radius, affected_columns, budget, pair, random_pixels, split, splitting_table
from tasks import TASKS, load

BATCH = 128


class Classifier:
    def __init__(self, folder: Path) -> None:
        self.card = json.loads((folder / "model.json").read_text())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(folder / self.card["file"]), options, providers=["CPUExecutionProvider"])
        self.smoothing = self.card["output"]["smoothing"]
        self.classes = len(self.card["classes"])

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        return self.session.run(None, {self.card["input"]["name"]: batch})[0]


def band_scores(classifier: Classifier, pictures: np.ndarray) -> np.ndarray:
    """(n, width, classes) softmax values, one row a band position."""
    n, _, width, _ = pictures.shape
    scores = np.zeros((n, width, classifier.classes), np.float32)
    for q in range(width):
        for part in range(0, n, BATCH):
            x = pictures[part : part + BATCH].astype(np.float32) / 255.0
            logits = classifier(ablate_columns(x, np.full(len(x), q), classifier.smoothing["band"]))
            e = np.exp(logits - logits.max(1, keepdims=True))
            scores[part : part + BATCH, q] = e / e.sum(1, keepdims=True)
    return scores


def column_figures(scores: np.ndarray, labels: np.ndarray, theta: float, band: int, patches: list[int]) -> dict:
    winner, spare = budget((scores >= theta).sum(1))
    right = winner == labels
    certified = {f"{m}": share(right & (affected_columns(m, band, scores.shape[1]) <= spare)) for m in patches}
    return {"clean": share(right), "certifiedByPatchWidth": certified}


def share(flags: np.ndarray) -> float:
    return round(float(np.mean(flags)), 4)


def noisy_batches(classifier: Classifier, picture: np.ndarray, count: int, rng: np.random.Generator, start: int = 0) -> Iterator[np.ndarray]:
    """Perturbed copies of one picture (h, w, c), as the method of the card makes them."""
    smoothing, (h, w, c) = classifier.smoothing, picture.shape
    method = smoothing["method"]
    if method == "splitting-noise":
        table = splitting_table(smoothing["levels"])
        template = np.array(smoothing["template"]).reshape(c, h, w).transpose(1, 2, 0)
    for first in range(start, start + count, BATCH):
        n = min(BATCH, start + count - first)
        copies = np.broadcast_to(picture, (n, h, w, c))
        if method == "splitting-noise":
            yield np.ascontiguousarray(split(copies, np.arange(first, first + n), template, table).transpose(0, 3, 1, 2))
        elif method == "gaussian-smoothing":
            noise = rng.standard_normal((n, h, w, c)) * smoothing["sigma"]  # double precision, rounded after adding
            yield np.ascontiguousarray((copies / 255.0 + noise).astype(np.float32).transpose(0, 3, 1, 2))
        else:
            yield pair(copies / np.float32(255), random_pixels(rng, n, h * w, smoothing["retained"]).reshape(n, h, w))


def votes(classifier: Classifier, picture: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    found = np.zeros(classifier.classes, np.int64)
    for batch in noisy_batches(classifier, picture, count, rng):
        found += np.bincount(classifier(batch).argmax(1), minlength=classifier.classes)
    return found


def splitting_figures(classifier: Classifier, pictures: Pictures) -> dict:
    rng = np.random.default_rng(0)
    counts = np.stack([votes(classifier, x, classifier.smoothing["levels"], rng) for x in pictures.pixels])
    winner, spare = budget(counts)
    right = winner == pictures.labels
    radii = [0.25, 0.5, 0.75]
    return {"pictures": len(pictures), "clean": share(right), "certifiedByL1Radius": {f"{r}": share(right & (spare >= r * 255)) for r in radii},
            "guarantee": "deterministic"}


def sampled_figures(classifier: Classifier, pictures: Pictures, select: int, samples: int, alpha: float, seed: int) -> dict:
    """One part of the samples chooses the class, fresh ones bound its share."""
    smoothing, rng = classifier.smoothing, np.random.default_rng(seed)
    is_gaussian = smoothing["method"] == "gaussian-smoothing"
    right, radius = [], []
    for picture, label in zip(pictures.pixels, pictures.labels):
        chosen = int(votes(classifier, picture, select, rng).argmax())
        lower = lower_bound(int(votes(classifier, picture, samples, rng)[chosen]), samples, alpha)
        if is_gaussian:
            found = gaussian_radius(lower, smoothing["sigma"])
        else:
            found = ablation_radius(lower, picture.shape[0] * picture.shape[1], smoothing["retained"]) if lower > 0.5 else None
        right.append(chosen == label and found is not None)
        radius.append(-1.0 if found is None else found)
    right_, radius_ = np.array(right), np.array(radius)
    steps = [0.25, 0.5] if is_gaussian else [1, 4, 8]
    name = "certifiedByL2Radius" if is_gaussian else "certifiedByPixels"
    figures = {"pictures": len(pictures), "clean": share(right_), name: {f"{r}": share(right_ & (radius_ >= r)) for r in steps},
               "alpha": alpha, "samplesToChoose": select, "samples": samples, "seed": seed}
    if not is_gaussian:
        figures["medianPixels"] = float(np.median(np.where(right_, radius_, 0)))
    return figures


def spread(pictures: Pictures, count: int) -> tuple[Pictures, np.ndarray]:
    """`count` pictures evenly over the set, or all of it, and which they are."""
    chosen = np.linspace(0, len(pictures) - 1, min(count or len(pictures), len(pictures))).round().astype(int)
    return Pictures(pictures.pixels[chosen], pictures.labels[chosen]), chosen


def column_report(classifier: Classifier, task, split_, groups: dict, args) -> dict:
    smoothing, width = classifier.smoothing, classifier.card["input"]["width"]
    band = smoothing["band"]
    patches = [m for m in ([2, 5, 8] if width <= 32 else [4, 6, 8, 10])]
    target = 5 if width <= 32 else 8
    if args.choose_theta or "theta" not in smoothing:
        held = spread(split_.held, args.pictures)[0]
        scores = band_scores(classifier, held.pixels)
        grid = [round(0.1 + 0.02 * i, 2) for i in range(26)]
        tried = {t: column_figures(scores, held.labels, t, band, [target]) for t in grid}
        # The middle of the plateau of best certified accuracy, so that one lucky picture does not decide.
        value = {t: f["certifiedByPatchWidth"][f"{target}"] + 0.5 * f["clean"] for t, f in tried.items()}
        smooth = {t: np.mean([value[u] for u in grid if abs(u - t) < 0.03]) for t in grid}
        smoothing["theta"] = max(grid, key=lambda t: smooth[t])
        print(json.dumps({"heldOut": len(held), "theta": smoothing["theta"], **tried[smoothing["theta"]]}), flush=True)
    test, chosen = spread(split_.test, args.pictures)
    scores = band_scores(classifier, test.pixels)

    def figures(inside: np.ndarray) -> dict:
        found = column_figures(scores[inside], test.labels[inside], smoothing["theta"], band, patches)
        single = share(scores[inside].argmax(2) == test.labels[inside][:, None])
        return {"pictures": int(inside.sum()), **found, "singleBandAccuracy": single}

    everything = np.ones(len(test), bool)
    report = {"theta": smoothing["theta"], "guarantee": "deterministic"}
    if not groups:
        return {**report, **figures(everything)}
    where = groups["test"][chosen]
    background = test.labels == classifier.classes - 1
    for name, number in (("photographs", 0), ("drawnScenes", 1)):
        inside = where == number
        if inside.any():
            report[name] = {"objects": figures(inside & ~background), "background": figures(inside & background)}
    inside = (where == 0) & ~background
    counts = np.bincount(test.labels[inside], minlength=classifier.classes)
    report["photographsByClass"] = {
        classifier.card["classes"][c]: {**figures(inside & (test.labels == c))} for c in np.argsort(-counts)[:6] if counts[c]}
    return report


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", type=Path, required=True, help="folder with model.onnx and model.json")
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--work", type=Path, default=Path("runs"), help="folder with crops.npz, for the crop classifier")
    p.add_argument("--pictures", type=int, default=0, help="so many test pictures, evenly over the set (0: all)")
    p.add_argument("--choose-theta", action="store_true", help="choose the vote threshold on the held-out training pictures")
    p.add_argument("--select", type=int, default=100, help="sampled methods: samples that choose the class")
    p.add_argument("--samples", type=int, default=1000, help="sampled methods: fresh samples that bound its share")
    p.add_argument("--alpha", type=float, default=0.001)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--write", action="store_true", help="write the figures into the card")
    args = p.parse_args()
    classifier = Classifier(args.model)
    task = TASKS[classifier.card["id"]]
    split_, _, groups = load(task, args.data, args.work)
    if task.method == "derandomized-smoothing":
        figures = column_report(classifier, task, split_, groups, args)
    elif task.method == "splitting-noise":
        figures = splitting_figures(classifier, spread(split_.test, args.pictures)[0])
    else:
        figures = sampled_figures(classifier, spread(split_.test, args.pictures)[0], args.select, args.samples, args.alpha, args.seed)
    print(json.dumps(figures))
    if args.write:
        classifier.card["metrics"] = {"parameters": classifier.card["metrics"]["parameters"], "measured": figures}
        write_card(args.model / "model.json", classifier.card)


if __name__ == "__main__":
    main()
