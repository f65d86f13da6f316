"""The period that a report is asked for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final, Self, TypeAlias
from zoneinfo import ZoneInfo

from fastapi import Query

from console.api.when import moment
from console.problems import Problem
from console.today import day_start
from core.clock import Clock

_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Bound:
    """So many days may be asked for at most; ``beyond`` is what a longer period is told to be."""

    days: int
    beyond: str


MONTH: Final = Bound(31, "longer than 31 days")
"""Of what is read with all that is told of each call."""
QUARTER: Final = Bound(93, "longer than 93 days")
"""Of what is read call by call."""
TWO_YEARS: Final = Bound(800, "too long")
"""Of what is counted."""


@dataclass(frozen=True, slots=True)
class Period:
    """Epoch seconds."""

    since: float
    until: float

    def bounded(
        self,
        longest_s: float,
        *,
        wrong: str = "the period is empty, backwards or too long",
        mend: str = "Let 'to' lie after 'from'; choose a larger bucket for a longer period.",
    ) -> Self:
        """Itself; 422 where it is empty, backwards or longer, told as ``wrong`` with how to ``mend`` it."""
        if not 0 < self.until - self.since <= longest_s:
            raise Problem(422, wrong, where="query.to", mend=mend, code="invalid")
        return self

    def within(self, bound: Bound) -> Self:
        """As ``bounded``, by days."""
        return self.bounded(
            bound.days * _DAY_S,
            wrong=f"the period is empty, backwards or {bound.beyond}",
            mend=f"Let 'to' lie after 'from', by {bound.days} days at most.",
        )


AskedPeriod: TypeAlias = Callable[[str | None, str | None], Awaitable[Period]]


def asked_period(zone: ZoneInfo, clock: Clock) -> AskedPeriod:
    """A dependency: the query's ``from`` and ``to``, in local time of ``zone`` where they name none."""

    async def asked(
        from_: Annotated[str | None, Query(alias="from", max_length=40)] = None,
        to: Annotated[str | None, Query(max_length=40)] = None,
    ) -> Period:
        """From today's midnight to the next one, unless said otherwise."""
        since, until = moment(from_, zone, "from"), moment(to, zone, "to")
        if since is None:
            since = day_start(clock.now() if until is None else until - 1.0, zone)
        return Period(since, day_after(since, zone) if until is None else until)

    return asked


def day_after(at: float, zone: ZoneInfo) -> float:
    """The midnight that ends the day of ``at``."""
    return (datetime.fromtimestamp(day_start(at, zone), zone) + timedelta(days=1)).timestamp()
