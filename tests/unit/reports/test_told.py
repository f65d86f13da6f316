"""Told waits against what happened."""

import pytest

from reports.told import MISSES, TOLD_FORMULAS, ToldLine, ToldWait, told_lines


def wait(call: str, waited_s: float, *, answered: bool = True, queue: str = "sales") -> ToldWait:
    """Somebody who was told 60 s, 20 to 100 s with 90 % probability."""
    return ToldWait(call, queue, 60.0, 20.0, 100.0, waited_s, answered)


def test_share_and_errors() -> None:
    waits = [wait("in", 50.0), wait("edge", 100.0), wait("soon", 10.0), wait("late", 130.0)]
    total, sales = told_lines(waits)
    assert (total.queue, sales.queue) == ("", "sales")
    assert (sales.told, sales.answered, sales.inside_share, sales.sooner, sales.later) == (4, 4, 0.5, 1, 1)
    assert sales.error_s == pytest.approx((10 - 40 + 50 - 70) / 4)
    assert sales.absolute_error_s == pytest.approx((10 + 40 + 50 + 70) / 4)
    assert sales.misses == ("soon", "late")


def test_who_gave_up_counts_only_where_the_estimate_was_wrong_for_certain() -> None:
    waits = [wait("in", 50.0), wait("gave up early", 5.0, answered=False), wait("gave up", 90.0, answered=False)]
    (total, _) = told_lines(waits)
    assert (total.told, total.answered, total.inside_share, total.sooner, total.later) == (3, 1, 1.0, 0, 0)
    (total, _) = told_lines([*waits, wait("gave up late", 101.0, answered=False)])
    assert (total.inside_share, total.later, total.error_s, total.misses) == (0.5, 1, 10.0, ("gave up late",))


def test_who_left_before_it_could_be_known_is_told_beside_the_share() -> None:
    """Most had overflowed after 25 s, and the report said nothing of them."""
    overflowed = [wait(f"overflowed {number}", 25.0, answered=False) for number in range(9)]
    (total, _) = told_lines([wait("in", 50.0), wait("gave up late", 101.0, answered=False), *overflowed])
    assert (total.told, total.answered, total.later, total.unknown, total.inside_share) == (11, 1, 1, 9, 0.5)


def test_queues_apart_and_together_and_nothing_at_all() -> None:
    total, parts, sales = told_lines([wait("a", 50.0), wait("b", 5.0, queue="parts")])
    assert [(line.queue, line.told, line.inside_share) for line in (total, parts, sales)] == [
        ("", 2, 0.5), ("parts", 1, 0.0), ("sales", 1, 1.0),
    ]  # fmt: skip
    assert told_lines([]) == (ToldLine("", 0, 0, 0, None, 0, 0, None, None, ()),)
    assert len(told_lines([wait(f"c{number}", 5.0) for number in range(MISSES + 5)])[0].misses) == MISSES


def test_every_figure_has_its_formula() -> None:
    fields = {name for name in ToldLine.__dataclass_fields__ if name not in ("queue", "misses")}
    assert fields == {formula.key for formula in TOLD_FORMULAS}
