"""Who is on duty when, for the simulation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from acd.day_plan import DAY_S, DayPlan


@dataclass(frozen=True, slots=True)
class Crew:
    """Agents of whom the first so many as ``plan`` says are on duty."""

    agents: tuple[str, ...]
    plan: DayPlan


@dataclass(frozen=True, slots=True)
class Shift:
    """From ``at`` on exactly ``agents`` are on duty; who is not any more finishes his call."""

    at: float
    agents: frozenset[str]


def shifts(crews: Sequence[Crew], midnight: float) -> Iterator[Shift]:
    """Every change from ``midnight`` on, the first at that moment; without end, but for crews that never change."""
    cuts = sorted({since for crew in crews for since, _ in crew.plan.steps})
    day = [
        Shift(cut, frozenset(name for crew in crews for name in crew.agents[: round(crew.plan.at(cut))]))
        for cut in cuts
    ]
    if len({shift.agents for shift in day}) == 1:
        yield Shift(midnight, day[0].agents)
        return
    for number in count():
        for shift in day:
            yield Shift(midnight + number * DAY_S + shift.at, shift.agents)
