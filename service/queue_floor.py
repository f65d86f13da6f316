"""The agents of a queue as a campaign sees them: on call distribution's board, and by the facts of what they do. Fills
``campaigns.floor.Floor``.

Callers come first: a free agent who serves a queue in which somebody waits is not counted, and of the others who become
free as many are left to those who wait as there are.
"""

from collections import deque
from collections.abc import Callable, Collection, Mapping
from typing import Final, Protocol

from acd.board import AgentView, Board
from acd.facts import AgentStateChanged, AgentStatus, QueueEntered, QueueLeft
from campaigns.floor import Crew
from campaigns.pacing.state import TalkOver, WrapUpOver
from core.bus import Bus
from core.events import Event

_KEPT: Final = 2000
"""Ends of talks and wrap-ups that nobody has asked for yet: more than the pacer looks back on."""
_TALKS: Final = frozenset({AgentStatus.TALKING, AgentStatus.RINGING})


class Desks(Protocol):
    """Call distribution, as this needs it."""

    def snapshot(self) -> Board:
        """The live picture."""
        ...


class QueueFloor:
    """The agents of ``queue`` who are among those whom ``suited`` gives (by skills)."""

    def __init__(self, queue: str, desks: Desks, bus: Bus, suited: Callable[[str], frozenset[str]]) -> None:
        self._queue = queue
        self._desks = desks
        self._bus = bus
        self._suited = suited
        self._since: dict[str, tuple[str, float]] = {}
        self._ended: deque[TalkOver | WrapUpOver] = deque(maxlen=_KEPT)

    def crew(self) -> Crew:
        """See ``campaigns.floor.Floor``."""
        board, suited = self._desks.snapshot(), self._suited(self._queue)
        mine = [one for one in board.agents if self._queue in one.queues and one.agent in suited and on_duty(one)]
        queues = {queue for one in mine for queue in one.queues}
        waiting = waiting_in(board, queues)
        taken = {queue for queue, people in waiting.items() if people}
        free = [one for one in mine if one.status is AgentStatus.AVAILABLE]
        left = [one for one in free if taken.isdisjoint(one.queues)]
        return Crew(
            free=len(left),
            talks_since=tuple(one.since for one in mine if one.status in _TALKS),
            wrap_ups_since=tuple(one.since for one in mine if one.status is AgentStatus.WRAP_UP),
            waiting=max(0, sum(waiting.values()) - (len(free) - len(left))),
            queues=frozenset(queues),
        )

    def happened(self) -> tuple[TalkOver | WrapUpOver, ...]:
        """See ``campaigns.floor.Floor``."""
        ended = tuple(self._ended)
        self._ended.clear()
        return ended

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """See ``campaigns.floor.Floor``."""

        def see(event: Event) -> None:
            match event.fact:
                case AgentStateChanged() as fact:
                    self._agent(fact, event.at)
                    changed()
                case QueueEntered() | QueueLeft():
                    changed()
                case _:
                    pass

        return self._bus.subscribe(see)

    def _agent(self, fact: AgentStateChanged, at: float) -> None:
        if fact.agent not in self._suited(self._queue):
            return
        before, since = self._since.get(fact.agent, ("", at))
        self._since[fact.agent] = (fact.state, at)
        if before == AgentStatus.TALKING:
            self._ended.append(TalkOver(at - since))
        elif before == AgentStatus.WRAP_UP:
            self._ended.append(WrapUpOver(at - since))


def waiting_in(board: Board, queues: Collection[str]) -> Mapping[str, int]:
    """How many wait in each of ``queues`` for whom no phone rings."""
    return {
        line.name: sum(not caller.ringing for caller in line.waiting) + line.callbacks
        for line in board.queues
        if line.name in queues
    }


def on_duty(one: AgentView) -> bool:
    """Takes calls now or after the work in hand."""
    return one.phone and one.then is AgentStatus.AVAILABLE
