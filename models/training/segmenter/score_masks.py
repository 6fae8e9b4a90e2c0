"""Compares masks the program wrote with the truths of test_set.py: `python score_masks.py --truth DIR --masks DIR`.

One JSON line for each kind of picture: mean IoU, shares of the patches at least 90 % and at least half covered; for
clean photographs the share that lose more than 0.05 % of the frame, and the mean share lost. `--by-patch` adds a line
for each patch, `--out` writes all lines to a file for card.py. Patches whose family joins the training at its end are
scored apart from those that were never trained on.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from data import is_taught


def read(path: Path) -> np.ndarray:
    mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if mask is None:
        raise SystemExit(f"{path}: no mask; run `patchwarden segment` on the pictures first")
    return mask > 127


def figures(rows: list[tuple[float, float]]) -> dict[str, float]:
    iou, cover = np.array(rows).T
    return {"pictures": len(rows), "iou": round(float(iou.mean()), 3), "covered90": round(float((cover >= 0.9).mean()), 3),
            "covered50": round(float((cover >= 0.5).mean()), 3)}


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--truth", type=Path, required=True)
    p.add_argument("--masks", type=Path, required=True)
    p.add_argument("--by-patch", action="store_true")
    p.add_argument("--out", type=Path, help="file for the lines")
    args = p.parse_args()
    lines: list[str] = []

    def tell(line: dict) -> None:
        lines.append(json.dumps(line))
        print(lines[-1], flush=True)

    for kind in sorted(q.name for q in args.masks.iterdir() if q.is_dir()):
        if kind == "clean":
            shares = np.array([read(q).mean() for q in sorted((args.masks / kind).glob("*.png"))])
            tell({"kind": kind, "pictures": len(shares), "marked": round(float((shares > 0.0005).mean()), 4),
                  "removed": round(float(shares.mean()), 6)})
            continue
        rows: dict[str, list[tuple[float, float]]] = {}
        for path in sorted((args.truth / "truth" / kind).glob("*.png")):
            truth, found = read(path), read(args.masks / kind / path.name)
            both = float((truth & found).sum())
            rows.setdefault(path.stem.rsplit("-", 1)[0], []).append((both / (truth | found).sum(), both / truth.sum()))
        tell({"kind": kind, "patches": "all", **figures([r for some in rows.values() for r in some])})
        for group, taught in (("taught", True), ("unseen", False)):
            some = [r for name, part in rows.items() if is_taught(name) == taught for r in part]
            if some:
                tell({"kind": kind, "patches": group, **figures(some)})
        if args.by_patch:
            for name, some in rows.items():
                tell({"kind": kind, "patch": name, **figures(some)})
    if args.out:
        args.out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
