"""Erlang's formulas: what so many agents make of so many calls, and how many agents a promise needs.

Calls come at random (Poisson) and take exponential times. Erlang B: who finds nobody free is turned away. Erlang C:
everybody waits for as long as it takes. Erlang A: callers have exponential patience and hang up when it is over.

Sources: A. K. Erlang 1917 (B, C); C. Palm 1957 (A), in the terms of Mandelbaum and Zeltyn, "Service engineering in
action: the Palm/Erlang-A queue" (2007). Sums run relative to the state in which all agents are busy and nobody waits,
and are scaled down before they overflow, so hundreds of agents and any overload are safe.
"""

import math
from dataclasses import dataclass
from typing import Final

from core.errors import ParseError

HOUR_S: Final = 3600.0
MOST_AGENTS: Final = 10_000
LONGEST_S: Final = 86_400.0
_NEGLIGIBLE: Final = 1e-17
_HUGE: Final = 1e150
_STEP: Final = 0.05
"""Of the integral over the wait, in units of the fastest thing that happens."""
_FEWEST_STEPS, _MOST_STEPS = 64, 20_000


@dataclass(frozen=True, slots=True)
class Demand:
    """``calls_per_h`` come, each keeps an agent for ``handle_s`` (ring, talk, hold and wrap-up). ``patience_s`` is how
    long a caller would wait on average before he hangs up; None: nobody ever does.
    """

    calls_per_h: float
    handle_s: float
    patience_s: float | None = None

    @property
    def erlangs(self) -> float:
        """How many agents the calls would keep busy if all were answered."""
        return self.calls_per_h * self.handle_s / HOUR_S


@dataclass(frozen=True, slots=True)
class Promise:
    """``share`` of all callers is answered within ``within_s``; at most ``most_abandoned`` (a share) hang up, at most
    ``most_occupancy`` of the agents' time is work.
    """

    share: float = 0.8
    within_s: float = 20.0
    most_abandoned: float = 1.0
    most_occupancy: float = 1.0


@dataclass(frozen=True, slots=True)
class Service:
    """What callers and agents have of it. ``waits`` share has to wait, ``within`` share is answered within the asked
    time (of all who call), ``mean_wait_s`` of all who call (infinite where the line grows for ever), ``abandoned``
    share, ``occupancy`` share of the agents' time.
    """

    agents: int
    waits: float
    within: float
    mean_wait_s: float
    abandoned: float
    occupancy: float


def erlang_b(agents: int, erlangs: float) -> float:
    """The share of calls that finds all of ``agents`` busy, where nobody waits."""
    blocked = 1.0
    for number in range(1, agents + 1):
        blocked = erlangs * blocked / (number + erlangs * blocked)
    return blocked


def erlang_c(agents: int, erlangs: float) -> float:
    """The share of callers who wait, where everybody waits to the end; 1 where the line grows for ever."""
    if erlangs <= 0:
        return 0.0
    if agents <= erlangs:
        return 1.0
    blocked = erlang_b(agents, erlangs)
    return blocked / (1.0 - erlangs / agents * (1.0 - blocked))


def service(demand: Demand, agents: int, within_s: float) -> Service:
    """What ``agents`` make of ``demand``: Erlang A where patience is known, else C (``ParseError``: impossible)."""
    _check(demand, agents, within_s)
    if demand.erlangs <= 0:
        return Service(agents, waits=0.0, within=1.0, mean_wait_s=0.0, abandoned=0.0, occupancy=0.0)
    if demand.patience_s is None:
        return _patient(demand, agents, within_s)
    return _impatient(demand, demand.patience_s, agents, within_s)


def agents_needed(demand: Demand, promise: Promise) -> int:
    """The fewest agents who keep ``promise``; 0 where nobody calls. ``ParseError`` where ``MOST_AGENTS`` do not."""
    if not 0 < promise.share < 1 or not 0 < promise.most_occupancy <= 1 or not 0 <= promise.most_abandoned <= 1:
        raise ParseError("must be shares between 0 and 1, the share to answer in time less than 1", where="promise")
    _check(demand, 0, promise.within_s)
    if demand.erlangs <= 0:
        return 0
    too_few, enough = 0, max(1, math.ceil(demand.erlangs))
    while not _kept(demand, enough, promise):
        if enough >= MOST_AGENTS:
            raise ParseError(f"would need more than {MOST_AGENTS} agents", where="promise")
        too_few, enough = enough, min(2 * enough, MOST_AGENTS)
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if _kept(demand, middle, promise):
            enough = middle
        else:
            too_few = middle
    return enough


def _kept(demand: Demand, agents: int, promise: Promise) -> bool:
    found = service(demand, agents, promise.within_s)
    return (
        found.within >= promise.share
        and found.abandoned <= promise.most_abandoned
        and found.occupancy <= promise.most_occupancy
    )


