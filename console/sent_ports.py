"""What the console needs of other rooms for rows that programs send, by the rules of ``console.ports``."""

from collections.abc import Sequence
from typing import Protocol

from campaigns.rules.values import Purpose
from campaigns.sent_rows import SentRow
from console.sent_views import SentView


class SentControl(Protocol):
    """Takes rows in as those of lists are. Unless ``partial``, a row that is not good means that nothing is taken in;
    the answer is then about the rows that are not. ``ParseError`` where the rows as a whole cannot be read.
    """

    async def contacts(self, campaign: str, rows: Sequence[SentRow], *, by: str, partial: bool) -> SentView | None:
        """Into a campaign; None where there is none of that name. ``Unavailable`` while a long list is on its way into
        it.
        """
        ...

    async def records(self, kind: str, rows: Sequence[SentRow], *, partial: bool) -> SentView | None:
        """Records of a kind (``desk.record_sheets.KINDS``), each in place of the one that it is about; None where there
        is no such kind.
        """
        ...

    async def consents(self, purpose: Purpose | None, rows: Sequence[SentRow], *, by: str, partial: bool) -> SentView:
        """Consents to calls, those that name no purpose for ``purpose`` (None: they are refused)."""
        ...
