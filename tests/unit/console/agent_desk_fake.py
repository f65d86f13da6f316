"""Agents' work in hand as a test has put it there."""

from dataclasses import replace

from acd.facts import AgentStateChanged, WrapUpExtended
from acd.supervision_facts import AgentForced
from console.agent_desk_views import DeskNow, WrapUpView
from core.bus import MemoryLog
from core.errors import LocalProtocolError

IDLE = DeskNow("", "", "available")


class FakeDesks:
    """``work`` by agent; wrap-ups are lengthened and ended as asked."""

    def __init__(self, log: MemoryLog) -> None:
        self.log = log
        self.work: dict[str, DeskNow] = {}

    def wrap_up(self, agent: str, call_id: str, now: float, *, extends_left: int = 1) -> None:
        """The agent has just hung up and has a minute."""
        wrap_up = WrapUpView(call_id, "sales", now, now + 60.0, now + 600.0, 30.0, extends_left)
        self.work[agent] = DeskNow(call_id, "sales", "available", wrap_up)
        self.log.post("", AgentStateChanged(agent, "wrap_up", "", wrap_up.until))

    def now(self, agent: str) -> DeskNow:
        return self.work.get(agent, IDLE)

    def extend(self, agent: str, by: str) -> None:
        wrap_up = self._under_way(agent)
        if not wrap_up.extends_left:
            raise LocalProtocolError(f"the wrap-up of {agent} cannot be extended any more")
        wrap_up = replace(wrap_up, until=wrap_up.until + wrap_up.extend_s, extends_left=wrap_up.extends_left - 1)
        self.work[agent] = replace(self.work[agent], wrap_up=wrap_up)
        self.log.post("", WrapUpExtended(agent, wrap_up.until, wrap_up.extends_left))
        self._told(agent, "wrap_up", by)

    def finish(self, agent: str, by: str) -> None:
        self._under_way(agent)
        del self.work[agent]
        self.log.post("", AgentStateChanged(agent, "available"))
        self._told(agent, "available", by)

    def _told(self, agent: str, state: str, by: str) -> None:
        if by:
            self.log.post("", AgentForced(agent, state, by))

    def _under_way(self, agent: str) -> WrapUpView:
        wrap_up = self.now(agent).wrap_up
        if wrap_up is None:
            raise LocalProtocolError(f"agent {agent} is in no wrap-up")
        return wrap_up
