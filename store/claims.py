"""Takes contacts out of dial lists: whether one may be called is decided and stored in the transaction that takes him,
so no refusal and no attempt of another campaign or node can come between. Part of ``store.contacts``.
"""

import json
from dataclasses import replace
from typing import Final

from sqlalchemy import bindparam, update

from campaigns.facts import AttemptStarted
from campaigns.list_order import Order
from campaigns.ports import Contact, NotYet
from campaigns.retry import RetryPlan, again_if_cut
from campaigns.rule_facts import ContactDecided
from campaigns.rules.table import OF_THE_HOUSE
from campaigns.rules.values import BARRED, Terms
from core.clock import Clock
from store.contact_changes import EARLIEST
from store.contact_states import DIALLING, DONE, PENDING
from store.due import Due, due, opens
from store.judging import judge
from store.log import EventLog
from store.schema import contacts
from store.writer import Transaction

_LEAST_S: Final = 1.0
"""Nobody who was put off is looked at again sooner."""

_TAKE: Final = (
    update(contacts)
    .where(contacts.c.id == bindparam("contact"), contacts.c.state == PENDING)
    .values(state=DIALLING)
)  # fmt: skip
_PUT_OFF_AGAIN: Final = (
    update(contacts)
    .where(contacts.c.campaign == bindparam("of"), contacts.c.state == PENDING, contacts.c.not_before > 0)
    .values(not_before=EARLIEST)
)
_BARRED_AGAIN: Final = (
    update(contacts)
    .where(contacts.c.campaign == bindparam("of"), contacts.c.state == DONE)
    .where(contacts.c.result.in_([f"{BARRED}{rule}" for rule in OF_THE_HOUSE]))
    .values(state=PENDING, result="", not_before=EARLIEST)
)


class Claims:
    """Contacts that are taken to be called."""

    def __init__(self, log: EventLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock

    async def claim(
        self, campaign: str, *, attempt: str, call_id: str, terms: Terms, retry: RetryPlan, order: Order
    ) -> Contact | NotYet | None:
        """See ``campaigns.ports.ContactStore``."""

        def work(transaction: Transaction) -> Contact | NotYet | None:
            now = self._clock.now()
            found = due(transaction.connection, campaign, order, now, attempt)
            for one in found:
                taken = _decide(transaction, one, AttemptStarted(attempt, campaign, one.id), call_id, terms, retry, now)
                if taken is not None:
                    return taken
            if found:
                return NotYet(now)  # who comes next in the list is looked at by the next transaction
            at = opens(transaction.connection, campaign)
            return None if at is None else NotYet(at)

        return await self._log.write(work)

    async def look_again(self, campaign: str) -> None:
        """See ``campaigns.ports.ContactStore``."""

        def work(transaction: Transaction) -> None:
            for statement in (_PUT_OFF_AGAIN, _BARRED_AGAIN):
                transaction.connection.execute(statement, {"of": campaign})

        await self._log.write(work)


def _decide(
    transaction: Transaction, one: Due, start: AttemptStarted, call_id: str, terms: Terms, retry: RetryPlan, now: float
) -> Contact | None:
    """Take ``one`` for the attempt that ``start`` names, at the number whose turn it is, if the rules let him be
    called.
    """
    connection, campaign = transaction.connection, start.campaign
    judged = judge(connection, one, terms, retry, now)
    decision, number, past = judged.decision, judged.number, judged.past
    if not decision.allowed:
        at = None if decision.not_before is None else max(decision.not_before, now + _LEAST_S)
        transaction.say("", ContactDecided(campaign, one.id, False, decision.rule, at), at=now)
        return None
    if connection.execute(_TAKE, {"contact": one.id}).rowcount != 1:
        return None  # another node's, which no lock of ours kept out
    transaction.say(call_id, ContactDecided(campaign, one.id, True, attempt=start.attempt), at=now)
    cut = again_if_cut(retry, past, number, now)
    transaction.say(call_id, replace(start, number=number, again_at=cut), at=now)
    spared = judged.who.abandoned_at is not None
    return Contact(one.id, campaign, number, one.name, json.loads(one.fields), spared, past, one.agent)
