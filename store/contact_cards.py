"""Who is called in a call of a campaign: what the list says of him, for the agent's page."""

import json
from typing import Final

from sqlalchemy import bindparam, select

from desk.contact_card import ContactCard
from store.database import Database
from store.schema import attempts, contacts

_CARD: Final = (
    select(contacts.c.campaign, contacts.c.name, contacts.c.fields)
    .join(attempts, attempts.c.contact == contacts.c.id)
    .where(attempts.c.call_id == bindparam("call_id"))
    .limit(1)
)


class ContactCards:
    """Reads attempts and their contacts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_call(self, call_id: str) -> ContactCard | None:
        """Who is called in ``call_id``; None where no campaign calls."""
        async with self._database.reading() as connection:
            row = (await connection.execute(_CARD, {"call_id": call_id})).one_or_none()
        return None if row is None else ContactCard(row.campaign, row.name, json.loads(row.fields))
