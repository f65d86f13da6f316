"""Agents' states, as the console and feature codes ask for them: one way for both, and one record of who did it."""

from acd.distributor import Distributor
from acd.supervision_facts import AgentForced, AgentMessage
from core.errors import LocalProtocolError
from core.events import Log


class ConsoleAgents:
    """``console.ports.AgentControl`` over the distributor."""

    def __init__(self, distributor: Distributor, agents: frozenset[str], log: Log) -> None:
        self._distributor = distributor
        self._agents = agents
        self._log = log

    def change(self, agents: frozenset[str]) -> None:
        """These are the agents from now on."""
        self._agents = agents

    async def set_available(self, agent: str, by: str) -> None:
        """See the port."""
        self._forced(agent, "available", by)
        self._distributor.set_available(agent)

    async def pause(self, agent: str, reason: str, by: str, planned_s: float = 0.0) -> None:
        """See the port."""
        self._forced(agent, "paused", by, reason)
        self._distributor.pause(agent, reason, planned_s)

    async def sign_out(self, agent: str, by: str) -> None:
        """See the port."""
        self._forced(agent, "offline", by)
        self._distributor.sign_out(agent)

    def tell(self, agent: str, text: str, by: str) -> None:
        """See the port."""
        self._log.post("", AgentMessage(self._known(agent), text, by))

    def _forced(self, agent: str, state: str, by: str, reason: str = "") -> None:
        self._known(agent)
        if by:
            self._log.post("", AgentForced(agent, state, by, reason))

    def _known(self, agent: str) -> str:
        if agent not in self._agents:
            raise LocalProtocolError(f"there is no agent {agent!r} in the configuration")
        return agent
