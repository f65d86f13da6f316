"""What callers were told of their wait, against what then happened: whether the estimate is honest.

The real wait runs from the telling to the answer. Of who gave up or left otherwise it is not known, but where he had
waited longer than the whole interval by then, the estimate was wrong for certain: that counts as a miss, so the share
is not made better by callers who could not stand it. All others who were not answered are counted as ``unknown``: where
they are many, the share speaks of few.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from reports.formulas import Formula
from reports.grouped import groups

MISSES: Final = 100
"""So many calls with a wait outside of the interval are named for each queue."""

TOLD_FORMULAS: Final = (
    Formula(
        "told", "告知等待", "told a wait", "时段内进线且听到预计等待的人次", "entries that were told a wait", "count"
    ),
    Formula("answered", "其中接通", "of which answered", "其中由坐席接起", "of these taken by an agent", "count"),
    Formula(
        "unknown",
        "无从判断",
        "cannot be known",
        "未接通（挂机、溢出、改回电、按键离开）或仍在等待，且尚未等过区间上限；不计入区间内占比",
        "not answered (gave up, overflowed, called back, left by key) or still waiting, and not beyond the "
        "interval's end; in no share",
        "count",
    ),
    Formula(
        "inside_share",
        "落在 90% 区间内",
        "inside the 90 % interval",
        "实际等待落在告知的 90% 区间内 ÷（接通 + 未接通但已等过区间上限）",
        "real wait inside the told 90 % interval / (answered + not answered, but beyond its end)",
        "share",
    ),
    Formula("sooner", "早于区间", "sooner", "接通早于区间下限", "answered before the interval began", "count"),
    Formula(
        "later", "晚于区间", "later", "等待超过区间上限（含未接通）", "waited beyond its end, answered or not", "count"
    ),
    Formula(
        "error_s",
        "平均误差",
        "mean error",
        "Σ（告知 − 实际）÷ 接通；正数为说长了",
        "Σ (told − real wait) / answered; above 0: told too long",
        "s",
    ),
    Formula(
        "absolute_error_s",
        "平均绝对误差",
        "mean absolute error",
        "Σ |告知 − 实际| ÷ 接通",
        "Σ |told − real| / answered",
        "s",
    ),
)


@dataclass(frozen=True, slots=True)
class ToldWait:
    """In ``queue`` the caller was told that he would wait ``wait_s``, with 90 % probability from ``low_s`` to
    ``high_s``; from then on he waited ``waited_s`` until he was ``answered``, or went otherwise, or now; seconds.
    """

    call_id: str
    queue: str
    wait_s: float
    low_s: float
    high_s: float
    waited_s: float
    answered: bool


@dataclass(frozen=True, slots=True)
class ToldLine:
    """The figures of one queue ("" for all) by ``TOLD_FORMULAS``; ``misses`` are the first calls whose wait was outside
    of its interval.
    """

    queue: str
    told: int
    answered: int
    unknown: int
    inside_share: float | None
    sooner: int
    later: int
    error_s: float | None
    absolute_error_s: float | None
    misses: tuple[str, ...]


def told_lines(waits: Iterable[ToldWait]) -> tuple[ToldLine, ...]:
    """All queues together, then each that told a wait."""
    everything = tuple(waits)
    by_queue = groups(everything, lambda wait: wait.queue)
    return (_line("", everything), *(_line(name, waits) for name, waits in by_queue))


def _line(queue: str, waits: Sequence[ToldWait]) -> ToldLine:
    answered = [wait for wait in waits if wait.answered]
    later = [wait for wait in waits if wait.waited_s > wait.high_s]
    sooner = [wait for wait in answered if wait.waited_s < wait.low_s]
    judged = len(answered) + sum(not wait.answered for wait in later)
    missed = {id(wait) for wait in (*later, *sooner)}
    errors = [wait.wait_s - wait.waited_s for wait in answered]
    return ToldLine(
        queue=queue,
        told=len(waits),
        answered=len(answered),
        unknown=len(waits) - judged,
        inside_share=(judged - len(later) - len(sooner)) / judged if judged else None,
        sooner=len(sooner),
        later=len(later),
        error_s=sum(errors) / len(errors) if errors else None,
        absolute_error_s=sum(map(abs, errors)) / len(errors) if errors else None,
        misses=tuple(wait.call_id for wait in waits if id(wait) in missed)[:MISSES],
    )
