"""Charts drawn on the server: SVG with presentation attributes, so a strict style policy holds.

The drawing stretches to the place it gets; words stand beside it as text, so that they keep their size.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT = 900, 150
GAP = 0.16
LABELS = 5
SVG = Markup(
    '<svg class="chart" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" '
    'aria-labelledby="{}">{}</svg>'
)
LINE = Markup('<line class="grid" x1="0" x2="{}" y1="{:.1f}" y2="{:.1f}"/>')
BAR = Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>')
PLOT = Markup(
    '<div class="plot"><div class="y" aria-hidden="true">{}</div>{}'
    '<div class="x" aria-hidden="true">{}</div></div>'
)
WORD = Markup("<span>{}</span>")


@dataclass(frozen=True, slots=True)
class Column:
    """One day: its label, and how many went well and how many failed."""

    label: str
    good: int
    failed: int = 0

    @property
    def total(self) -> int:
        return self.good + self.failed


def columns(series: Sequence[Column], described_by: str) -> Markup:
    """Stacked columns with a grid; `described_by` is the id of the sentence that says the same."""
    top, step = scale(max((column.total for column in series), default=0))
    marks = range(0, top + 1, step)
    drawn = [LINE.format(WIDTH, _height(top - mark, top), _height(top - mark, top)) for mark in marks]
    drawn += [_column(column, index, WIDTH / len(series), top) for index, column in enumerate(series)]
    picture = SVG.format(WIDTH, HEIGHT, described_by, _joined(drawn))
    return PLOT.format(_words(reversed(marks)), picture, _words(_spread([column.label for column in series])))


def scale(highest: int) -> tuple[int, int]:
    """A round number at or above the highest value, and the distance between lines."""
    rough = max(highest, 4) / 4
    power = 10 ** math.floor(math.log10(rough))
    step = max(1, next(int(nice * power) for nice in (1, 2, 5, 10) if nice * power >= rough))
    return math.ceil(max(highest, 1) / step) * step, step


def _column(column: Column, index: int, width: float, top: int) -> Markup:
    x, bar = (index + GAP / 2) * width, width * (1 - GAP)
    good, failed = max(_height(column.good, top), 1.5), _height(column.failed, top)
    drawn = BAR.format("good" if column.good else "none", x, HEIGHT - good, bar, good)
    if column.failed:
        drawn += BAR.format("fail", x, HEIGHT - good - failed, bar, failed)
    return drawn


def _spread(labels: Sequence[str]) -> list[str]:
    """A few labels at even distances, the first and the last among them."""
    if len(labels) <= LABELS:
        return list(labels)
    return [labels[round(place * (len(labels) - 1) / (LABELS - 1))] for place in range(LABELS)]


def _words(values: Iterable[object]) -> Markup:
    return _joined([WORD.format(value) for value in values])


def _joined(parts: Sequence[Markup]) -> Markup:
    return Markup("").join(parts)


def _height(value: int, top: int) -> float:
    return value / top * HEIGHT
