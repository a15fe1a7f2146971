"""Charts: round scales, and a drawing for any numbers."""

import pytest

from innkeeper.interfaces.console.charts import Column, columns, scale


@pytest.mark.parametrize(
    ("highest", "expected"),
    [
        (0, (1, 1)),
        (1, (1, 1)),
        (4, (4, 1)),
        (7, (8, 2)),
        (42, (60, 20)),
        (90, (100, 50)),
        (1234, (1500, 500)),
    ],
)
def test_scale_is_round_and_high_enough(highest: int, expected: tuple[int, int]) -> None:
    assert expected == scale(highest)


def test_every_day_has_a_column_and_failures_stand_on_top() -> None:
    drawn = str(columns([Column("1 Mar", 3, 2), Column("2 Mar", 0)], "words"))

    assert drawn.count('class="good"') == 1
    assert drawn.count('class="fail"') == 1
    assert drawn.count('class="none"') == 1
    assert 'aria-labelledby="words"' in drawn


def test_label_is_escaped() -> None:
    assert "<script>" not in str(columns([Column("<script>", 1)], "words"))


def test_nothing_at_all_can_be_drawn() -> None:
    assert "<svg" in str(columns([], "words"))
