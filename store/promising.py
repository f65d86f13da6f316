"""Whether a contact can be promised a call (not where what is on record would never let it be made), and its moment."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, select

from campaigns.facts import ContactPromised
from campaigns.holdout import HELD_OUT
from campaigns.promised import PromisedCall, promised_call
from campaigns.retry import ONCE, RetryPlan
from campaigns.rules.values import USUAL, Terms
from core.errors import LocalProtocolError
from store.due import Due
from store.judging import judge
from store.schema import contacts
from store.stopped import refuse_stopped

_HIM: Final = select(contacts.c.number, contacts.c.person, contacts.c.result).where(
    contacts.c.id == bindparam("contact"), contacts.c.campaign == bindparam("of")
)


@dataclass(frozen=True, slots=True)
class Way:
    """By which ``terms`` and which plan (``retry``) a campaign calls."""

    terms: Terms = USUAL
    retry: RetryPlan = ONCE


def foreseen(connection: Connection, promised: ContactPromised, way: Way, now: float) -> PromisedCall | None:
    """When the contact is called who is ``promised`` it at ``now``; ``LocalProtocolError`` with the reason where he
    could never be, None where the campaign has none of that id.
    """
    row = connection.execute(_HIM, {"contact": promised.contact, "of": promised.campaign}).one_or_none()
    if row is None:
        return None
    refuse_stopped(connection, promised.campaign)
    if row.result == HELD_OUT:
        raise LocalProtocolError(
            "不能约定回电：此客户在对照组，本任务不拨打 / no call can be promised: he is held out of this campaign"
        )
    one = Due(promised.contact, row.person, row.number, "", "", promised_at=now)
    decision = judge(connection, one, way.terms, way.retry, max(now, promised.call_at)).decision
    if decision.for_good:
        raise LocalProtocolError(f"不能约定回电：{decision.zh} / no call can be promised: {decision.en}")
    return promised_call(promised.call_at, decision)
