"""A queue report's shape: cells of (bucket × queue or line), each with counts, rates and waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

BIN_S: Final = 10.0
LAST_BIN: Final = 60
"""Histograms have steps of 10 s; the bin from 600 s on is open."""


class Bucket(StrEnum):
    """How a period is cut, by the local wall clock."""

    HALF_HOUR = "half_hour"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"  # from Monday
    MONTH = "month"
    WEEK_HOUR = "week_hour"  # all Mondays from 9 to 10 together, and so on
    TOTAL = "total"


class By(StrEnum):
    """What the lines of a report are."""

    QUEUE = "queue"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """What is asked: entries into queues in [``since``, ``until``) epoch seconds, cut by ``bucket`` in ``zone``
    (IANA name), with a row for each queue or for each line (the number that was dialled).

    ``queue`` "" means every queue, ``line`` "" every line; ``week_hour`` narrows to one hour of the week (0: Mondays
    from 0 to 1). ``thresholds`` are T of the service levels by queue, ``threshold_s`` that of any queue that they do
    not name; a figure over several queues counts each entry against its own queue's T. ``short_s`` is what a short
    abandon is below. ``fill`` adds cells for buckets in which nobody called. Without ``histograms`` only the total has
    one: they cost as much as all figures.
    """

    since: float
    until: float
    bucket: Bucket = Bucket.HALF_HOUR
    queue: str = ""
    zone: str = "Asia/Shanghai"
    threshold_s: float = 20.0
    short_s: float = 5.0
    fill: bool = False
    thresholds: tuple[tuple[str, float], ...] = ()
    line: str = ""
    by: By = By.QUEUE
    week_hour: int | None = None
    histograms: bool = True

    def threshold_of(self, queue: str) -> float:
        """T of ``queue``, seconds."""
        return dict(self.thresholds).get(queue, self.threshold_s)

    @property
    def with_lines(self) -> bool:
        """Whether it matters which number was dialled."""
        return self.by is By.LINE or bool(self.line)


@dataclass(frozen=True, slots=True)
class Counts:
    """How entries ended. offered = answered + abandoned + overflowed + called_back + left_by_key + waiting.

    ``short_abandons`` and ``interrupted`` are parts of ``abandoned``, not terms of their own.
    """

    offered: int
    answered: int
    abandoned: int
    overflowed: int
    called_back: int
    left_by_key: int
    waiting: int
    short_abandons: int
    interrupted: int


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares from 0 to 1; None where nothing was counted below the line. Formulas: ``reports.formulas``."""

    answer_rate: float | None
    answer_rate_without_short: float | None
    answer_rate_without_key: float | None
    abandon_rate: float | None
    abandon_rate_without_short: float | None
    service_level_a: float | None
    service_level_b: float | None
    service_level_c: float | None
    service_level_d: float | None


@dataclass(frozen=True, slots=True)
class Waits:
    """Distribution of ``count`` waits in seconds, by nearest rank; None where there was none."""

    count: int
    mean_s: float | None
    p50_s: float | None
    p80_s: float | None
    p90_s: float | None
    p95_s: float | None
    max_s: float | None


@dataclass(frozen=True, slots=True)
class HistogramBin:
    """Waits w with from_s ≤ w < to_s; ``to_s`` None in the last, open bin."""

    from_s: float
    to_s: float | None
    answered: int
    abandoned: int


@dataclass(frozen=True, slots=True)
class Cell:
    """The figures of one bucket and one queue (``queue``) or line (``line``), both "" for all together; the bucket is
    [``since``, ``until``).

    ``label`` is the bucket's local start (ISO 8601 with offset). ``threshold_s`` is T of its service levels, None where
    several queues with different T are together. ``histogram`` counts waits in steps of 10 s from 0 to the longest,
    without gaps; it is empty where nobody waited.
    """

    queue: str
    line: str
    since: float
    until: float
    label: str
    threshold_s: float | None
    counts: Counts
    rates: Rates
    asa_s: float | None
    answered_waits: Waits
    abandoned_waits: Waits
    histogram: tuple[HistogramBin, ...]


@dataclass(frozen=True, slots=True)
class QueueReport:
    """``cells`` by bucket then queue; ``buckets`` all queues together by bucket; ``queues`` the whole period by queue;
    ``total`` everything. With ``Bucket.TOTAL`` the first two repeat the last two. Asked by line, lines stand in the
    place of queues. The sequences make their cells when they are read: a year has ten thousands.
    """

    query: ReportQuery
    made_at: float
    cells: Sequence[Cell]
    buckets: Sequence[Cell]
    queues: Sequence[Cell]
    total: Cell


@dataclass(frozen=True, slots=True)
class AgentLine:
    """One agent's work in a period. Times in seconds; rates None where nothing was counted below the line.

    ``talking_s`` (hold included), ``wrap_up_s``, ``available_s`` and ``paused_s`` are times in these states inside
    the period; ``talk_s`` and ``hold_s`` belong to the ``calls`` that began in it. ``rung`` is without the offers that
    were ``withdrawn`` while the phone rang: nobody could take those.
    """

    agent: str
    calls: int
    talk_s: float
    hold_s: float
    wrap_up_s: float
    talking_s: float
    available_s: float
    paused_s: float
    rung: int
    answered: int
    withdrawn: int
    answer_rate: float | None
    aht_s: float | None
    occupancy: float | None


@dataclass(frozen=True, slots=True)
class AgentBucket:
    """Agents by id, in the bucket [``since``, ``until``); ``label`` is its local start (ISO 8601 with offset)."""

    since: float
    until: float
    label: str
    agents: tuple[AgentLine, ...]


@dataclass(frozen=True, slots=True)
class AgentReport:
    """Agents by id, of [``since``, ``until``) in all, and unless ``bucket`` is the total by bucket too (by time)."""

    since: float
    until: float
    zone: str
    made_at: float
    agents: tuple[AgentLine, ...]
    bucket: Bucket = Bucket.TOTAL
    buckets: tuple[AgentBucket, ...] = ()
