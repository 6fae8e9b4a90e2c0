"""Everything from photographs to patches in one command: `python recipe.py`; `--smoke` in under two minutes.

Each step can be run alone, as README.md shows. The smoke run proves that the chain holds together: its model is worthless.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

from drawn_scenes import draw_scenes

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]


def run(*command: object):
    words = [str(word) for word in command]
    print("$", " ".join(words), flush=True)
    start = time.monotonic()
    subprocess.run(words, check=True, cwd=ROOT)
    print(f"  {time.monotonic() - start:.0f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--work", type=Path, default=ROOT / "out/training/detector")
    parser.add_argument("--minutes", type=float, default=85)
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    args.data = args.data.resolve()
    args.work = args.work.resolve()
    smoke = args.smoke
    work = args.work / "smoke" if smoke else args.work
    model = work / "model"
    python = sys.executable
    training = draw_scenes(work / "scenes", 1001, 24 if smoke else 2400)
    held_out = draw_scenes(work / "held-out", 501, 6 if smoke else 100)
    demo = draw_scenes(work / "demo", 1, 3 if smoke else 24)
    few = ["--limit", 6] if smoke else []
    minutes = 0.4 if smoke else args.minutes
    batch = ["--batch", 8] if smoke else []
    learn = ["--data", args.data, "--work", work, "--scenes", training, "--minutes", minutes]
    run(python, HERE / "train.py", *learn, *few, *batch)
    run(python, HERE / "export.py", "--work", work, "--out", model)
    limit = ["--limit", 20] if smoke else []
    measured = [*limit, "--model", model / "model.onnx", "--scenes", held_out]
    run(python, HERE / "evaluate.py", "--data", args.data, "--work", work, *measured)
    run(python, HERE / "export.py", "--work", work, "--out", model)  # once more: the card now has the figures
    few = ["--limit", 3, "--steps", 10, "--tries", 10, "--smoke"] if smoke else []
    segmenter = ["--segmenter", args.data / "sac/lite-segmenter.onnx"]
    run(python, HERE / "make_patches.py", "--work", work, "--scenes", demo, "--out", work / "patches", *segmenter, *few)


if __name__ == "__main__":
    main()
