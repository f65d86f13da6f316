"""The shares of campaigns' people who are not called, on disk; see ``campaigns.holdout``."""

from sqlalchemy import Connection, delete, exists, insert, select

from campaigns.holdout import Holdout
from core.errors import LocalProtocolError
from store.schema import contacts
from store.schema_selections import holdouts


def holdout_of(connection: Connection, campaign: str) -> Holdout | None:
    """Who of ``campaign`` is held out; None: nobody."""
    row = connection.execute(select(holdouts).where(holdouts.c.campaign == campaign)).one_or_none()
    return None if row is None else Holdout(row.campaign, row.percent, bytes.fromhex(row.key))


def settle_holdout(connection: Connection, wanted: Holdout, by: str, at: float) -> None:
    """Hold ``wanted`` out from now on. ``LocalProtocolError`` where another share was drawn before: groups drawn by two
    shares cannot be compared. The same again changes nothing, its first key stands; nor does a share bind of which
    nobody was drawn, because the campaign has no people yet.
    """
    settled = holdout_of(connection, wanted.campaign)
    percent = settled.percent if settled is not None else 0
    if percent == wanted.percent:
        return
    if settled is not None:
        if connection.scalar(select(exists().where(contacts.c.campaign == wanted.campaign))):
            raise LocalProtocolError(f"campaign {wanted.campaign!r} holds {percent} % out; that cannot be changed")
        connection.execute(delete(holdouts).where(holdouts.c.campaign == wanted.campaign))
    if wanted.percent:
        row = {"campaign": wanted.campaign, "percent": wanted.percent, "key": wanted.key.hex(), "by": by, "at": at}
        connection.execute(insert(holdouts).values(**row))
