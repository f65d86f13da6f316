"""The states of agents as the log last told them, for the start of the console."""

from collections.abc import Sequence
from typing import Protocol


class AgentState(Protocol):
    """What the log last told of an agent."""

    @property
    def agent(self) -> str:
        """His id."""
        ...

    @property
    def state(self) -> str:
        """Of ``acd.facts.AgentStatus``."""
        ...

    @property
    def reason(self) -> str:
        """Of a pause."""
        ...

    @property
    def since(self) -> float:
        """Epoch seconds."""
        ...


class AgentStates(Protocol):
    """The states that agents had before the console began to listen (``store.agents`` fits)."""

    async def now(self) -> Sequence[AgentState]:
        """Every agent that was ever seen."""
        ...
