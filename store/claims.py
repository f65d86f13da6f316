"""Takes contacts out of dial lists: whether one may be called is decided and stored in the transaction that takes him,
so no refusal and no attempt of another campaign or node can come between. Part of ``store.contacts``.
"""

import json
from typing import Final

from sqlalchemy import bindparam, func, select, update

from campaigns.facts import AttemptStarted
from campaigns.ports import Contact, NotYet
from campaigns.rule_facts import ContactDecided
from campaigns.rules.decide import decide
from campaigns.rules.table import OF_THE_HOUSE
from campaigns.rules.values import BARRED, Terms
from core.clock import Clock
from store.contact_states import DIALLING, DONE, PENDING
from store.log import EventLog
from store.schema import contacts
from store.standings import standing_of
from store.writer import Transaction

_AT_ONCE: Final = 20
"""Contacts that one transaction decides about at most: so long (about 10 ms) other facts wait for it."""
_LEAST_S: Final = 1.0
"""Nobody who was put off is looked at again sooner."""

_IN_LIST: Final = (contacts.c.campaign == bindparam("of"), contacts.c.state == PENDING)
_DUE: Final = (
    select(contacts)
    .where(*_IN_LIST, contacts.c.not_before <= bindparam("now"))
    .order_by(contacts.c.not_before, contacts.c.id)
    .limit(_AT_ONCE)
    .with_for_update(skip_locked=True)
)
_NEXT: Final = select(func.min(contacts.c.not_before)).where(*_IN_LIST)
_TAKE: Final = (
    update(contacts)
    .where(contacts.c.id == bindparam("contact"), contacts.c.state == PENDING)
    .values(state=DIALLING)
)  # fmt: skip
_PUT_OFF_AGAIN: Final = (
    update(contacts)
    .where(contacts.c.campaign == bindparam("of"), contacts.c.state == PENDING, contacts.c.not_before > 0)
    .values(not_before=0.0)
)
_BARRED_AGAIN: Final = (
    update(contacts)
    .where(contacts.c.campaign == bindparam("of"), contacts.c.state == DONE)
    .where(contacts.c.result.in_([f"{BARRED}{rule}" for rule in OF_THE_HOUSE]))
    .values(state=PENDING, result="", not_before=0.0)
)


class Claims:
    """Contacts that are taken to be called."""

    def __init__(self, log: EventLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock

    async def claim(self, campaign: str, *, attempt: str, call_id: str, terms: Terms) -> Contact | NotYet | None:
        """See ``campaigns.ports.ContactStore``."""

        def work(transaction: Transaction) -> Contact | NotYet | None:
            return _claim(transaction, campaign, attempt, call_id, terms, self._clock.now())

        return await self._log.write(work)

    async def look_again(self, campaign: str) -> None:
        """See ``campaigns.ports.ContactStore``."""

        def work(transaction: Transaction) -> None:
            for statement in (_PUT_OFF_AGAIN, _BARRED_AGAIN):
                transaction.connection.execute(statement, {"of": campaign})

        await self._log.write(work)


def _claim(
    transaction: Transaction, campaign: str, attempt: str, call_id: str, terms: Terms, now: float
) -> Contact | NotYet | None:
    connection = transaction.connection
    due = connection.execute(_DUE, {"of": campaign, "now": now}).all()
    for row in due:
        who = standing_of(connection, row.number, terms.rules, now)
        decision = decide(who, terms, now)
        if decision.allowed:
            if connection.execute(_TAKE, {"contact": row.id}).rowcount != 1:
                continue  # another node's, which no lock of ours kept out
            transaction.say(call_id, ContactDecided(campaign, row.id, True, attempt=attempt), at=now)
            transaction.say(call_id, AttemptStarted(attempt, campaign, row.id), at=now)
            spared = who.abandoned_at is not None
            return Contact(row.id, campaign, row.number, row.name, json.loads(row.fields), spared)
        opens = None if decision.not_before is None else max(decision.not_before, now + _LEAST_S)
        transaction.say("", ContactDecided(campaign, row.id, False, decision.rule, opens), at=now)
    if due:
        return NotYet(now)  # who comes next in the list is looked at by the next transaction
    opens = connection.scalar(_NEXT, {"of": campaign})
    return None if opens is None else NotYet(opens)
