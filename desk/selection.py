"""Whom to call, by reason: conditions on a person, the cars that he has, and their history; all of them must hold.

Conditions on a car must hold of one and the same car that he has now, those that are negated too: "model 轩逸, not
visited within 180 days" means a 轩逸 that was not in the workshop. What is not known meets no condition, so it meets
the negation: a car whose mileage was never read is in no span of kilometres.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

from core.errors import ParseError
from core.numbers import Kind as NumberKind
from desk.interest import Interest
from desk.offers import Offer

MOST_CONDITIONS: Final = 20
MOST_NAMES: Final = 50
_NAME_LONGEST: Final = 200
_DAYS: Final = 36_525
"""A hundred years."""


class Reason(StrEnum):
    """What a condition asks of."""

    MODEL = "model"
    SEGMENT = "segment"
    BOUGHT = "bought"
    SOLD = "sold"
    CAR_AGE = "car_age"
    MILEAGE = "mileage"
    VISITED = "visited"
    WARRANTY = "warranty"
    CHANCE_3 = "chance_3"
    CHANCE_6 = "chance_6"
    CHANCE_12 = "chance_12"
    OFFER = "offer"
    INTEREST = "interest"
    TOUCH = "touch"
    COMPLAINED = "complained"
    OPEN_COMPLAINT = "open_complaint"
    NUMBER = "number"
    CAMPAIGN = "campaign"
    CALLED = "called"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a condition of one reason is made of: whether it asks of a car, in which ``unit`` its span is ("": it has
    none) and how far that may reach, whether it has names and, where not any may be given, which.
    """

    zh: str
    en: str
    of_car: bool = False
    unit: Literal["", "days", "months", "km", "percent"] = ""
    reach: int = 0
    names: Literal["no", "may", "must"] = "no"
    known: tuple[str, ...] = ()


SHAPES: Final[Mapping[Reason, Shape]] = MappingProxyType(
    {
        Reason.MODEL: Shape("车型", "model", of_car=True, names="must"),
        Reason.SEGMENT: Shape("级别", "segment", of_car=True, names="must"),
        Reason.BOUGHT: Shape("购车至今", "bought so long ago", of_car=True, unit="days", reach=_DAYS),
        Reason.SOLD: Shape("由我店售出至今", "sold by us so long ago", of_car=True, unit="days", reach=_DAYS),
        Reason.CAR_AGE: Shape("车龄", "age of the car", of_car=True, unit="months", reach=1200),
        Reason.MILEAGE: Shape("里程", "mileage", of_car=True, unit="km", reach=3_000_000),
        Reason.VISITED: Shape(
            "最近进店至今", "last visit so long ago", of_car=True, unit="days", reach=_DAYS, names="may"
        ),
        Reason.WARRANTY: Shape("质保剩余", "warranty ends within", of_car=True, unit="days", reach=_DAYS),
        Reason.CHANCE_3: Shape(
            "3个月内换车概率", "chance to replace within 3 months", of_car=True, unit="percent", reach=100
        ),
        Reason.CHANCE_6: Shape(
            "6个月内换车概率", "chance to replace within 6 months", of_car=True, unit="percent", reach=100
        ),
        Reason.CHANCE_12: Shape(
            "12个月内换车概率", "chance to replace within 12 months", of_car=True, unit="percent", reach=100
        ),
        Reason.OFFER: Shape(
            "有适用的置换方案，距上市",
            "an offer fits, its launch ahead",
            of_car=True,
            unit="days",
            reach=_DAYS,
            names="may",
        ),
        Reason.INTEREST: Shape("置换意向", "interest to replace", names="must", known=tuple(Interest)),
        Reason.TOUCH: Shape("到期回访跟进", "due to be kept in touch"),
        Reason.COMPLAINED: Shape("投诉过，至今", "complained so long ago", unit="days", reach=_DAYS),
        Reason.OPEN_COMPLAINT: Shape("有未结案投诉", "has an open complaint"),
        Reason.NUMBER: Shape("有此类号码", "has a number of the kind", names="must", known=tuple(NumberKind)),
        Reason.CAMPAIGN: Shape("在外呼任务中", "is in a campaign", names="may"),
        Reason.CALLED: Shape("被外呼过，至今", "called by a campaign so long ago", unit="days", reach=_DAYS),
    }
)
"""The reasons in the order in which they are offered."""


@dataclass(frozen=True, slots=True)
class Condition:
    """``reason`` with its span, ``least`` to ``most`` (both included, None: open), and its ``names`` (any of them);
    ``negated``: it must not hold.
    """

    reason: Reason
    least: int | None = None
    most: int | None = None
    names: tuple[str, ...] = ()
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """Conditions kept under a ``name``; ``by`` an account ("" the command line), ``at`` epoch seconds."""

    name: str
    conditions: tuple[Condition, ...]
    by: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Warranty:
    """It ends after so many months, or with so many kilometres, whichever comes first."""

    months: int = 36
    km: int = 100_000


