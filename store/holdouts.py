"""The shares of campaigns' people who are not called, on disk; see ``campaigns.holdout``."""

from sqlalchemy import Connection, insert, select

from campaigns.holdout import Holdout
from core.errors import LocalProtocolError
from store.schema_selections import holdouts


def holdout_of(connection: Connection, campaign: str) -> Holdout | None:
    """Who of ``campaign`` is held out; None: nobody."""
    row = connection.execute(select(holdouts).where(holdouts.c.campaign == campaign)).one_or_none()
    return None if row is None else Holdout(row.campaign, row.percent, bytes.fromhex(row.key))


def settle_holdout(connection: Connection, wanted: Holdout, by: str, at: float) -> None:
    """Hold ``wanted`` out from now on. ``LocalProtocolError`` where another share was settled before: groups drawn by
    two shares cannot be compared. The same again changes nothing, its first key stands.
    """
    settled = holdout_of(connection, wanted.campaign)
    if settled is None and wanted.percent:
        row = {"campaign": wanted.campaign, "percent": wanted.percent, "key": wanted.key.hex(), "by": by, "at": at}
        connection.execute(insert(holdouts).values(**row))
    elif settled is not None and settled.percent != wanted.percent:
        raise LocalProtocolError(f"campaign {wanted.campaign!r} holds {settled.percent} % out; that cannot be changed")
