"""Do two lists of numbers come from one distribution? The rank test of Mann and Whitney, by hand."""

from collections.abc import Sequence
from itertools import groupby


def difference(first: Sequence[float], second: Sequence[float]) -> float:
    """How many standard deviations the ranks are apart: near 0 for one distribution, below if the first is.

    Chance alone gets beyond 4 once in fifteen thousand times.
    """
    ranks = _ranks([*first, *second])
    here, there = len(first), len(second)
    u = sum(ranks[:here]) - here * (here + 1) / 2
    mean, deviation = here * there / 2, (here * there * (here + there + 1) / 12) ** 0.5
    return float((u - mean) / deviation)


def _ranks(values: Sequence[float]) -> list[float]:
    """The place of each value in their order; equal ones share the middle of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    place = 1
    for _, group in groupby(order, key=values.__getitem__):
        same = list(group)
        for index in same:
            ranks[index] = place + (len(same) - 1) / 2
        place += len(same)
    return ranks
