"""Figures of a simulation: facts in as they become true, the reports' own columns and sums out.

What ``store.projection`` makes of the log is made here of the same facts without a database; the reports themselves are
those of ``reports``, unchanged.
"""

import math
from typing import Final

from acd.facts import AgentStateChanged, AgentStatus, OfferEnded, OfferResult, QueueEntered, QueueLeft
from core.events import Fact
from reports.agents import AgentTally
from reports.columns import WAITING, Gathering
from reports.model import AgentReport, QueueReport, ReportQuery
from reports.queues import queue_report
from reports.rows import StateSpan

_OFFLINE: Final = AgentStatus.OFFLINE.value
_TALKING: Final = AgentStatus.TALKING.value
# To name a member of an enumeration costs more than a call in Python 3.11, and these are asked for with every caller.
_ACCEPTED, _WITHDRAWN = OfferResult.ACCEPTED, OfferResult.WITHDRAWN


class Figures:
    """Takes the facts of one run. Its period goes on until ``close``; what ends later counts by when it began."""

    def __init__(self) -> None:
        self._entries = Gathering()
        self._agents = AgentTally()
        self._open: dict[str, tuple[str, float]] = {}
        self._states: dict[str, tuple[str, float]] = {}
        self._in_state: dict[tuple[str, str], float] = {}
        self._closed_at = math.inf

    def take(self, now: float, call_id: str, fact: Fact) -> None:
        """``fact`` became true ``now``, in ``call_id``."""
        if isinstance(fact, AgentStateChanged):
            self._state_changed(now, fact)
        elif isinstance(fact, OfferEnded):
            self._offer_ended(now, fact)
        elif isinstance(fact, QueueEntered):
            self._open[fact.entry] = (fact.queue, now)
        elif isinstance(fact, QueueLeft):
            self._left(fact)

    def close(self, at: float) -> None:
        """The period is over: states that last are cut here."""
        for agent, (state, since) in self._states.items():
            self._in_state[agent, state] = self._in_state.get((agent, state), 0.0) + at - since
        self._closed_at = at

    def queues(self, query: ReportQuery, made_at: float) -> QueueReport:
        """The queue report; to be asked for once, after everything has been taken."""
        for queue, entered_at in self._open.values():
            self._entries.add(queue, "", entered_at, WAITING, None)
        return queue_report(query, self._entries.entries(), made_at)

    def agents(self, since: float, until: float, zone: str, made_at: float) -> AgentReport:
        """The agent report; to be asked for once, like the other."""
        for (agent, state), seconds in self._in_state.items():
            if state != _OFFLINE and seconds > 0:
                self._agents.add_span(StateSpan(agent, state, since, since + seconds))  # as long as all of them
        return AgentReport(since, until, zone, made_at, self._agents.lines())

    def _left(self, fact: QueueLeft) -> None:
        queue, entered_at = self._open.pop(fact.entry)
        self._entries.add(queue, "", entered_at, fact.outcome, fact.wait_s)

    def _offer_ended(self, now: float, fact: OfferEnded) -> None:
        if now - fact.ring_s < self._closed_at:
            result = fact.result
            self._agents.rang(fact.agent, accepted=result == _ACCEPTED, withdrawn=result == _WITHDRAWN)

    def _state_changed(self, now: float, fact: AgentStateChanged) -> None:
        agent = fact.agent
        state, since = self._states.get(agent, (_OFFLINE, now))
        self._states[agent] = (fact.state, now)
        if state == _TALKING and since < self._closed_at:
            self._agents.talked(agent, now - since, 0.0)
        if since < now and self._closed_at == math.inf:
            key = (agent, state)
            self._in_state[key] = self._in_state.get(key, 0.0) + now - since
