"""``console.sent_ports.SentControl``: rows that programs send, read as the rows of lists are and taken in at once."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias
from zoneinfo import ZoneInfo

from campaigns.consent_sheet import FIELDS
from campaigns.flaws import Flaw, words
from campaigns.list_file import GUESS
from campaigns.list_reader import ListReader
from campaigns.ports import NewContact
from campaigns.rejects import Reject
from campaigns.rules.values import Purpose
from campaigns.sent_rows import SentRow, sent_contacts, sent_fields
from console.sent_views import SentView, sent_view
from core.clock import Clock
from desk.record_sheets import HEADINGS, KINDS
from service import consents_import, records_import
from store.store import Store


class Campaigns(Protocol):
    """The campaigns of the house (``service.outbound.Outbound``)."""

    @property
    def names(self) -> Sequence[str]:
        """Those that there are."""
        ...

    async def go_on(self, name: str) -> None:
        """Somebody has come whom one is to call."""
        ...


Spawn: TypeAlias = Callable[[str, Coroutine[None, None, object]], object]


class SentIntake:
    """``zone`` is that of days and times without an offset, ``spawn`` has work done in the background."""

    def __init__(self, store: Store, campaigns: Campaigns, clock: Clock, zone: ZoneInfo, spawn: Spawn) -> None:
        self._store = store
        self._campaigns = campaigns
        self._clock = clock
        self._zone = zone
        self._spawn = spawn

    async def contacts(self, campaign: str, rows: Sequence[SentRow], *, by: str, partial: bool) -> SentView | None:
        """See the port."""
        if campaign not in self._campaigns.names:
            return None
        good, rejects = await asyncio.to_thread(_read, rows)
        if campaign not in self._campaigns.names:  # it was removed meanwhile
            return None
        rejected = {each.line: each.reason for each in rejects}
        if not good or (rejected and not partial):
            return sent_view(len(rows), rejected, {})
        done = await self._store.sent_contacts.take(campaign, good, rejected=len(rejected), by=by)
        if done.taken:
            self._spawn(f"leads of campaign {campaign}", self._campaigns.go_on(campaign))
        known = dict.fromkeys(done.known, words(Flaw.KNOWN))
        return sent_view(len(rows), rejected, known, {**done.taken, **done.known})

    async def records(self, kind: str, rows: Sequence[SentRow], *, partial: bool) -> SentView | None:
        """See the port."""
        if kind not in KINDS:
            return None
        sent = sent_fields(rows, {field: HEADINGS[field] for field in KINDS[kind].fields})
        now = datetime.fromtimestamp(self._clock.now(), self._zone)
        rejects = await records_import.take_sent(sent, kind, self._store.records, now, partial=partial)
        return sent_view(len(rows), {each.line: each.reason for each in rejects}, {})

    async def consents(self, purpose: Purpose | None, rows: Sequence[SentRow], *, by: str, partial: bool) -> SentView:
        """See the port."""
        terms = consents_import.Terms(purpose, self._zone, self._clock.now(), by)
        sent = sent_fields(rows, FIELDS)
        done = await consents_import.take_sent(sent, self._store.consents, terms, partial=partial)
        return sent_view(len(rows), done.rejected, done.known)


def _read(rows: Sequence[SentRow]) -> tuple[list[NewContact], list[Reject]]:
    """The good rows, and those that are not."""
    rejects: list[Reject] = []
    reader = ListReader(sent_contacts(rows), rejects.append, where="rows", wanted=GUESS)
    return [contact for batch in reader.batches() for contact in batch], rejects
