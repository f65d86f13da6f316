"""What became of those whom a campaign called: reached, gone through, interested, come to the workshop, bought a car.

Visits and sales are those that the house has on record, from the day after the person was first reached: a visit on the
same day may have been before the call. That somebody came after a call does not say that he came for it; how many more
that are than without the campaign says ``reports.effect``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from reports.formulas import Formula
from reports.shares import Share, share_of

CONVERSION_FORMULAS: Final = (
    Formula("dialled", "已拨", "dialled", "至少拨过一次的人 ÷ 名单人数", "people called at least once / list", "share"),
    Formula(
        "reached", "接通本人", "reached", "真人应答过的人 ÷ 已拨的人", "people who answered / people called", "share",
    ),
    Formula(
        "went_well", "做完", "went through", "做完问卷或与坐席谈完的人 ÷ 接通的人",
        "people who went through the survey or talked with an agent to the end / people reached", "share",
    ),
    Formula(
        "agreed", "有意向", "interested", "处理结果表示有意向、或说半年内考虑换车的人 ÷ 接通的人",
        "people of whom a disposition says so, or who would replace their car within half a year / people reached",
        "share",
    ),
    Formula(
        "visited", "进店", "visited", "接通次日起 N 天内进店的人 ÷ 接通的人",
        "people who came within N days from the day after they were reached / people reached", "share",
    ),
    Formula(
        "bought", "成交", "bought", "接通次日起 N 天内购车的人 ÷ 接通的人",
        "people who bought a car within these days / people reached", "share",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReachedPerson:
    """A contact of the campaign, and the day (where the house is) on which a person first answered."""

    contact: int
    day: date
    went_well: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """``key`` of ``CONVERSION_FORMULAS``, with how many of how many."""

    key: str
    share: Share


@dataclass(frozen=True, slots=True)
class Conversion:
    """Of ``contacts`` in the list. ``open`` people were reached so lately that their ``days`` are not over: visits and
    sales may still come.
    """

    days: int
    contacts: int
    stages: tuple[Stage, ...]
    open: int


@dataclass(frozen=True, slots=True)
class Followed:
    """What is on record of a campaign: how many people are in its list and were called, who was reached, who agreed,
    and the days on which contacts came and bought.
    """

    contacts: int
    dialled: int
    reached: Sequence[ReachedPerson]
    agreed: frozenset[int]
    visits: Mapping[int, Sequence[date]]
    sales: Mapping[int, Sequence[date]]


def conversion(found: Followed, days: int, today: date) -> Conversion:
    """Count ``found``; visits and sales within ``days`` after each person was reached."""
    span, people = timedelta(days), len(found.reached)
    visited = sum(_within(found.visits.get(it.contact, ()), it.day, span) for it in found.reached)
    bought = sum(_within(found.sales.get(it.contact, ()), it.day, span) for it in found.reached)
    counted = {
        "dialled": share_of(found.dialled, found.contacts),
        "reached": share_of(people, found.dialled),
        "went_well": share_of(sum(it.went_well for it in found.reached), people),
        "agreed": share_of(sum(it.contact in found.agreed for it in found.reached), people),
        "visited": share_of(visited, people),
        "bought": share_of(bought, people),
    }
    stages = tuple(Stage(formula.key, counted[formula.key]) for formula in CONVERSION_FORMULAS)
    return Conversion(days, found.contacts, stages, sum(it.day + span >= today for it in found.reached))


def _within(happened: Iterable[date], after: date, span: timedelta) -> bool:
    return any(after < day <= after + span for day in happened)