def _check(demand: Demand, agents: int, within_s: float) -> None:
    """What comes from outside is bounded, so that no sum below runs for ever (nor does what is no number pass)."""
    if not 0 <= agents <= MOST_AGENTS:
        raise ParseError(f"must be from 0 to {MOST_AGENTS}", where="agents")
    if not 0 <= demand.calls_per_h < math.inf or not 0 < demand.handle_s <= LONGEST_S:
        raise ParseError("calls must be 0 or more, handling times more than 0 and at most a day", where="demand")
    if demand.erlangs > MOST_AGENTS:
        raise ParseError(f"is more work than {MOST_AGENTS} agents can do", where="demand")
    if demand.patience_s is not None and not 0 < demand.patience_s <= LONGEST_S:
        raise ParseError("must be more than 0 and at most a day", where="patience")
    if not 0 <= within_s <= LONGEST_S:
        raise ParseError("must be from 0 to a day", where="within")


def _patient(demand: Demand, agents: int, within_s: float) -> Service:
    """Erlang C."""
    erlangs, spare = demand.erlangs, agents - demand.erlangs
    if spare <= 0:
        return Service(agents, waits=1.0, within=0.0, mean_wait_s=math.inf, abandoned=0.0, occupancy=1.0)
    waits = erlang_c(agents, erlangs)
    late = waits * math.exp(-spare * within_s / demand.handle_s)
    mean_wait_s = waits * demand.handle_s / spare
    return Service(agents, waits, 1.0 - late, mean_wait_s, abandoned=0.0, occupancy=erlangs / agents)


def _impatient(demand: Demand, patience_s: float, agents: int, within_s: float) -> Service:
    """Erlang A: births at rate λ, deaths at rate min(n, N)·μ + max(0, n − N)·θ."""
    if agents == 0:
        return Service(0, waits=1.0, within=0.0, mean_wait_s=patience_s, abandoned=1.0, occupancy=1.0)
    arrivals, ends = demand.calls_per_h / HOUR_S, agents / demand.handle_s
    blocked = erlang_b(agents, demand.erlangs)
    if blocked <= 0.0:  # less than a float can hold
        return Service(agents, 0.0, 1.0, 0.0, abandoned=0.0, occupancy=demand.erlangs / agents)
    lines = _lines(arrivals, ends, 1.0 / patience_s)
    whole = lines.one + blocked * lines.longer
    waits = blocked * (lines.one + lines.longer) / whole
    mean_wait_s = blocked * lines.callers / whole / arrivals
    abandoned = mean_wait_s / patience_s
    log_full = math.log(blocked) + lines.log_one - math.log(whole)  # of the chance of N busy agents and an empty line
    in_time = _served_within(within_s, arrivals, ends, 1.0 / patience_s, log_full)
    return Service(
        agents,
        waits=waits,
        within=min(1.0, 1.0 - waits + in_time),
        mean_wait_s=mean_wait_s,
        abandoned=abandoned,
        occupancy=demand.erlangs * (1.0 - abandoned) / agents,
    )


@dataclass(frozen=True, slots=True)
class _Lines:
    """Chances of lines with callers in them, in proportion to ``one``, that of an empty line with all agents busy:
    ``longer`` the sum of all, ``callers`` with each weighted by its length. ``log_one`` is the logarithm of the scale.
    """

    one: float
    longer: float
    callers: float
    log_one: float


def _lines(arrivals: float, ends: float, leave: float) -> _Lines:
    one = chance = 1.0
    longer = callers = log_one = 0.0
    length = 0
    while True:
        length += 1
        out = ends + length * leave
        chance *= arrivals / out
        longer += chance
        callers += length * chance
        if chance > _HUGE:
            one, chance, longer, callers = one / _HUGE, chance / _HUGE, longer / _HUGE, callers / _HUGE
            log_one -= math.log(_HUGE)
        # What is left is less than a geometric series with the ratio of this step.
        if arrivals < out and length * chance * arrivals <= _NEGLIGIBLE * callers * (out - arrivals):
            return _Lines(one, longer, callers, log_one)


def _served_within(within_s: float, arrivals: float, ends: float, leave: float, log_full: float) -> float:
    """The chance to wait, but no longer than ``within_s``, and to be answered: ∫ v(x)·e^(−θx) dx by Simpson's rule,
    where v(x) = Nμ·P(N)·exp(λ(1 − e^(−θx))/θ − Nμx) is the density of the wait of a caller of endless patience
    (Baccelli and Hebuterne 1981).
    """
    if within_s <= 0:
        return 0.0
    fastest = max(arrivals, ends, leave)
    steps = 2 * math.ceil(min(max(fastest * within_s / _STEP, _FEWEST_STEPS), _MOST_STEPS) / 2)
    width = within_s / steps
    total = 0.0
    for number in range(steps + 1):
        at = number * width
        exponent = log_full + arrivals * -math.expm1(-leave * at) / leave - (ends + leave) * at
        weight = 1 if number in (0, steps) else 4 if number % 2 else 2
        total += weight * math.exp(exponent)
    return ends * total * width / 3.0
