"""Many consents at once: which of them cannot be put on record, and the others in one transaction, or none."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, select

from archive.facts import RecordingHeld
from campaigns.rule_facts import ConsentGiven
from core.ids import KIND_PREFIXES
from store.bulk import among, pieces
from store.database import Database
from store.log import EventLog
from store.schema import recordings
from store.schema_rules import consents
from store.writer import Transaction

RECORDING: Final = f"{KIND_PREFIXES['recording']}-"
"""Evidence that begins so is a recording."""
WHY_HELD: Final = "同意凭证 evidence of consent"
_PIECE: Final = 1000


class NotTaken(StrEnum):
    """Why a consent is not put on record."""

    KNOWN = "known"  # the same is on record
    WITHDRAWN = "withdrawn"  # the same was, and was withdrawn: a list that comes again does not revive it
    NO_RECORDING = "no_recording"  # its evidence is unknown, or was deleted


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
            return await connection.run_sync(lambda sync: _not_taken(sync, given)[0])

    async def take(self, given: Sequence[ConsentGiven]) -> Mapping[int, NotTaken]:
        """Put them on record, all at once, but for those that are returned (as by ``look``). Recordings that are
        evidence are put on legal hold.
        """

        def work(transaction: Transaction) -> Mapping[int, NotTaken]:
            left, to_hold = _not_taken(transaction.connection, given)
            for at, consent in enumerate(given):
                if at in left:
                    continue
                if (call_id := to_hold.pop(consent.evidence, None)) is not None:
                    transaction.say(call_id, RecordingHeld(consent.evidence, consent.by, WHY_HELD))
                transaction.say("", consent)
            return left

        return await self._log.write(work)


def _not_taken(connection: Connection, given: Sequence[ConsentGiven]) -> tuple[dict[int, NotTaken], dict[str, str]]:
    """Those that are not taken, by place, and the calls of recordings that are evidence and not on hold yet."""
    known: dict[tuple[str, str, str, str, float], bool] = {}
    for numbers in pieces(list({each.number for each in given}), _PIECE):
        for row in connection.execute(select(consents).where(among(connection, consents.c.number, numbers))):
            key = (row.number, row.purpose, row.how, row.evidence, row.given_at)
            known[key] = known.get(key, False) or row.withdrawn_at is None
    there: set[str] = set()
    to_hold: dict[str, str] = {}
    for ids in pieces(list({each.evidence for each in given if each.evidence.startswith(RECORDING)}), _PIECE):
        table = recordings.c
        statement = select(table.id, table.call_id, table.held_at).where(
            among(connection, table.id, ids), table.deleted_at.is_(None)
        )
        for row in connection.execute(statement):
            there.add(row.id)
            if row.held_at is None:
                to_hold[row.id] = row.call_id
    left: dict[int, NotTaken] = {}
    for at, each in enumerate(given):
        holds = known.get((each.number, each.purpose, each.how, each.evidence, each.given_at))
        if holds is not None:
            left[at] = NotTaken.KNOWN if holds else NotTaken.WITHDRAWN
        elif each.evidence.startswith(RECORDING) and each.evidence not in there:
            left[at] = NotTaken.NO_RECORDING
    return left, to_hold
