"""Dial lists on disk: filled in one piece (by ``store.lists``), emptied contact by contact. Implements
``campaigns.ports.ContactStore``.
"""

from collections.abc import Callable, Iterable, Sequence
from math import inf

from sqlalchemy import Connection, func, select

from campaigns.list_order import Order
from campaigns.ports import Added, Contact, Counts, NewContact, NotYet, Overlap, unheard
from campaigns.retry import ONCE, RetryPlan
from campaigns.rules.decide import decide
from campaigns.rules.values import USUAL, Decision, Standing, Terms
from core.clock import Clock
from store.claims import Claims
from store.contact_states import DIALLING, DONE, PENDING
from store.database import Database
from store.lists import Lists
from store.log import EventLog
from store.schema import campaigns, contacts
from store.standings import standing_of


class Contacts:
    """Contacts by campaign."""

    def __init__(self, database: Database, log: EventLog, clock: Clock, lists: Lists) -> None:
        self._database = database
        self._log = log
        self._clock = clock
        self._claims = Claims(log, clock)
        self._lists = lists

    async def add(
        self,
        campaign: str,
        batches: Iterable[Sequence[NewContact]],
        moved: Callable[[int, int], None] = unheard,
    ) -> Added:
        """See ``campaigns.ports.ContactStore``."""
        return await self._lists.take(campaign, batches, moved)

    async def overlap(self, campaign: str, rows: Sequence[NewContact]) -> Overlap:
        """See ``campaigns.ports.ContactStore``."""
        return await self._lists.overlap(campaign, rows)

    async def claim(
        self,
        campaign: str,
        *,
        attempt: str,
        call_id: str,
        terms: Terms = USUAL,
        retry: RetryPlan = ONCE,
        order: Order = Order.LIST,
    ) -> Contact | NotYet | None:
        """See ``campaigns.ports.ContactStore``."""
        return await self._claims.claim(
            campaign, attempt=attempt, call_id=call_id, terms=terms, retry=retry, order=order
        )

    async def asked_again(self, contact: Contact, terms: Terms) -> Decision:
        """See ``campaigns.ports.ContactStore``."""
        now, listed_as = self._clock.now(), select(contacts.c.number).where(contacts.c.id == contact.id)

        def read(connection: Connection) -> Standing:
            listed = connection.scalar(listed_as) or contact.number
            no_tries = inf  # all are from before that
            return standing_of(connection, contact.number, terms.rules, now, listed, promised_at=no_tries)

        async with self._database.reading() as connection:
            return decide(await connection.run_sync(read), terms, now)

    async def look_again(self, campaign: str) -> None:
        """See ``campaigns.ports.ContactStore``."""
        await self._claims.look_again(campaign)

    async def counts(self, campaign: str) -> Counts:
        """See ``campaigns.ports.ContactStore``."""
        statement = (
            select(contacts.c.state, func.count()).where(contacts.c.campaign == campaign).group_by(contacts.c.state)
        )
        async with self._database.reading() as connection:
            by_state: dict[str, int] = {row[0]: row[1] for row in await connection.execute(statement)}
        return Counts(by_state.get(PENDING, 0), by_state.get(DIALLING, 0), by_state.get(DONE, 0))

    async def running(self) -> tuple[str, ...]:
        """See ``campaigns.ports.ContactStore``."""
        return await self._in_state("running")

    async def finished(self) -> tuple[str, ...]:
        """See ``campaigns.ports.ContactStore``."""
        return await self._in_state("finished")

    async def _in_state(self, state: str) -> tuple[str, ...]:
        statement = select(campaigns.c.name).where(campaigns.c.state == state).order_by(campaigns.c.created_at)
        async with self._database.reading() as connection:
            return tuple((await connection.execute(statement)).scalars())
