"""Student's t distribution: what intervals and p-values come from."""

import math

ITERATIONS_MAX = 500
TINY = 1e-300


def two_sided(t: float, df: float) -> float:
    """The probability of a t at least this far from 0."""
    if math.isinf(t):
        return 0.0
    return incomplete_beta(df / (df + t * t), df / 2, 0.5)


def quantile(confidence: float, df: float) -> float:
    """The t that is exceeded, on both sides together, with 1 - confidence."""
    tail = 1 - confidence
    low, high = 0.0, 1.0
    while two_sided(high, df) > tail:
        low, high = high, high * 2
    while high - low > 1e-13 * high:
        middle = (low + high) / 2
        if two_sided(middle, df) > tail:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularized incomplete beta function I_x(a, b)."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    log_front = (
        math.lgamma(a + b)
        - math.lgamma(a)
        - math.lgamma(b)
        + a * math.log(x)
        + b * math.log1p(-x)
    )
    front = math.exp(log_front)
    # The fraction converges quickly on one side; the other one is its mirror.
    if x < (a + 1) / (a + b + 2):
        return front * continued_fraction(x, a, b) / a
    return 1 - front * continued_fraction(1 - x, b, a) / b


def continued_fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of I_x(a, b), evaluated as Lentz does."""
    c, d = 1.0, 1 / nonzero(1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, ITERATIONS_MAX):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d = 1 / nonzero(1 + step * d)
            c = nonzero(1 + step / c)
            fraction *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return fraction


def nonzero(value: float) -> float:
    return value if abs(value) > TINY else TINY
