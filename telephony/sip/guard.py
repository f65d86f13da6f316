"""What the endpoint asks whoever keeps the door about messages that belong to no call. It knows nothing of users."""

from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from telephony.sip.hop import Hop
from telephony.sip.message import Request

Fields: TypeAlias = tuple[tuple[str, str], ...]

AMPLIFICATION: Final = 3
"""An answer to an unknown source is at most so many times as long as what asked for it (as RFC 9000 §8.1 has it)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say to a request."""

    status: int
    headers: Fields = ()
    reason: str = ""
    """The reason phrase, "" for the usual one."""


class Guard(Protocol):
    """Keeps the door."""

    def hears(self, source: Hop) -> bool:
        """Whether anything that comes from there is read at all."""
        ...

    def lets_in(self, source: Hop, now: float) -> bool:
        """Whether a request outside of any dialog from there is looked at; if not, it gets no answer."""
        ...

    def gate(self, request: Request, source: Hop, now: float) -> Answer | None:
        """The answer to a request that would begin something, to be given once and at once forgotten; None where it
        shall be served: with a transaction, repeats and memory.
        """
        ...


class OpenDoor:
    """Lets everybody in."""

    def hears(self, source: Hop) -> bool:
        """See ``Guard``."""
        return True

    def lets_in(self, source: Hop, now: float) -> bool:
        """See ``Guard``."""
        return True

    def gate(self, request: Request, source: Hop, now: float) -> Answer | None:
        """See ``Guard``."""
        return None