@dataclass(frozen=True, slots=True)
class Warranties:
    """What holds ``usual``\\ ly, and for models that have another one."""

    usual: Warranty = Warranty()
    of_models: Mapping[str, Warranty] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moment:
    """When it is asked: ``today`` where the house is, ``now`` epoch seconds; which warranties hold, which trade-in
    offers there are, and which ``campaigns`` by the configuration.
    """

    today: date
    now: float
    warranties: Warranties = Warranties()
    offers: tuple[Offer, ...] = ()
    campaigns: tuple[str, ...] = ()

    def offers_named(self, names: Sequence[str]) -> tuple[Offer, ...]:
        """Those of ``names`` (none: all); ``ParseError`` where one is not there (any more)."""
        known = {offer.name: offer for offer in self.offers}
        for name in names:
            if name not in known:
                raise ParseError(
                    f"没有置换方案 {name!r} (there is no such trade-in offer; known: {', '.join(known) or 'none'})"
                )
        return tuple(known[name] for name in names) if names else self.offers


def check(conditions: Sequence[Condition]) -> None:
    """``ParseError`` names the first condition (from 1) that cannot be, and why."""
    if not conditions:
        raise ParseError("没有条件 (no condition: that would be everybody)")
    if len(conditions) > MOST_CONDITIONS:
        raise ParseError(f"条件超过{MOST_CONDITIONS}个 (more than {MOST_CONDITIONS} conditions)")
    for place, condition in enumerate(conditions, 1):
        if fault := _fault(condition, SHAPES[condition.reason]):
            raise ParseError(f"{SHAPES[condition.reason].zh}: {fault}", where=f"condition {place}")


def _fault(condition: Condition, shape: Shape) -> str:
    least, most, names = condition.least, condition.most, condition.names
    if not shape.unit and (least, most) != (None, None):
        return "没有范围 (it has no span)"
    if any(end is not None and not 0 <= end <= shape.reach for end in (least, most)):
        return f"须为 0 到 {shape.reach} (must be from 0 to {shape.reach})"
    if least is not None and most is not None and least > most:
        return "起始大于结束 (begins after its end)"
    if shape.unit and shape.names == "no" and least is None and most is None:
        return "没有范围 (the span is missing)"
    if shape.names == "no" and names:
        return "没有名称 (it has no names)"
    if shape.names == "must" and not names:
        return "没有选择 (nothing is chosen)"
    if len(names) > MOST_NAMES or any(not 0 < len(name) <= _NAME_LONGEST or "\0" in name for name in names):
        return f"最多{MOST_NAMES}个，每个{_NAME_LONGEST}字以内 (names are too many, too long or empty)"
    if shape.known and (unknown := [name for name in names if name not in shape.known]):
        return f"未知 {unknown[0]!r} (unknown; choose of {', '.join(shape.known)})"
    return ""


def in_order(conditions: Sequence[Condition]) -> list[int]:
    """The places of ``conditions`` in the order in which they are looked at: those of cars first."""
    return sorted(range(len(conditions)), key=lambda place: not SHAPES[conditions[place].reason].of_car)


def days_ago(today: date, least: int | None, most: int | None) -> tuple[str, str]:
    """The first and last day (ISO text) of those that lie ``least`` to ``most`` days back."""
    return "0000" if most is None else _before(today, most).isoformat(), _before(today, least or 0).isoformat()


def plus_months(day: date, months: int) -> date:
    """The same day of a later (or earlier) month, or the last of that month where it has none such."""
    count = day.year * 12 + day.month - 1 + months
    if not 12 <= count < 12 * 9999:
        return date.min if count < 12 else date.max
    first = date(count // 12, count % 12 + 1, 1)
    following = date((count + 1) // 12, (count + 1) % 12 + 1, 1)
    return first + timedelta(min(day.day, (following - first).days) - 1)


def latest_start(months: int, day: date) -> date:
    """The latest day from which ``months`` have passed on ``day``."""
    found = plus_months(day, -months)
    while found < date.max and plus_months(found + timedelta(1), months) <= day:  # three times at most: February
        found += timedelta(1)
    return found


def aged(today: date, least: int | None, most: int | None) -> tuple[str, str]:
    """The first and last day from which ``least`` to ``most`` whole months have passed today."""
    first = "0000" if most is None else (latest_start(most + 1, today) + timedelta(1)).isoformat()
    return first, latest_start(least or 0, today).isoformat()


def warranty_began(today: date, months: int, least: int | None, most: int | None) -> tuple[str, str]:
    """The first and last day on which a warranty of ``months`` began that ends ``least`` to ``most`` days from now."""
    first = latest_start(months, today + timedelta((least or 0) - 1)) + timedelta(1)
    last = "9999" if most is None else latest_start(months, today + timedelta(most)).isoformat()
    return first.isoformat(), last


def _before(today: date, days: int) -> date:
    return date.fromordinal(max(1, today.toordinal() - days))
