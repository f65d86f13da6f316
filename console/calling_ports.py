"""What the console needs of other rooms to show and change who may be called, by the rules of ``console.ports``."""

from collections.abc import Sequence
from typing import Protocol

from campaigns.facts import ContactPromised
from campaigns.promised import PromisedCall
from campaigns.rules.records import Bar, Consent
from console.calling_views import WhyView


class CallingControl(Protocol):
    """Refusals, do-not-call lists, consents, and the reasons of decisions. Numbers are in the form of the house."""

    async def why(self, campaign: str, contact: int) -> WhyView | None:
        """Why the contact is called or not; None where the campaign has none of that id."""
        ...

    async def promise(self, promised: ContactPromised) -> PromisedCall | None:
        """Call the contact at the time, or at the first moment after it that the rules allow, which is told; None where
        the campaign has none of that id, ``LocalProtocolError`` with the rule where he could never be called.
        """
        ...

    async def bars(
        self, *, number: str = "", kind: str = "", held: bool = True, limit: int, offset: int = 0
    ) -> tuple[Sequence[Bar], int]:
        """Numbers that are not called, the newest first, and how many there are in all."""
        ...

    async def bar(self, numbers: Sequence[str], kind: str, how: str, by: str, note: str = "", call_id: str = "") -> int:
        """Call these (a thousand at most) no more; how many of them were not barred so before."""
        ...

    async def free(self, number: str, kind: str, by: str, why: str) -> None:
        """This one may be called again, as far as ``kind`` goes; ``LocalProtocolError`` where it was not barred so."""
        ...

    async def consents(self, *, number: str = "", limit: int, offset: int = 0) -> Sequence[Consent]:
        """Who has agreed to what, the newest first."""
        ...

    async def agree(self, number: str, purpose: str, how: str, evidence: str, given_at: float, by: str) -> None:
        """Put a consent on record. Evidence that is a recording is held; ``LocalProtocolError`` where it is gone,
        ``ParseError`` where it is a call that there is not.
        """
        ...

    async def disagree(self, number: str, purpose: str, by: str, why: str) -> None:
        """Take a consent back; ``LocalProtocolError`` where none is on record."""
        ...
