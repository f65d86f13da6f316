"""Wakes the dialers when contacts may have become due: a list or a selection came in, a promise was made, the share of
a list changed, a bar was lifted, a consent given, a complaint closed. The log on disk is asked, as most of that is
written by other processes (the workers that take lists in, the command line), of which this one hears nothing
otherwise.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from campaigns.facts import ComplaintsClosed, ContactPromised, ContactsImported, ListShareChanged
from campaigns.rule_facts import ConsentGiven, NumberFreed
from store.rows import StoredEvent

LOOK_EVERY_S: Final = 1.0
NAMES: Final = tuple(each.name for each in (ContactsImported, ContactPromised, ListShareChanged))
"""Facts that tell a campaign."""
OF_ALL: Final = tuple(each.name for each in (NumberFreed, ConsentGiven, ComplaintsClosed))
"""Those of people; by a long list come thousands in a second, so it is asked only whether there are any."""


class Facts(Protocol):
    """The log as it is on disk (``store.events.Events``)."""

    async def last(self) -> int:
        """``seq`` of the newest event."""
        ...

    async def named_after(self, seq: int, names: Sequence[str]) -> Sequence[StoredEvent]:
        """Events of ``names`` with a greater ``seq``, oldest first."""
        ...

    async def any_after(self, seq: int, names: Sequence[str]) -> bool:
        """Whether there are such."""
        ...


class NewlyDue:
    """``look(campaign)`` is called for each that may have somebody to call, "" for all of them."""

    def __init__(self, facts: Facts, look: Callable[[str], None]) -> None:
        self._facts = facts
        self._look = look
        self._seen: int | None = None

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.once()
            await asyncio.sleep(LOOK_EVERY_S)

    async def once(self) -> None:
        """Tell what has come since the last time; the first time nothing, as whoever starts looks by himself."""
        if self._seen is None:
            self._seen = await self._facts.last()
            return
        newest = await self._facts.last()
        if newest == self._seen:
            return
        found = await self._facts.named_after(self._seen, NAMES)
        campaigns = dict.fromkeys(str(event.fields["campaign"]) for event in found)
        if await self._facts.any_after(self._seen, OF_ALL):
            campaigns[""] = None
        self._seen = newest
        for campaign in campaigns:
            self._look(campaign)
