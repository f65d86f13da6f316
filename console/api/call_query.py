"""Which calls a query asks for: its parameters as they come, and the filter that they make."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import Query

from campaigns.contact_filter import AttemptCell
from console.api.contact_query import Attempted
from console.api.when import moment
from console.papers import behind
from console.ports import CallFilter, Reading
from console.problems import Problem
from console.report_ports import AgentCell, FigureCell, ReportAsked

BEHIND_MOST: Final = 50_000
"""So many waits behind a figure of the report are listed at most; the database sorts their calls for each page."""
Outcome = Literal[
    "", "answered", "abandoned", "overflowed", "called_back", "left_by_key", "interrupted", "waiting"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class CallQuery:
    """The parameters of ``/calls`` and of its tables."""

    from_: Annotated[str | None, Query(alias="from", max_length=40)] = None
    to: Annotated[str | None, Query(max_length=40)] = None
    queue: Annotated[str, Query(max_length=100)] = ""
    agent: Annotated[str, Query(max_length=100)] = ""
    direction: Literal["", "inbound", "outbound", "internal"] = ""
    number: Annotated[str, Query(max_length=20, pattern=r"^[0-9+*#]*$")] = ""
    outcome: Outcome = ""
    disposition: Annotated[str, Query(max_length=40)] = ""
    text: Annotated[str, Query(max_length=100)] = ""
    behind: Annotated[str, Query(max_length=40)] = ""
    worked: Literal["", "calls", "rung", "answered", "withdrawn"] = ""
    line: Annotated[str, Query(max_length=100)] = ""
    week_hour: Annotated[int | None, Query(ge=0, le=167)] = None
    campaign: Annotated[str, Query(max_length=100)] = ""
    attempted: Attempted = ""
    result: Annotated[str, Query(max_length=40)] = ""
    nth: Annotated[int, Query(ge=0, le=1000)] = 0
    hour: Annotated[int | None, Query(ge=0, le=23)] = None
    round_: Annotated[int, Query(alias="round", ge=0, le=100_000)] = 0


def period(asked: CallQuery, zone: ZoneInfo) -> tuple[float | None, float | None]:
    """The moments between which the calls came; 422 where there is nothing between them."""
    since, until = moment(asked.from_, zone, "from"), moment(asked.to, zone, "to")
    if since is not None and until is not None and since >= until:
        raise Problem(
            422,
            "the period is empty or backwards",
            where="query.to",
            mend="Let 'to' lie after 'from'.",
            code="invalid",
        )
    return since, until


async def filter_of(asked: CallQuery, zone: ZoneInfo, reading: Reading, now: float) -> CallFilter:
    """The filter that ``asked`` means ``now`` (epoch seconds); 422 for what cannot be meant.

    A figure of the report (``behind``) takes the place of period, queue and outcome: the calls are those whose waits
    were counted in it. ``line`` and ``week_hour`` belong to it. ``worked`` is a figure of ``agent``, likewise.
    ``attempted`` is one of ``campaign``, to which ``result``, ``nth``, ``hour``, ``week_hour`` and ``round`` belong.
    """
    since, until = period(asked, zone)
    if asked.worked:
        return CallFilter(
            direction=asked.direction, number=asked.number, text=asked.text, worked=_worked(asked, since, until)
        )
    if not asked.behind:
        return CallFilter(
            from_at=since,
            to_at=until,
            queue=asked.queue,
            agent=asked.agent,
            direction=asked.direction,
            number=asked.number,
            outcome=asked.outcome,
            disposition=asked.disposition,
            text=asked.text,
            attempts=_attempts(asked, zone, now),
        )
    if since is None or until is None:
        raise _no_period("behind")
    cell = FigureCell(
        asked.behind, ReportAsked(since, until, queue=asked.queue, line=asked.line, week_hour=asked.week_hour)
    )
    if await reading.ask(partial(behind, cell=cell, most=BEHIND_MOST + 1)) > BEHIND_MOST:
        raise Problem(
            422,
            f"more than {BEHIND_MOST} waits stand behind this figure, too many to be listed",
            where="query.behind",
            mend="Open the figure of a single half hour, hour or day.",
            code="too_many_behind",
        )
    return CallFilter(
        agent=asked.agent,
        direction=asked.direction,
        number=asked.number,
        text=asked.text,
        behind=cell,
    )


def _attempts(asked: CallQuery, zone: ZoneInfo, now: float) -> AttemptCell | None:
    if not asked.campaign:
        return None
    return AttemptCell(
        asked.campaign,
        asked.attempted or "attempts",
        asked.result,
        asked.nth,
        asked.hour,
        zone.key,
        asked.round_,
        asked.week_hour,
        now,
    )


def _worked(asked: CallQuery, since: float | None, until: float | None) -> AgentCell:
    if since is None or until is None or not asked.agent:
        raise _no_period("worked")
    return AgentCell(asked.worked, asked.agent, since, until)


def _no_period(parameter: str) -> Problem:
    return Problem(
        422,
        "a figure of a report belongs to a period (and to an agent, in the agents' report)",
        where=f"query.{parameter}",
        mend="Give 'from' and 'to' of the report's row as well.",
        code="invalid",
    )
