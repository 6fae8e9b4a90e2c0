"""The whole recipe in one command: patch bank, drawn scenes, training, export, figures.

    python recipe.py --data DATA              # about 90 minutes on two cores
    python recipe.py --data DATA --smoke      # the same chain with tiny budgets, under two minutes
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

from drawn_scenes import draw_scenes

HERE = Path(__file__).parent


def run(script: str, *options: object) -> None:
    command = [sys.executable, str(HERE / script), *map(str, options)]
    print("$", " ".join(command[1:]), flush=True)
    subprocess.run(command, check=True)


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", type=Path, required=True, help="folder with images/, patches/ and models/")
    p.add_argument("--out", type=Path, help="folder for bank, checkpoints and model (default: runs, or a temporary one)")
    p.add_argument("--arch", choices=["lite", "unet16"], default="lite")
    p.add_argument("--minutes", type=float, default=75, help="training time")
    p.add_argument("--smoke", action="store_true", help="prove that the chain runs, learn nothing")
    args = p.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        out = args.out or Path(temporary if args.smoke else "runs")
        bank, checkpoints, model = out / "bank", out / args.arch, out / f"sac-{args.arch}.onnx"
        small = args.smoke
        run("make_bank.py", "--data", args.data, "--out", bank, "--count", 2 if small else 600)
        run("published_recipes.py", "--data", args.data, "--out", bank, "--count", 300, *(["--smoke"] if small else []))
        scenes = draw_scenes(out / "scenes", 1001, 4 if small else 160)
        run("train.py", "--data", args.data, "--bank", bank, "--scenes", scenes, "--out", checkpoints, "--arch", args.arch,
            "--minutes", 0.3 if small else args.minutes, *(["--smoke"] if small else []))
        run("calibrate.py", "--checkpoint", checkpoints / "last.pt", "--raise", 0.4, "--out", checkpoints / "calibrated.pt")
        run("export.py", "--checkpoint", checkpoints / "calibrated.pt", "--out", model, "--half")
        run("evaluate.py", "--model", model, "--data", args.data, "--bank", bank,
            *(["--pictures", 4, "--photographs", 8, "--size", 192] if small else []))


if __name__ == "__main__":
    main()
