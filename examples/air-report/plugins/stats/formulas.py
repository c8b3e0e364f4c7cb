"""The statistics. Plain Python over lists of numbers; README.md has the formulas.

Sums are exact (`math.fsum`), and squares are summed around the mean.
"""

import math
import random
from itertools import combinations
from statistics import NormalDist, median, quantiles

import student

CONFIDENCE = 0.95
EXACT_MAX = 20_000
DRAWN_MAX = 5_000_000


class Unsuitable(Exception):
    """Says why numbers have no such statistic."""


def mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def squares(values: list[float]) -> float:
    """The sum of the squared distances from the mean."""
    center = mean(values)
    return math.fsum((value - center) * (value - center) for value in values)


def need(values: list[float], count: int, what: str) -> None:
    if len(values) < count:
        raise Unsuitable(
            f"{what} needs at least {count} numbers, and there are {len(values)}"
        )


def summary(values: list[float], missing: int = 0) -> dict:
    """Size, place and spread, with an interval for the mean."""
    need(values, 1, "a summary")
    n, center = len(values), mean(values)
    result = {"n": n, "missing": missing, "mean": center}
    result |= {"sd": None, "mean_low": None, "mean_high": None}
    if n > 1:
        sd = math.sqrt(squares(values) / (n - 1))
        half = student.quantile(CONFIDENCE, n - 1) * sd / math.sqrt(n)
        result |= {"sd": sd, "mean_low": center - half, "mean_high": center + half}
    q1, q2, q3 = quantiles(values, n=4, method="inclusive") if n > 1 else values * 3
    spread = {"min": min(values), "q1": q1, "median": q2, "q3": q3, "max": max(values)}
    return result | spread


def trend(x: list[float], y: list[float]) -> dict:
    """The straight line with the least squares, and how sure its slope is."""
    need(y, 3, "a trend")
    n, sxx, syy = len(x), squares(x), squares(y)
    if sxx == 0:
        raise Unsuitable("x is the same everywhere, so there is no trend over it")
    sxy = products(x, y)
    slope = sxy / sxx
    intercept = mean(y) - slope * mean(x)
    residuals = [b - intercept - slope * a for a, b in zip(x, y)]
    sd = math.sqrt(math.fsum(r * r for r in residuals) / (n - 2))
    error = sd / math.sqrt(sxx)
    half = student.quantile(CONFIDENCE, n - 2) * error
    t = slope / error if error > 0 else math.inf * slope if slope else 0.0
    return {
        "n": n,
        "slope": slope,
        "slope_low": slope - half,
        "slope_high": slope + half,
        "p_value": student.two_sided(t, n - 2),
        "intercept": intercept,
        "residual_sd": sd,
        "r_squared": min(sxy * sxy / (sxx * syy), 1.0) if syy > 0 else None,
    }


def products(x: list[float], y: list[float]) -> float:
    """The sum of the products of the distances from both means."""
    x_mean, y_mean = mean(x), mean(y)
    return math.fsum((a - x_mean) * (b - y_mean) for a, b in zip(x, y))


def outliers(values: list[float | None], threshold: float) -> dict:
    """What is far from the median, measured by the median distance from it."""
    present = [value for value in values if value is not None]
    need(present, 3, "a search for outliers")
    center = median(present)
    distances = [abs(value - center) for value in present]
    scale, method = 1.4826 * median(distances), "median-distance"
    if scale == 0:  # More than half of them are the same.
        scale, method = 1.2533 * mean(distances), "mean-distance"
    found = []
    for index, value in enumerate(values):
        score = (value - center) / scale if value is not None and scale > 0 else 0.0
        if abs(score) > threshold:
            found.append({"index": index, "value": value, "score": score})
    return {
        "n": len(present),
        "median": center,
        "scale": scale,
        "method": method,
        "low": center - threshold * scale,
        "high": center + threshold * scale,
        "outliers": found,
        "runs": runs([one["index"] for one in found], values),
    }


