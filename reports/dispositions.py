"""What came of calls: how often each code was given, by queue and by agent, and how often none was that should be."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from reports.formulas import Formula
from reports.grouped import by_queue_and_agent

DISPOSITION_FORMULAS: Final = (
    Formula(
        "times", "次数", "times", "时段内登记此处理结果的通话", "talks that were given the code in the period", "count"
    ),
    Formula("share", "占比", "share", "次数 ÷ 已登记的通话", "times / talks that were given any code", "share"),
    Formula(
        "missing",
        "漏填",
        "missing",
        "队列要求处理结果，但话后结束仍未登记",
        "the queue demands a code, and none was given until the end of the longest wrap-up",
        "count",
    ),
)


@dataclass(frozen=True, slots=True)
class Disposed:
    """So many talks of ``agent`` out of ``queue`` have ``code`` ("": none, though one was demanded)."""

    queue: str
    agent: str
    code: str
    times: int


@dataclass(frozen=True, slots=True)
class CodeCount:
    """A code with its count, and its share of all codes that were given."""

    code: str
    times: int
    share: float


@dataclass(frozen=True, slots=True)
class DispositionCounts:
    """Of one queue or agent (``name``; "" for all): what was given, most frequent first, and how much is missing."""

    name: str
    given: int
    missing: int
    codes: tuple[CodeCount, ...]


@dataclass(frozen=True, slots=True)
class DispositionReport:
    """``total`` of the period, then the same by queue and by agent, by name."""

    since: float
    until: float
    total: DispositionCounts
    queues: tuple[DispositionCounts, ...]
    agents: tuple[DispositionCounts, ...]


def disposition_report(since: float, until: float, found: Sequence[Disposed]) -> DispositionReport:
    """Count ``found``, which were said in [``since``, ``until``)."""
    counted = by_queue_and_agent(found, _counts)
    return DispositionReport(since, until, counted.total, counted.queues, counted.agents)


def _counts(name: str, items: Iterable[Disposed]) -> DispositionCounts:
    by_code: Counter[str] = Counter()
    for item in items:
        by_code[item.code] += item.times
    missing = by_code.pop("", 0)
    given = by_code.total()
    codes = sorted(by_code.items(), key=lambda item: (-item[1], item[0]))
    return DispositionCounts(
        name, given, missing, tuple(CodeCount(code, times, times / given) for code, times in codes)
    )
