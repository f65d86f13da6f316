"""A past day of the log for the simulator: when callers came, and what their patience and the talks were like."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

from acd.laws import LONGEST_S, Law, Shape
from core.errors import ParseError
from reports.columns import Entries
from reports.patience import mean_patience_s
from store.store import Store

FEWEST_TALKS: Final = 20
"""With fewer of them a law of talks is not estimated."""


@dataclass(frozen=True, slots=True)
class PastDay:
    """``moments`` of the first coming of each call, by queue; laws that fit the day, None where too little happened."""

    moments: dict[str, list[float]]
    talk: Law | None
    patience: Law | None


async def past_day(store: Store, since: float, until: float, queues: Sequence[str]) -> PastDay:
    """The day [``since``, ``until``); only what came to ``queues``. ``ParseError`` where nobody did."""
    moments: dict[str, list[float]] = {}
    seen: set[str] = set()
    for call_id, queue, entered_at in await store.reports.comings(since, until):
        if call_id not in seen and queue in queues:
            moments.setdefault(queue, []).append(entered_at)
        seen.add(call_id)
    if not moments:
        raise ParseError("nobody came to the configured queues on that day", where="--day")
    entries = await store.reports.entries(since, until)
    return PastDay(moments, talk_law(await store.staffing.talk_times(since, until)), patience_law(entries))


def talk_law(talks: Sequence[float]) -> Law | None:
    """Log-normal with mean and deviation of ``talks`` (seconds)."""
    if len(talks) < FEWEST_TALKS:
        return None
    mean_s = sum(talks) / len(talks)
    spread_s = sqrt(sum((talk - mean_s) ** 2 for talk in talks) / (len(talks) - 1))
    if mean_s <= 0:
        return None
    return Law(Shape.LOG_NORMAL, mean_s, spread_s) if spread_s > 0 else Law(Shape.CONSTANT, mean_s)


def patience_law(entries: Entries) -> Law | None:
    """Exponential, as long on average as the day's callers were patient."""
    mean_s = mean_patience_s(entries)
    return None if mean_s is None else Law(Shape.EXPONENTIAL, min(mean_s, LONGEST_S))
