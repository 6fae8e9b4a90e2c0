"""From pictures to shipped classifiers in one command.

    python recipe.py --data DATA                          # all, about 90 minutes on one core
    python recipe.py --data DATA --only cifar10-columns   # one of them
    python recipe.py --data DATA --smoke                  # the same chain with tiny budgets, under two minutes

Each step can be run alone, as README.md shows. The smoke run proves that the chain holds together.
"""

from __future__ import annotations

import argparse
import runpy
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

from drawn_scenes import draw_scenes
from tasks import TASKS

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]


def run(*command: object) -> None:
    words = [str(word) for word in command]
    print("$", " ".join(words), flush=True)
    start = time.monotonic()
    subprocess.run(words, check=True, cwd=ROOT)
    print(f"  {time.monotonic() - start:.0f} s", flush=True)


def run_here(script: str, *words: object) -> None:
    """A script of this folder in this process: for smoke runs, which would spend most of their time on importing PyTorch."""
    print("$", script, *words, flush=True)
    start, argv = time.monotonic(), sys.argv
    sys.argv = [script, *(str(word) for word in words)]
    try:
        runpy.run_path(str(HERE / script), run_name="__main__")
    finally:
        sys.argv = argv
    print(f"  {time.monotonic() - start:.0f} s", flush=True)


def run_apart(script: str, *words: object) -> None:
    run(sys.executable, HERE / script, *words)


def make_crops(args: argparse.Namespace, work: Path) -> None:
    python = run_here if args.smoke else run_apart
    photos, limit = args.photos, ["--limit", 24] if args.smoke else []
    if photos is None:
        photos = work / "photos.json"
        if not photos.exists():
            python("distill.py", "--data", args.data, "--work", work, *limit)
    drawn = draw_scenes(work / "scenes", 1001, 6 if args.smoke else 700)
    held_out = draw_scenes(work / "held-out", 501, 3 if args.smoke else 100)
    python("crops.py", "--data", args.data, "--photos", photos, "--scenes", drawn,
        "--held-out-scenes", held_out, "--out", work / "crops.npz", *limit)


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", type=Path, default=ROOT.parent / "shared/data", help="folder with cifar10/, mnist/, images/, models/")
    p.add_argument("--only", choices=TASKS, action="append", help="may be given several times; default: all")
    p.add_argument("--work", type=Path, help="folder for checkpoints (default: out/training/classifiers, or a temporary one)")
    p.add_argument("--out", type=Path, help="folder for the models (default: WORK/models)")
    p.add_argument("--photos", type=Path, help="photos.json of an earlier distill.py")
    p.add_argument("--smoke", action="store_true", help="prove that the chain runs, learn nothing")
    args = p.parse_args()
    args.data = args.data.resolve()
    with tempfile.TemporaryDirectory() as temporary:
        work = (args.work or (Path(temporary) if args.smoke else ROOT / "out/training/classifiers")).resolve()
        models = (args.out or work / "models").resolve()
        work.mkdir(parents=True, exist_ok=True)
        python = run_here if args.smoke else run_apart
        python("check_vectors.py", "--data", args.data)
        names = args.only or list(TASKS)
        if "crops-columns" in names and not (work / "crops.npz").exists():
            make_crops(args, work)
        few = ["--limit", 1000] if args.smoke else []
        for name in names:
            python("train.py", "--name", name, "--data", args.data, "--work", work, "--resume",
                   *(["--minutes", 0.02, *few] if args.smoke else []))
            python("export.py", "--checkpoint", work / name / "last.pt", "--out", models / name)
            python("certify.py", "--model", models / name, "--data", args.data, "--work", work, "--write",
                   *measured(name, args.smoke))


def measured(name: str, smoke: bool) -> list[object]:
    """How much is measured. Sampled methods cost their samples times the pictures: few, so that it ends in minutes."""
    method = TASKS[name].method
    if smoke:
        return ["--pictures", 4, "--select", 10, "--samples", 20]
    if method == "derandomized-smoothing":
        return ["--choose-theta", "--pictures", 1000] if TASKS[name].source != "crops" else ["--choose-theta"]
    if method == "splitting-noise":
        return ["--pictures", 1000]
    if method == "gaussian-smoothing":
        return ["--pictures", 300, "--samples", 1000]
    return ["--pictures", 500, "--select", 100, "--samples", 2000, "--alpha", 0.05]


if __name__ == "__main__":
    main()
