"""What the console needs of other rooms for agents' calls to the outside, parked calls and consultations, by the rules
of ``console.ports``.
"""

from typing import Protocol


class PlacingControl(Protocol):
    """Calls outside for agents who ask for it."""

    def possible(self) -> bool:
        """Whether the house has a way outside for its agents."""
        ...

    def place(self, agent: str, number: str, despite: str = "") -> str:
        """Ring the phone of ``agent``, and once he answers call ``number``; the id of the call. ``despite``: why,
        where that customer wants no calls. ``NotAllowed`` where that number may not be called; ``LocalProtocolError``
        says what else is in the way.
        """
        ...


class ParkControl(Protocol):
    """Parks calls and takes them. ``LocalProtocolError`` says why that cannot be."""

    def park(self, call_id: str, slot: str, by: str) -> None:
        """Park whoever talks in the call, in ``slot`` ("": the first that is free), for account ``by``."""
        ...

    def take(self, call_id: str, agent: str) -> None:
        """Ring the phone of ``agent``, and once he answers connect him with the parked call."""
        ...


class ConsultControl(Protocol):
    """Agents ask somebody while their caller hears music, for account ``by``. ``LocalProtocolError`` says why that
    cannot be.
    """

    def begin(self, call_id: str, to: str, by: str) -> None:
        """Set the caller aside and call ``to``, a colleague or a number outside; ``NotAllowed`` where that may not be
        called.
        """
        ...

    async def join(self, call_id: str, by: str) -> None:
        """All three talk."""
        ...

    def complete(self, call_id: str, by: str) -> None:
        """The caller talks on with whom was asked; the agent is hung up."""
        ...

    def leave(self, call_id: str, by: str) -> None:
        """Whom was asked is hung up; the agent talks on with the caller."""
        ...
