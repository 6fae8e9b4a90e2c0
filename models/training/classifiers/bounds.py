"""Binomial confidence bounds, with the standard library alone."""

from __future__ import annotations

from math import exp, lgamma, log, log1p
from statistics import NormalDist

NORMAL = NormalDist()


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Regularised incomplete beta function, by its continued fraction (Lentz)."""
    if x <= 0.0 or x >= 1.0:
        return float(x >= 1.0)
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - incomplete_beta(b, a, 1.0 - x)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    tiny = 1e-300
    c, d = 1.0, 1.0 / max(1.0 - (a + b) * x / (a + 1.0), tiny)
    value = d
    for m in range(1, 10000):
        for term in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                     -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):
            d = 1.0 / (1.0 + term * d or tiny)
            c = 1.0 + term / c or tiny
            value *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return front * value / a


def lower_bound(successes: int, trials: int, alpha: float) -> float:
    """One-sided Clopper-Pearson bound: the alpha-quantile of Beta(x, n - x + 1)."""
    if successes == 0:
        return 0.0
    if successes == trials:
        return alpha ** (1.0 / trials)
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2.0
        if incomplete_beta(successes, trials - successes + 1, middle) < alpha:
            low = middle
        else:
            high = middle
    return low


def abstention_p_value(first: int, second: int) -> float:
    """Two-sided exact binomial test of `first` against `second` with p = 1/2."""
    n, less = first + second, min(first, second)
    if first == second:
        return 1.0
    # P(X <= less) for X ~ Binomial(n, 1/2), as a value of the beta distribution.
    return min(1.0, 2.0 * incomplete_beta(n - less, less + 1, 0.5))


def gaussian_radius(lower: float, sigma: float) -> float | None:
    """First-order L2 radius, or None to abstain."""
    return None if lower < 0.5 else sigma * NORMAL.inv_cdf(lower)
