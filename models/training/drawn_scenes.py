"""Drawn scenes of the project, as training pictures: shared by the recipes."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def draw_scenes(out: Path, seed: int, count: int) -> Path:
    """`count` scenes with COCO annotations below `out`, from `seed` on, unless they are there; returns `out`."""
    out = out.resolve()
    if not (out / "annotations.json").exists():
        # Through npm, which brings its own Node: the system's may be too old.
        command = ["npm", "run", "-s", "patchwarden", "--", "scenes", "--seed", str(seed), "--count", str(count), "--out", str(out)]
        print("$", *command, flush=True)
        subprocess.run(command, check=True, cwd=ROOT)
    return out
