"""What callers thought of their talks: response rate, mean, CSAT and NPS with 95 % intervals, by queue and by agent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from reports.formulas import Formula
from reports.grouped import by_queue_and_agent
from reports.intervals import net_share, wilson

TOP_BOXES: Final = 2
"""CSAT counts so many of the best scores."""

RATING_FORMULAS: Final = (
    Formula("asked", "邀评", "asked", "坐席挂机后被请求评价的通话", "calls in which the caller was asked", "count"),
    Formula("rated", "已评", "rated", "给出评分的通话", "of these, those in which he gave a score", "count"),
    Formula("response_rate", "参评率", "response rate", "已评 ÷ 邀评", "rated / asked", "share"),
    Formula("mean", "平均分", "mean score", "评分之和 ÷ 已评", "Σ score / rated", "score"),
    Formula("csat", "满意度", "CSAT", "最高两档 ÷ 已评", "two best scores / rated", "share"),
    Formula(
        "csat_low",
        "满意度下限",
        "CSAT from",
        "满意度的 95% Wilson 区间下限",
        "low end of its 95 % Wilson interval",
        "share",
    ),
    Formula(
        "csat_high",
        "满意度上限",
        "CSAT to",
        "满意度的 95% Wilson 区间上限",
        "high end of its 95 % Wilson interval",
        "share",
    ),
    Formula(
        "nps",
        "净推荐值",
        "NPS",
        "9–10 分的占比 − 0–6 分的占比（只计满分 10 分的评分）",
        "share of 9 and 10 − share of 0 to 6 (of scores out of 10)",
        "share",
    ),
    Formula(
        "nps_low",
        "净推荐值下限",
        "NPS from",
        "95% 区间下限，由两个占比的 Wilson 区间合成",
        "low end of its 95 % interval, from the Wilson intervals of the two shares",
        "share",
    ),
    Formula(
        "nps_high", "净推荐值上限", "NPS to", "95% 区间上限，同上", "high end of its 95 % interval, likewise", "share"
    ),
)
NPS_BEST: Final = 10
"""NPS is asked for by scores from 0 to 10."""
_PROMOTER: Final = 9
_DETRACTOR: Final = 6


@dataclass(frozen=True, slots=True)
class Rated:
    """So many callers of ``queue`` gave ``agent`` the same ``score`` out of ``best``; None: they gave none."""

    queue: str
    agent: str
    score: int | None
    best: int | None
    times: int


@dataclass(frozen=True, slots=True)
class Ratings:
    """The figures of one queue or agent (``name``; "" for all); None where nobody has given a score."""

    name: str
    asked: int
    rated: int
    response_rate: float | None
    mean: float | None
    csat: float | None
    csat_low: float | None
    csat_high: float | None
    nps: float | None = None
    nps_low: float | None = None
    nps_high: float | None = None


@dataclass(frozen=True, slots=True)
class RatingReport:
    """``total`` of the period, then the same by queue and by agent, by name."""

    since: float
    until: float
    total: Ratings
    queues: tuple[Ratings, ...]
    agents: tuple[Ratings, ...]


def rating_report(since: float, until: float, rated: Sequence[Rated]) -> RatingReport:
    """Count ``rated``, which were asked in [``since``, ``until``)."""
    counted = by_queue_and_agent(rated, _ratings)
    return RatingReport(since, until, counted.total, counted.queues, counted.agents)


def _ratings(name: str, items: Iterable[Rated]) -> Ratings:
    asked = rated = happy = points = out_of_ten = promoters = detractors = 0
    for item in items:
        asked += item.times
        if item.score is not None and item.best is not None:
            rated += item.times
            points += item.score * item.times
            happy += item.times if item.score > item.best - TOP_BOXES else 0
            if item.best == NPS_BEST:
                out_of_ten += item.times
                promoters += item.times if item.score >= _PROMOTER else 0
                detractors += item.times if item.score <= _DETRACTOR else 0
    if not rated:
        return Ratings(name, asked, 0, 0.0 if asked else None, None, None, None, None)
    low, high = wilson(happy, rated)
    told = Ratings(name, asked, rated, rated / asked, points / rated, happy / rated, low, high)
    if not out_of_ten:
        return told
    least, most = net_share(promoters, detractors, out_of_ten)
    return replace(told, nps=(promoters - detractors) / out_of_ten, nps_low=least, nps_high=most)
