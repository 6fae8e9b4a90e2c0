"""Checks the arithmetic of certify.py on the reference vectors: `python check_vectors.py --data DATA`."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np

from bounds import abstention_p_value, gaussian_radius, lower_bound
from smoothing import (ablate_columns, ablation_radius, affected_columns, budget, levels_of, pair, split, splitting_table)


def column_votes(given: dict, wanted: dict) -> bool:
    winner, spare = (int(v[0]) for v in budget(np.array([given["votes"]])))
    band, width = given["band_size"], given["width"]
    fits = {m: affected_columns(int(m), band, width) <= spare for m in wanted["certified_by_patch_size"]}
    return (winner, max(0, spare - band + 1), fits) == (
        wanted["predicted"], wanted["largest_certified_patch_size"], wanted["certified_by_patch_size"])


def affected_positions(given: dict, wanted: dict) -> bool:
    return affected_columns(given["patch_size"], given["band_size"], given["width"]) == wanted["affected"]


def column_pipeline(given: dict, wanted: dict) -> bool:
    picture = np.array(given["image_uint8"]).transpose(1, 2, 0)[None] / 255.0
    weights, bias = np.array(given["weights"]), np.array(given["bias"])
    votes = np.zeros((1, len(bias)), int)
    for q in range(given["width"]):
        logits = weights @ ablate_columns(picture, np.array([q]), given["size"]).ravel() + bias
        softmax = np.exp(logits - logits.max())
        votes[0] += softmax / softmax.sum() >= given["theta"]
    return int(budget(votes)[0][0]) == wanted["predicted"] and votes[0].tolist() == wanted["votes"]


def radius_from_lower_bound(given: dict, wanted: dict) -> bool:
    return ablation_radius(given["lower"], given["pixels"], given["retained"]) == wanted["radius"]


def certify_from_counts(given: dict, wanted: dict) -> bool:
    lower = lower_bound(given["top_count"], given["samples"], given["alpha_one_sided"])
    return close(lower, wanted["lower"]) and ablation_radius(lower, given["pixels"], given["retained"]) == wanted["radius"]


def ablated_encoding(given: dict, wanted: dict) -> bool:
    kept = np.zeros(given["height"] * given["width"], bool)
    kept[given["retained_pixels"]] = True
    picture = np.array(given["image_uint8"]).transpose(1, 2, 0)[None] / 255.0
    return np.allclose(pair(picture, kept.reshape(1, given["height"], given["width"]))[0], wanted["tensor"], atol=1e-6)


def predict_or_abstain(given: dict, wanted: dict) -> bool:
    first, second = sorted(given["counts"], reverse=True)[:2]
    value = abstention_p_value(first, second)
    predicted = given["counts"].index(first) if value <= given["alpha"] else None
    return close(value, wanted["p_value"]) and predicted == wanted["predicted"]


def certificate_from_counts(given: dict, wanted: dict) -> bool:
    if not isinstance(given["counts"], list):  # a sparse map, for many classes
        counts = np.zeros(given["num_classes"], int)
        counts[[int(c) for c in given["counts"]]] = list(given["counts"].values())
    else:
        counts = np.array(given["counts"])
    winner, spare = (int(v[0]) for v in budget(counts[None]))
    return (winner, spare) == (wanted["predicted"], wanted["radius_levels"]) and close(spare / 255, wanted["radius_l1"])


def levels_from_sigma(given: dict, wanted: dict) -> bool:
    return levels_of(given["sigma"]) == wanted["levels"]


def splitting_operator(given: dict, wanted: dict) -> bool:
    table, template = splitting_table(given["levels"]), np.array(given["template"])[None, None]
    picture = np.array(given["image_uint8"], np.uint8)[None, None, None]
    return all(np.allclose(split(picture, np.array([int(shift)]), template, table).ravel(), values, atol=1e-6)
               for shift, values in wanted["outputs"].items())


def splitting_pipeline(given: dict, wanted: dict) -> bool:
    table = splitting_table(given["levels"])
    picture = np.array(given["image_uint8"], np.uint8).transpose(1, 2, 0)[None]
    shape = picture.shape[3], *picture.shape[1:3]
    template = np.array(given["template"]).reshape(shape).transpose(1, 2, 0)
    counts = np.zeros((1, len(given["bias"])), int)
    for shift in range(given["levels"]):
        x = split(picture, np.array([shift]), template, table)[0].transpose(2, 0, 1).ravel()
        counts[0, int(np.argmax(np.array(given["weights"]) @ x + given["bias"]))] += 1
    winner, spare = budget(counts)
    return counts[0].tolist() == wanted["counts"] and (winner[0], spare[0]) == (wanted["predicted"], wanted["radius_levels"])


def first_order_certificate(given: dict, wanted: dict) -> bool:
    lower = lower_bound(given["top_count"], given["samples"], given["alpha_one_sided"])
    radius = gaussian_radius(lower, given["sigma"])
    agrees = wanted["radius_l2"] in (None, 0, 0.0) if radius is None else close(radius, wanted["radius_l2"], 1e-8)
    return close(lower, wanted["lower"]) and agrees and (radius is None) == wanted["abstain"]


def close(got: float, wanted: float, tolerance: float = 1e-9) -> bool:
    return abs(got - wanted) <= tolerance


CHECKS = {
    "derandomized-smoothing": {"column_votes": column_votes, "affected_positions": affected_positions, "pipeline": column_pipeline},
    "randomized-ablation": {"radius_from_lower_bound": radius_from_lower_bound, "certify_from_counts": certify_from_counts,
                            "ablated_encoding": ablated_encoding, "predict_or_abstain": predict_or_abstain},
    "dssn": {"certificate_from_counts": certificate_from_counts, "levels_from_sigma": levels_from_sigma,
             "splitting_operator": splitting_operator, "pipeline": splitting_pipeline},
    "second-order-smoothing": {"first_order_certificate": first_order_certificate},
}


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--data", type=Path, required=True, help="folder with certificates/")
    args = p.parse_args()
    right: Counter[str] = Counter()
    wrong = []
    for method, kinds in CHECKS.items():
        for case in json.loads((args.data / "certificates" / f"{method}.json").read_text())["cases"]:
            check, given = kinds.get(case["kind"]), case["input"]
            if check is None or given.get("ablation", "column") != "column":
                continue
            if check(given, case["expected"]):
                right[f"{method}/{case['kind']}"] += 1
            else:
                wrong.append(case["id"])
    for kind, count in right.items():
        print(f"{kind}: {count} agree")
    if wrong:
        raise SystemExit(f"{len(wrong)} differ: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