def runs(indices: list[int], values: list[float | None]) -> list[dict]:
    """Outliers that follow each other; a missing value between them is no end."""
    found: list[dict] = []
    for index in indices:
        last = found[-1] if found else None
        if last and all(value is None for value in values[last["to"] + 1 : index]):
            last["to"] = index
            last["count"] += 1
        else:
            found.append({"from": index, "to": index, "count": 1})
    return found


def correlation(x: list[float], y: list[float]) -> dict:
    """How much x and y go together: as a line (Pearson), and in order (Spearman)."""
    need(x, 4, "a correlation")
    n, r = len(x), pearson(x, y)
    t = r * math.sqrt((n - 2) / (1 - r * r)) if abs(r) < 1 else math.inf
    low = high = r
    if abs(r) < 1:
        half = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) / math.sqrt(n - 3)
        low, high = math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)
    return {
        "n": n,
        "pearson": r,
        "pearson_low": low,
        "pearson_high": high,
        "p_value": student.two_sided(t, n - 2),
        "spearman": pearson(ranks(x), ranks(y)),
    }


def pearson(x: list[float], y: list[float]) -> float:
    root = math.sqrt(squares(x) * squares(y))
    if root == 0:
        raise Unsuitable("x or y is the same everywhere, so nothing goes with it")
    return max(-1.0, min(1.0, products(x, y) / root))


def ranks(values: list[float]) -> list[float]:
    """The place of each value in order; equal ones share the mean of their places."""
    order = sorted(range(len(values)), key=values.__getitem__)
    result = [0.0] * len(values)
    start = 0
    for end in range(1, len(order) + 1):
        if end == len(order) or values[order[end]] != values[order[start]]:
            for index in order[start:end]:
                result[index] = (start + end + 1) / 2
            start = end
    return result


def compare(a: list[float], b: list[float], permutations: int, seed: int) -> dict:
    """Whether two groups differ in their means: Welch's t test, and a permutation test."""
    need(a, 2, "group a")
    need(b, 2, "group b")
    difference = mean(b) - mean(a)
    a_part, b_part = (
        squares(group) / (len(group) - 1) / len(group) for group in (a, b)
    )
    result = {
        "n_a": len(a),
        "n_b": len(b),
        "mean_a": mean(a),
        "mean_b": mean(b),
        "difference": difference,
    }
    if a_part + b_part == 0:
        raise Unsuitable("the numbers of each group are all the same: nothing to test")
    df = (a_part + b_part) ** 2 / (a_part**2 / (len(a) - 1) + b_part**2 / (len(b) - 1))
    error = math.sqrt(a_part + b_part)
    half = student.quantile(CONFIDENCE, df) * error
    t = difference / error
    result |= {
        "difference_low": difference - half,
        "difference_high": difference + half,
    }
    result |= {"t": t, "df": df, "p_value": student.two_sided(t, df)}
    return result | {"permutation": permutation(a, b, permutations, seed)}


def permutation(a: list[float], b: list[float], times: int, seed: int) -> dict | None:
    """How often groups drawn at random differ as much: all of them where they are few."""
    if times == 0:
        return None
    pooled, size = a + b, min(len(a), len(b))
    center = mean(pooled) * size
    # A little less, so that rounding does not make equal ones differ.
    seen = abs(math.fsum(min(a, b, key=len)) - center) * (1 - 1e-12)
    if (ways := few_ways(len(pooled), size)) is not None:
        drawn = combinations(pooled, size)
        hits = sum(abs(math.fsum(group) - center) >= seen for group in drawn)
        return {"p_value": hits / ways, "permutations": ways, "exact": True}
    if times * size > DRAWN_MAX:
        most = DRAWN_MAX // size
        raise Unsuitable(f"`permutations` is at most {most} for groups of this size")
    draw = random.Random(seed).sample
    drawn = (draw(pooled, size) for _ in range(times))
    hits = sum(abs(math.fsum(group) - center) >= seen for group in drawn)
    p_value = (hits + 1) / (times + 1)
    return {"p_value": p_value, "permutations": times, "exact": False}


def few_ways(of: int, size: int) -> int | None:
    """In how many ways a group can be drawn, or None where there are many."""
    ways = 1
    for at in range(size):
        ways = ways * (of - at) // (at + 1)
        if ways > EXACT_MAX:
            return None
    return ways
