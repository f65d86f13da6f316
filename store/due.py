"""Who of a dial list is due, in the order of ``campaigns.list_order``. Part of ``store.claims``, in whose transaction
it asks; each statement goes by an index, whatever the length of the list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from campaigns.list_order import Order, Share, Span, by_weight, mixed, open_spans, spans
from store.contact_states import PENDING
from store.reading import AnyRow
from store.schema import contacts
from store.schema_people import imports
from store.schema_promises import promises

AT_ONCE: Final = 20
"""Contacts that one transaction decides about at most: so long (about 10 ms) other facts wait for it."""
_LAST: Final = 2**62

_PENDING: Final = (contacts.c.campaign == bindparam("of"), contacts.c.state == PENDING)
_WITHIN: Final = contacts.c.id.between(bindparam("low"), bindparam("high"))
_PROMISED: Final = (
    select(contacts, promises.c.agent, promises.c.made_at)
    .join(promises, promises.c.contact == contacts.c.id)
    .where(promises.c.campaign == bindparam("of"), promises.c.open, promises.c.call_at <= bindparam("now"))
    .where(contacts.c.state == PENDING, contacts.c.not_before <= bindparam("now"))
    .order_by(promises.c.call_at, promises.c.seq)
    .limit(AT_ONCE)
    .with_for_update(skip_locked=True, of=contacts)
)
_FRESH: Final = (
    select(contacts)
    .where(*_PENDING, contacts.c.not_before == 0, _WITHIN)
    .order_by(contacts.c.id)
    .limit(AT_ONCE)
    .with_for_update(skip_locked=True)
)
_AGAIN: Final = (
    select(contacts)
    .where(*_PENDING, contacts.c.not_before > 0, contacts.c.not_before <= bindparam("now"), _WITHIN)
    .order_by(contacts.c.not_before, contacts.c.id)
    .limit(AT_ONCE)
    .with_for_update(skip_locked=True)
)
_NEWEST_FRESH: Final = select(func.max(contacts.c.id)).where(*_PENDING, contacts.c.not_before == 0)
_NEWEST_AGAIN: Final = select(func.max(contacts.c.id)).where(
    *_PENDING, contacts.c.not_before > 0, contacts.c.not_before <= bindparam("now")
)
_NEXT: Final = select(func.min(contacts.c.not_before)).where(*_PENDING, _WITHIN)
_NEXT_PROMISED: Final = (
    select(func.min(contacts.c.not_before))
    .join(promises, promises.c.contact == contacts.c.id)
    .where(promises.c.campaign == bindparam("of"), promises.c.open, contacts.c.state == PENDING)
)
_SHARES: Final = select(imports).where(imports.c.campaign == bindparam("of"), imports.c["first"] > 0)


@dataclass(frozen=True, slots=True)
class Due:
    """A contact whose turn it is. ``promised_at`` is when he was promised a call (None: he was not), by ``agent``."""

    id: int
    person: int
    number: str
    name: str
    fields: str
    promised_at: float | None = None
    agent: str = ""


def due(connection: Connection, campaign: str, order: Order, now: float, attempt: str) -> Sequence[Due]:
    """The next of ``campaign`` to be decided about for ``attempt``, at most ``AT_ONCE``."""
    whose: dict[str, str | float] = {"of": campaign, "now": now}
    promised = connection.execute(_PROMISED, whose).all()
    if promised:
        return [_due(row, row.made_at, row.agent) for row in promised]
    shares = shares_of(connection, campaign)
    statements = (_AGAIN, _FRESH) if order is Order.AGAIN else (_FRESH, _AGAIN)
    for span in _asked(connection, shares, order, whose, attempt):
        for statement in statements:
            rows = connection.execute(statement, {**whose, **_bounds(span)}).all()
            if rows:
                return [_due(row) for row in rows]
    return ()


def opens(connection: Connection, campaign: str) -> float | None:
    """When somebody is due next; None where nobody waits whom the quotas let be called, or who was promised a call."""
    found = [
        connection.scalar(_NEXT, {"of": campaign, **_bounds(span)})
        for span in open_spans(shares_of(connection, campaign))
    ]
    found.append(connection.scalar(_NEXT_PROMISED, {"of": campaign}))
    return min((at for at in found if at is not None), default=None)


def shares_of(connection: Connection, campaign: str) -> list[Share]:
    """The lists of a campaign."""
    rows = connection.execute(_SHARES, {"of": campaign})
    return [Share(row.id, row.first, row.weight, row.quota, row.completed) for row in rows]


def _asked(
    connection: Connection, shares: Sequence[Share], order: Order, whose: dict[str, str | float], attempt: str
) -> Sequence[Span]:
    if mixed(shares):
        return by_weight(shares, attempt)
    if order is not Order.NEWEST or len(shares) < 2:
        return open_spans(shares)
    wait = [(share, span) for share, span in spans(shares) if not share.full]
    if len(wait) < len(shares):  # some are full: the newest row may be of one of them
        return [span for _, span in reversed(wait)]
    newest = max(connection.scalar(one, whose) or 0 for one in (_NEWEST_FRESH, _NEWEST_AGAIN))
    return [span for _, span in wait if span.low <= newest <= span.high]


def _bounds(span: Span) -> dict[str, int]:
    return {"low": span.low, "high": _LAST if span.high == inf else int(span.high)}


def _due(row: AnyRow, promised_at: float | None = None, agent: str = "") -> Due:
    return Due(row.id, row.person, row.number, row.name, row.fields, promised_at, agent)
