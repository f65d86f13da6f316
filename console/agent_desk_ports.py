"""What the console needs of other rooms for an agent's own page, by the rules of ``console.ports``."""

from collections.abc import Sequence
from typing import Protocol

from console.agent_desk_views import DeskNow
from console.views import CallRow


class AgentDesks(Protocol):
    """The work of agents that is in hand. ``by`` is the account of whoever asks in the agent's place, "" where he asks
    himself. ``LocalProtocolError`` says why something cannot be.
    """

    def now(self, agent: str) -> DeskNow:
        """What he is doing."""
        ...

    def extend(self, agent: str, by: str) -> None:
        """More time for his notes."""
        ...

    def finish(self, agent: str, by: str) -> None:
        """His notes are done."""
        ...


class EarlierCalls(Protocol):
    """Calls by the number that they were with (``console.from_store`` fits)."""

    async def earlier(self, call_id: str, *, limit: int) -> Sequence[CallRow]:
        """The calls before ``call_id`` from the same number, and ours to it, the newest first."""
        ...
