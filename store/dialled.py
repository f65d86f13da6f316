"""Which attempts have dialled, and how a contact stands by that. Whom an agent only reads about before a call (preview,
by hand) has an open attempt, so that nobody else takes him; he is not called before his leg begins.
"""

from typing import Final

from sqlalchemy import ColumnElement, and_, case, exists, or_

from campaigns.attempt import Result
from store.contact_states import DIALLING, PENDING
from store.schema import attempts, contacts, legs

CUSTOMER: Final = "customer"
"""The role of the leg to a contact; it begins with the first packet to him."""
DIALLED: Final[ColumnElement[bool]] = and_(
    attempts.c.result != Result.WITHDRAWN.value,
    or_(
        attempts.c.ended_at.is_not(None),
        exists().where(legs.c.call_id == attempts.c.call_id, legs.c.role == CUSTOMER).correlate(attempts),
    ),
)
"""Attempts in which a number was dialled: not those that sent nothing, nor those that have not sent anything yet."""
_ONGOING: Final = (
    exists().where(attempts.c.contact == contacts.c.id, attempts.c.ended_at.is_(None), DIALLED).correlate(contacts)
)
STANDS: Final[ColumnElement[str]] = case(
    (and_(contacts.c.state == DIALLING, ~_ONGOING), PENDING), else_=contacts.c.state
)
"""How a contact stands: who is only read about is pending."""
