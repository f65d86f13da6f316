"""Test calls to our own number, counted: how many an agent took, how long it rang, how long they waited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from reports.formulas import Formula
from reports.levels import share

ANSWERED: Final = "answered"
INTERRUPTED: Final = "interrupted"

PROBE_FORMULAS: Final = (
    Formula(
        "calls",
        "拨测",
        "test calls",
        "时段内开始且已结束的拨测（不含本系统中断）",
        "begun in the period and ended, without those that our own stop cut",
        "count",
    ),
    Formula("answered", "接通", "answered", "其中由坐席接起", "of these taken by an agent", "count"),
    Formula("answer_rate", "拨测接通率", "answer rate", "接通 ÷ 拨测", "answered / test calls", "share"),
    Formula("ring_s", "平均振铃", "mean ring", "Σ 应答前振铃 ÷ 有应答的拨测", "Σ ring until greeted / greeted", "s"),
    Formula(
        "wait_s", "平均等待", "mean wait", "Σ 排队等待 ÷ 进入队列的拨测", "Σ wait / those that reached a queue", "s"
    ),
)


@dataclass(frozen=True, slots=True)
class ProbeCall:
    """One test call of ``probe``; ``result`` of ``campaigns.probe.ProbeResult``, "" while it is under way; seconds."""

    probe: str
    result: str
    ring_s: float | None
    wait_s: float | None


@dataclass(frozen=True, slots=True)
class ProbeLine:
    """The figures of ``PROBE_FORMULAS`` of one probe ("" for all); None where nothing was counted below the line."""

    probe: str
    calls: int
    answered: int
    answer_rate: float | None
    ring_s: float | None
    wait_s: float | None


def probe_lines(calls: Iterable[ProbeCall]) -> tuple[ProbeLine, ...]:
    """All probes together, then each by name; nothing where there was no test call."""
    counted = [call for call in calls if call.result not in ("", INTERRUPTED)]
    names = sorted({call.probe for call in counted})
    lines = [_line(name, [call for call in counted if call.probe == name]) for name in names]
    return (_line("", counted), *lines) if counted else ()


def _line(probe: str, calls: Sequence[ProbeCall]) -> ProbeLine:
    answered = sum(call.result == ANSWERED for call in calls)
    return ProbeLine(
        probe,
        len(calls),
        answered,
        share(answered, len(calls)),
        _mean([call.ring_s for call in calls if call.ring_s is not None]),
        _mean([call.wait_s for call in calls if call.wait_s is not None]),
    )


def _mean(seconds: Sequence[float]) -> float | None:
    return share(sum(seconds), len(seconds))
