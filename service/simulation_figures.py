"""Figures of a simulation: facts in as they become true, the reports' own columns and sums out.

What ``store.projection`` makes of the log is made here of the same facts without a database; the reports themselves are
those of ``reports``, unchanged.
"""

import math
from typing import Final

from acd.facts import AgentStateChanged, AgentStatus, OfferEnded, OfferResult, QueueEntered, QueueLeft, QueueOutcome
from core.events import Fact
from reports.agents import AgentTally
from reports.columns import WAITING, Gathering
from reports.model import AgentReport, QueueReport, ReportQuery
from reports.queues import queue_report
from reports.rows import Ringing, StateSpan, TalkTime

_OFFLINE: Final = AgentStatus.OFFLINE.value
_TALKING: Final = AgentStatus.TALKING.value
# To name a member of an enumeration costs more than a call in Python 3.11, and these are asked for with every caller.
_ANSWERED, _ACCEPTED, _WITHDRAWN = QueueOutcome.ANSWERED, OfferResult.ACCEPTED, OfferResult.WITHDRAWN


class Figures:
    """Takes the facts of one run. Its period goes on until ``close``; what ends later counts by when it began."""

    def __init__(self) -> None:
        self._entries = Gathering()
        self._agents = AgentTally()
        self._open: dict[str, tuple[str, str, float]] = {}
        self._states: dict[str, tuple[str, float]] = {}
        self._in_state: dict[tuple[str, str], float] = {}
        self._in_talk: dict[str, str] = {}
        self._closed_at = math.inf

    def take(self, now: float, call_id: str, fact: Fact) -> None:
        """``fact`` became true ``now``, in ``call_id``."""
        match fact:
            case AgentStateChanged():
                self._state_changed(now, fact)
            case OfferEnded():
                self._offer_ended(now, fact)
            case QueueEntered():
                self._open[fact.entry] = (call_id, fact.queue, now)
            case QueueLeft():
                self._left(fact)
            case _:
                pass

    def close(self, at: float) -> None:
        """The period is over: states that last are cut here."""
        for agent, (state, since) in self._states.items():
            self._in_state[agent, state] = self._in_state.get((agent, state), 0.0) + at - since
        self._closed_at = at

    def queues(self, query: ReportQuery, made_at: float) -> QueueReport:
        """The queue report; to be asked for once, after everything has been taken."""
        for _, queue, entered_at in self._open.values():
            self._entries.add(queue, "", entered_at, WAITING, None)
        return queue_report(query, self._entries.entries(), made_at)

    def agents(self, since: float, until: float, zone: str, made_at: float) -> AgentReport:
        """The agent report; to be asked for once, like the other."""
        for (agent, state), seconds in self._in_state.items():
            if state != _OFFLINE and seconds > 0:
                self._agents.add_span(StateSpan(agent, state, since, since + seconds))  # as long as all of them
        return AgentReport(since, until, zone, made_at, self._agents.lines())

    def _left(self, fact: QueueLeft) -> None:
        call_id, queue, entered_at = self._open.pop(fact.entry)
        self._entries.add(queue, "", entered_at, fact.outcome, fact.wait_s)
        if fact.outcome == _ANSWERED:
            self._in_talk[fact.agent] = call_id

    def _offer_ended(self, now: float, fact: OfferEnded) -> None:
        made_at = now - fact.ring_s
        if made_at < self._closed_at:
            accepted, withdrawn = fact.result == _ACCEPTED, fact.result == _WITHDRAWN
            self._agents.add_ringing(Ringing(fact.offer, fact.agent, made_at, accepted, withdrawn=withdrawn))

    def _state_changed(self, now: float, fact: AgentStateChanged) -> None:
        agent = fact.agent
        state, since = self._states.get(agent, (_OFFLINE, now))
        self._states[agent] = (fact.state, now)
        if state == _TALKING and since < self._closed_at:
            self._agents.add_talk(TalkTime(agent, self._in_talk[agent], since, now - since, 0.0))
        if since < now and self._closed_at == math.inf:
            self._in_state[agent, state] = self._in_state.get((agent, state), 0.0) + now - since
