"""Some consents at once: which of them cannot be put on record, and the others in one transaction, or none. Long lists:
``store.consent_lists``.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Final

from sqlalchemy import Connection, select

from campaigns.rule_facts import ConsentGiven
from campaigns.rules.evidence import Proof
from store.bulk import among, pieces
from store.database import Database
from store.evidence import ToHold, calls_there, hold, missing, recordings_of
from store.log import EventLog
from store.schema_rules import consents
from store.writer import Transaction

_PIECE: Final = 1000


class NotTaken(StrEnum):
    """Why a consent is not put on record."""

    KNOWN = "known"  # the same is on record
    WITHDRAWN = "withdrawn"  # the same was, and was withdrawn: a list that comes again does not revive it
    NO_RECORDING = "no_recording"  # its evidence is unknown, or was deleted
    NO_CALL = "no_call"  # its evidence is unknown


class Consents:
    """Looks at consents and puts them on record. The same consent is one of the same number, purpose, way, evidence
    and moment.
    """

    def __init__(self, database: Database, log: EventLog) -> None:
        self._database = database
        self._log = log

    async def look(self, given: Sequence[ConsentGiven]) -> Mapping[int, NotTaken]:
        """Which of ``given``, by their place, would not be taken."""
        async with self._database.reading() as connection:
            return await connection.run_sync(lambda sync: not_taken(sync, given)[0])

    async def take(self, given: Sequence[ConsentGiven]) -> Mapping[int, NotTaken]:
        """Put them on record, all at once, but for those that are returned (as by ``look``). Recordings that are
        evidence, or of calls that are, are put on legal hold.
        """

        return await self._log.write(partial(say_consents, given=given))


def say_consents(transaction: Transaction, given: Sequence[ConsentGiven]) -> Mapping[int, NotTaken]:
    """Put ``given`` on record in ``transaction`` but for those that are returned, by their place."""
    left, to_hold = not_taken(transaction.connection, given)
    held: set[ToHold] = set()
    for at, consent in enumerate(given):
        if at in left:
            continue
        hold(transaction, [one for one in to_hold.get(consent.evidence, ()) if one not in held], consent.by)
        held.update(to_hold.get(consent.evidence, ()))
        transaction.say("", consent)
    return left


def not_taken(
    connection: Connection, given: Sequence[ConsentGiven]
) -> tuple[dict[int, NotTaken], Mapping[str, Sequence[ToHold]]]:
    """Those that are not taken, by place, and by evidence the recordings that are not on hold yet."""
    known: dict[tuple[str, str, str, str, float], bool] = {}
    for numbers in pieces(list({each.number for each in given}), _PIECE):
        for row in connection.execute(select(consents).where(among(connection, consents.c.number, numbers))):
            key = (row.number, row.purpose, row.how, row.evidence, row.given_at)
            known[key] = known.get(key, False) or row.withdrawn_at is None
    evidence = {each.evidence for each in given}
    there, calls = recordings_of(connection, evidence), calls_there(connection, evidence)
    left: dict[int, NotTaken] = {}
    for at, each in enumerate(given):
        holds = known.get((each.number, each.purpose, each.how, each.evidence, each.given_at))
        if holds is not None:
            left[at] = NotTaken.KNOWN if holds else NotTaken.WITHDRAWN
        elif (gone := missing(each.evidence, there, calls)) is not None:
            left[at] = NotTaken.NO_CALL if gone is Proof.CALL else NotTaken.NO_RECORDING
    return left, there
