"""In which round of its campaign somebody was called. Keeping in touch and living selections (``again_days``) call the
same people anew: each renewal begins the next round of that contact, so round 2 of one may be over before that of
another begins.

What is kept is when each round of a contact began, not the round of each attempt: so starting an attempt costs nothing
more, and campaigns in which nobody was called anew are counted as before.
"""

from typing import Final

from sqlalchemy import ColumnElement, Connection, Float, Insert, Integer, and_, bindparam, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.gate import CampaignState
from campaigns.retry import ONCE_MORE
from campaigns.rules.values import DAY_S
from store.contact_states import DONE
from store.schema import attempts, campaigns, contacts
from store.schema_selections import contact_rounds, feeds

_ROUNDS: Final = select(func.max(contact_rounds.c.round)).where(contact_rounds.c.campaign == bindparam("of"))
_FIRST: Final = literal(1, Integer)
ALL: Final = 0
"""All rounds together."""
MANY: Final = 2
"""In place of the number of rounds, where nobody has asked for it: rounds are counted as they are."""
_RESTED_AT: Final = (
    select(func.max(attempts.c.started_at) + feeds.c.again_days * DAY_S)
    .select_from(contacts)
    .join(campaigns, and_(campaigns.c.name == contacts.c.campaign, campaigns.c.state != CampaignState.STOPPED))
    .join(feeds, and_(feeds.c.campaign == contacts.c.campaign, feeds.c.living, feeds.c.again_days > 0))
    .join(attempts, attempts.c.contact == contacts.c.id)
    .where(contacts.c.id == bindparam("of"), contacts.c.state == DONE)
    .where(contacts.c.result.in_(sorted(result.value for result in ONCE_MORE)))
    .group_by(feeds.c.again_days)
)


async def rounds_of(connection: AsyncConnection, campaign: str) -> int:
    """How many rounds the campaign has had: 1 where nobody was called anew."""
    return await connection.scalar(_ROUNDS, {"of": campaign}) or 1


def round_at(contact: ColumnElement[int], at: ColumnElement[float], rounds: int) -> ColumnElement[int]:
    """The round of ``contact`` at the moment ``at``, in a campaign that has had so many ``rounds``."""
    begun = contact_rounds.alias()
    before = select(func.count()).where(begun.c.contact == contact, begun.c.since <= at)
    return _FIRST if rounds == 1 else 1 + before.scalar_subquery()


def round_now(contact: ColumnElement[int], rounds: int) -> ColumnElement[int]:
    """The round in which ``contact`` is, or with which he is done."""
    begun = contact_rounds.alias()
    before = select(func.count()).where(begun.c.contact == contact)
    return _FIRST if rounds == 1 else 1 + before.scalar_subquery()


def anew_at(connection: Connection, contact: int) -> float | None:
    """From when on (epoch seconds) a contact who is done is called anew, if the living selection of his campaign still
    asks for him; None where it asks for nobody twice, or not after such a result.
    """
    found: float | None = connection.scalar(_RESTED_AT, {"of": contact})
    return found


def begin_rounds(which: ColumnElement[bool], now: float) -> Insert:
    """The next round of the contacts ``which`` begins ``now`` (epoch seconds)."""
    following = 1 + round_now(contacts.c.id, MANY)
    rows = select(contacts.c.id, following, contacts.c.campaign, literal(now, Float)).where(which)
    return insert(contact_rounds).from_select(["contact", "round", "campaign", "since"], rows)
