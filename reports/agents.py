"""What agents did: calls, talk, hold, wrap-up, occupancy, and how many of the offers they took."""

from collections.abc import Mapping
from typing import Final

from reports.levels import share
from reports.model import AgentLine
from reports.rows import Ringing, StateSpan, TalkTime

TALKING: Final = "talking"
WRAP_UP: Final = "wrap_up"
AVAILABLE: Final = "available"
PAUSED: Final = "paused"


_STATES: Final = {TALKING: "talking_s", WRAP_UP: "wrap_up_s", AVAILABLE: "available_s", PAUSED: "paused_s"}


class AgentTally:
    """Adds up what agents did, row by row, keeping only sums.

    A transferred call counts once for each agent, each with his own talk time.
    """

    def __init__(self) -> None:
        self._calls: dict[str, int] = {}
        self._talk_s: dict[str, float] = {}
        self._hold_s: dict[str, float] = {}
        self._rung: dict[str, int] = {}
        self._answered: dict[str, int] = {}
        self._withdrawn: dict[str, int] = {}
        self._in_state: dict[tuple[str, str], float] = {}

    def add_talk(self, talk: TalkTime) -> None:
        """A talk that began in the period."""
        self.talked(talk.agent, talk.talk_s, talk.hold_s)

    def talked(self, agent: str, talk_s: float, hold_s: float) -> None:
        """The same by its figures."""
        self._calls[agent] = self._calls.get(agent, 0) + 1
        self._talk_s[agent] = self._talk_s.get(agent, 0.0) + talk_s
        self._hold_s[agent] = self._hold_s.get(agent, 0.0) + hold_s

    def add_ringing(self, ringing: Ringing) -> None:
        """An offer made in the period; one that is still ringing is not yet counted, and one that was withdrawn (the
        caller left, or a colleague was quicker) is no missed one.
        """
        if ringing.over or ringing.withdrawn:
            self.rang(ringing.agent, accepted=ringing.accepted, withdrawn=ringing.withdrawn)

    def rang(self, agent: str, *, accepted: bool, withdrawn: bool) -> None:
        """The same by its figures, of one that is over."""
        if withdrawn:
            self._withdrawn[agent] = self._withdrawn.get(agent, 0) + 1
        else:
            self._rung[agent] = self._rung.get(agent, 0) + 1
            self._answered[agent] = self._answered.get(agent, 0) + accepted

    def add_span(self, span: StateSpan) -> None:
        """Time in a state, cut to the period already."""
        key = (span.agent, span.state)
        self._in_state[key] = self._in_state.get(key, 0.0) + span.until - span.since

    def add_work(self, agent: str, work: Mapping[str, float]) -> None:
        """What was added up before, by the names of ``AgentLine``; the agent was there, also where all of it is 0."""
        for sums, name in ((self._calls, "calls"), (self._rung, "rung"), (self._answered, "answered")):
            sums[agent] = sums.get(agent, 0) + round(work[name])
        if work["withdrawn"]:
            self._withdrawn[agent] = self._withdrawn.get(agent, 0) + round(work["withdrawn"])
        self._talk_s[agent] = self._talk_s.get(agent, 0.0) + work["talk_s"]
        self._hold_s[agent] = self._hold_s.get(agent, 0.0) + work["hold_s"]
        for state, name in _STATES.items():
            self._in_state[agent, state] = self._in_state.get((agent, state), 0.0) + work[name]

    def lines(self) -> tuple[AgentLine, ...]:
        """One line for each agent who was there, by id."""
        agents = {*self._calls, *self._rung, *self._withdrawn, *(agent for agent, _ in self._in_state)}
        return tuple(self._line(agent) for agent in sorted(agents))

    def _line(self, agent: str) -> AgentLine:
        talking_s, wrap_up_s, available_s, paused_s = (self._in_state.get((agent, state), 0.0) for state in _STATES)
        calls = self._calls.get(agent, 0)
        talk_s, hold_s = self._talk_s.get(agent, 0.0), self._hold_s.get(agent, 0.0)
        rung, answered = self._rung.get(agent, 0), self._answered.get(agent, 0)
        busy_s = talking_s + wrap_up_s
        return AgentLine(
            agent=agent,
            calls=calls,
            talk_s=talk_s,
            hold_s=hold_s,
            wrap_up_s=wrap_up_s,
            talking_s=talking_s,
            available_s=available_s,
            paused_s=paused_s,
            rung=rung,
            answered=answered,
            withdrawn=self._withdrawn.get(agent, 0),
            answer_rate=share(answered, rung),
            aht_s=share(talk_s + hold_s + wrap_up_s, calls),
            occupancy=share(busy_s, busy_s + available_s),
        )
