"""Who is in a campaign's list, and how many of them were tried: the counts behind the list of campaigns, the live
picture and the report (METRICS: penetration is tried / list).
"""

from typing import Final

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select

from campaigns.holdout import HELD_OUT, PUT_ASIDE, UNCALLED
from store.dialled import DIALLED
from store.rounds import ALL, round_at, round_now
from store.schema import attempts, contacts

LISTED: Final[ColumnElement[bool]] = and_(
    contacts.c.result != HELD_OUT, or_(contacts.c.result != PUT_ASIDE, contacts.c.renewed_at > 0)
)
"""Who was to be called: not whom the campaign does without, nor whom its selection does not mean any more; but who was
called in an earlier round stays in the list.
"""
SENT: Final = and_(attempts.c.campaign == bindparam("of"), DIALLED)
"""Attempts of campaign ``of``; those that sent nothing (yet) are none."""
TRIED: Final = select(func.count(attempts.c.contact.distinct())).where(SENT)
"""Contacts of campaign ``of`` who were called once at least, or are being called."""


def of_round(chosen: int, rounds: int) -> tuple[ColumnElement[bool], ...]:
    """Attempts of round ``chosen`` of ``rounds``; without a condition for ``ALL``."""
    return () if chosen == ALL else (round_at(attempts.c.contact, attempts.c.started_at, rounds) == chosen,)


def listed_in(chosen: int, rounds: int) -> ColumnElement[bool]:
    """Contacts who were to be called in round ``chosen`` of ``rounds``: those who are in it, and who were."""
    now = round_now(contacts.c.id, rounds)
    here = and_(now == chosen, contacts.c.result.not_in(sorted(UNCALLED)))
    return LISTED if chosen == ALL else or_(now > chosen, here)
