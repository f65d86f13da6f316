"""After a short restart agents need not sign in again: they are on duty as the log says that they were."""

from collections.abc import Collection, Iterable
from typing import Protocol

from acd.facts import AgentStatus
from store.rows import AgentNow


class Duties(Protocol):
    """Who wants calls (``acd.distributor``)."""

    def set_available(self, agent: str) -> None:
        """See ``acd.agents_side``."""
        ...

    def pause_again(self, agent: str, reason: str, until: float) -> None:
        """See ``acd.agents_side``."""
        ...


def resume_duty(desk: Duties, states: Iterable[AgentNow], employed: Collection[str]) -> None:
    """Once their phones register those still ``employed`` take calls, or are paused until the planned moment."""
    for item in states:
        if item.agent not in employed or item.state == AgentStatus.OFFLINE:
            continue
        if item.state == AgentStatus.PAUSED:
            desk.pause_again(item.agent, item.reason, item.until)
        else:
            desk.set_available(item.agent)
