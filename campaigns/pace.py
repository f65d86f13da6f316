"""How many calls a campaign may dial now: as many lines as it has (a survey), one for each free agent (progressive),
or as the pacer says (predictive). Pure.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from campaigns.agent_turns import AgentTurns
from campaigns.flights import Flights, InFlight
from campaigns.floor import Crew, Floor
from campaigns.pacing.pacer import Pacer
from campaigns.pacing.state import Happened, Reached, RingOver, State

LOOK_AGENTS_S: Final = 1.0
"""So often it is asked again how many may be dialled: talks grow older, which makes their end more likely."""


@dataclass(frozen=True, slots=True)
class May:
    """So many ``calls`` may be dialled now. ``ready``: for the next one there is a free agent on whom no other call in
    flight counts; so it may be to somebody who must not find nobody there again.
    """

    calls: int
    ready: bool


class Pace(Protocol):
    """Of one campaign. It is told of each call, by attempt: ``dialled``, perhaps ``answered``, then ``landed`` once."""

    def may(self, now: float) -> May:
        """How many further calls at ``now`` (epoch seconds)."""
        ...

    def dialled(self, attempt: str, now: float, *, kept: bool) -> None:
        """A call begins; with ``kept`` an agent is kept free for it."""
        ...

    def answered(self, attempt: str, now: float) -> None:
        """Something has answered, and is listened to."""
        ...

    def landed(self, attempt: str, now: float, *, person: bool) -> None:
        """A person is there, and waits for his agent from now on; or the call is over. A second time is no error."""
        ...

    def reached(self, *, abandoned: bool) -> None:
        """A person was given an agent, or ``abandoned``."""
        ...

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call ``changed`` when it is worth asking again; the returned function ends that."""
        ...


class Unpaced:
    """Nobody has to be there: the lines are the limit."""

    def may(self, now: float) -> May:
        """One more, always."""
        return May(1, ready=True)

    def dialled(self, attempt: str, now: float, *, kept: bool) -> None:
        """See ``Pace``."""

    def answered(self, attempt: str, now: float) -> None:
        """See ``Pace``."""

    def landed(self, attempt: str, now: float, *, person: bool) -> None:
        """See ``Pace``."""

    def reached(self, *, abandoned: bool) -> None:
        """See ``Pace``."""

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Nothing changes."""
        return lambda: None


class AgentPace:
    """Of ``campaign``, for the agents of ``queue`` on ``floor``. ``pacer`` None: progressive. ``past`` are the people
    reached before, the oldest first: whether each was abandoned.
    """

    def __init__(
        self,
        campaign: str,
        queue: str,
        floor: Floor,
        flights: Flights,
        turns: AgentTurns,
        pacer: Pacer | None = None,
        past: Iterable[bool] = (),
    ) -> None:
        self._campaign = campaign
        self._queue = queue
        self._turns = turns
        self._floor = floor
        self._flights = flights
        self._pacer = pacer
        self._happened: list[Happened] = [Reached(abandoned) for abandoned in past]

    def may(self, now: float) -> May:
        """See ``Pace``."""
        crew = self._floor.crew()
        flying = self._flights.of(crew.queues)
        spare = crew.free - flying.kept - crew.waiting
        loose = max(spare - flying.calls, 0)
        self._turns.ask(self._campaign, self._queue, now)
        calls = loose if self._pacer is None else self._pacer.decide(now, self._state(crew, flying, spare))
        if calls and not self._turns.is_next(self._campaign, crew.queues, now):
            calls = 0
        return May(calls, ready=loose > 0)

    def _state(self, crew: Crew, flying: InFlight, spare: int) -> State:
        """As the pacer sees it: agents who are kept for somebody are not there; what is listened to is a person."""
        told, self._happened = (*self._happened, *self._floor.happened()), []
        free = max(crew.free - flying.kept, 0)
        return State(
            free=free,
            talks_since=crew.talks_since,
            wrap_ups_since=crew.wrap_ups_since,
            ringing_since=flying.ringing_since,
            waiting=free - spare + flying.heard,
            happened=told,
        )

    def dialled(self, attempt: str, now: float, *, kept: bool) -> None:
        """See ``Pace``."""
        self._flights.begin(attempt, self._queue, now, kept=kept)
        self._turns.dialled(self._campaign)

    def answered(self, attempt: str, now: float) -> None:
        """See ``Pace``."""
        self._flights.answered(attempt, now)

    def landed(self, attempt: str, now: float, *, person: bool) -> None:
        """See ``Pace``."""
        flight = self._flights.land(attempt)
        if flight is not None and self._pacer is not None:
            rang_until = now if flight.answered_at is None else flight.answered_at
            self._happened.append(RingOver(max(0.0, rang_until - flight.since), person))

    def reached(self, *, abandoned: bool) -> None:
        """See ``Pace``."""
        if self._pacer is not None:
            self._happened.append(Reached(abandoned))

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """See ``Pace``."""
        ends = (self._turns.enter(self._campaign, changed), self._floor.watch(changed))

        def forget() -> None:
            for end in ends:
                end()

        return forget
