"""Who may be called: refusals, do-not-call lists and consents are put on record and taken back; decisions are read."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from campaigns.rule_facts import ConsentGiven, ConsentWithdrawn, NumberBarred, NumberFreed
from campaigns.rules.records import Bar, Consent, Decided, Listed
from campaigns.rules.values import Rules, Standing
from core.errors import LocalProtocolError
from store.contact_changes import EARLIEST
from store.database import Database
from store.evidence import hold_evidence
from store.log import EventLog
from store.promises import promised_to
from store.reading import AnyRow
from store.rounds import anew_at
from store.schema import contacts
from store.schema_rules import consents, decisions, number_bars
from store.standings import past_of, standing_of
from store.writer import Transaction

_HELD: Final = select(number_bars.c.number).where(
    number_bars.c.number.in_(bindparam("numbers", expanding=True)),
    number_bars.c.kind == bindparam("of_kind"),
    number_bars.c.freed_at.is_(None),
)
_AGREED: Final = select(func.count()).where(
    consents.c.number == bindparam("of"), consents.c.purpose == bindparam("for"), consents.c.withdrawn_at.is_(None)
)

_WITHDRAWN: Final = 20
"""Consents of one person that were taken back which are shown."""


class Calling:
    """Writes and reads who may be called. Numbers are given in the form of ``core.numbers.normalise``."""

    def __init__(self, database: Database, log: EventLog) -> None:
        self._database = database
        self._log = log

    async def bar(
        self,
        numbers: Sequence[str],
        kind: str,
        how: str,
        by: str,
        note: str = "",
        call_id: str = "",
        *,
        campaign: str = "",
        contact: int = 0,
    ) -> int:
        """Bar those of ``numbers`` (a thousand at most) that are not barred by ``kind`` yet; how many these were.
        ``campaign`` is the one in whose call it was said, by its ``contact``.
        """

        def work(transaction: Transaction) -> int:
            wanted = list(dict.fromkeys(numbers))
            held = set(transaction.connection.execute(_HELD, {"numbers": wanted, "of_kind": kind}).scalars())
            fresh = [number for number in wanted if number not in held]
            for number in fresh:
                transaction.say(call_id, NumberBarred(number, kind, how, by, note, campaign, contact))
            return len(fresh)

        return await self._log.write(work)

    async def barred(self, numbers: Sequence[str], kind: str) -> frozenset[str]:
        """Those of ``numbers`` (a thousand at most) that are barred by ``kind``."""
        async with self._database.reading() as connection:
            found = await connection.execute(_HELD, {"numbers": numbers, "of_kind": kind})
            return frozenset(found.scalars())

    async def free(self, number: str, kind: str, by: str, why: str) -> None:
        """``number`` may be called again, as far as ``kind`` goes; ``LocalProtocolError`` where it was not barred."""

        def work(transaction: Transaction) -> None:
            if not transaction.connection.execute(_HELD, {"numbers": [number], "of_kind": kind}).first():
                raise LocalProtocolError(f"this number is not {kind}")
            transaction.say("", NumberFreed(number, kind, by, why))

        await self._log.write(work)

    async def agree(self, consent: ConsentGiven) -> None:
        """Put a consent on record, and what proves it on hold; refused as ``store.evidence.hold_evidence`` has it."""

        def work(transaction: Transaction) -> None:
            hold_evidence(transaction, consent)
            transaction.say("", consent)

        await self._log.write(work)

    async def disagree(self, number: str, purpose: str, by: str, why: str) -> None:
        """Take a consent back. ``LocalProtocolError`` where none is on record."""

        def work(transaction: Transaction) -> None:
            if not transaction.connection.scalar(_AGREED, {"of": number, "for": purpose}):
                raise LocalProtocolError(f"no consent to {purpose} calls is on record for this number")
            transaction.say("", ConsentWithdrawn(number, purpose, by, why))

        await self._log.write(work)

    async def bars(
        self, *, number: str = "", kind: str = "", held: bool = True, limit: int, offset: int = 0
    ) -> tuple[tuple[Bar, ...], int]:
        """Those of ``number`` and ``kind`` ("": any), the newest first, and how many there are in all; with ``held``
        only those that still hold.
        """
        table = number_bars
        which: list[ColumnElement[bool]] = [table.c.freed_at.is_(None)] if held else []
        which += [table.c.number == number] if number else []
        which += [table.c.kind == kind] if kind else []
        page = select(table).where(*which).order_by(table.c.seq.desc()).limit(limit).offset(offset)
        async with self._database.reading() as connection:
            rows = (await connection.execute(page)).all()
            total: int = await connection.scalar(select(func.count()).select_from(table).where(*which)) or 0
        return tuple(_bar(row) for row in rows), total

    async def consents(self, *, number: str = "", limit: int, offset: int = 0) -> tuple[Consent, ...]:
        """Those of ``number`` ("": of all), the newest first."""
        page = select(consents).order_by(consents.c.seq.desc()).limit(limit).offset(offset)
        if number:
            page = page.where(consents.c.number == number)
        async with self._database.reading() as connection:
            return tuple(_consent(row) for row in await connection.execute(page))

    async def withdrawn(self, numbers: Sequence[str]) -> tuple[Consent, ...]:
        """The consents of ``numbers`` that were taken back, the newest first."""
        mine = (consents.c.number.in_(numbers), consents.c.withdrawn_at.is_not(None))
        statement = select(consents).where(*mine).order_by(consents.c.withdrawn_at.desc(), consents.c.seq.desc())
        async with self._database.reading() as connection:
            return tuple(_consent(row) for row in await connection.execute(statement.limit(_WITHDRAWN)))

    async def listed(self, campaign: str, contact: int) -> Listed | None:
        """One contact of a campaign; None where it has none of that id."""
        statement = select(contacts, EARLIEST.label("earliest")).where(
            contacts.c.campaign == campaign, contacts.c.id == contact
        )

        def read(connection: Connection) -> Listed | None:
            row = connection.execute(statement).one_or_none()
            if row is None:
                return None
            promised = promised_to(connection, [contact]).get(contact)
            made_at = promised.made_at if promised else None
            past = past_of(connection, row.id, row.number, row.person, made_at)
            listed = Listed(row.id, row.number, row.name, row.state, row.result, row.not_before, past, made_at)
            listed = replace(listed, turn_at=row.earliest, anew_at=anew_at(connection, contact))
            return replace(listed, call_at=promised.call_at, agent=promised.agent) if promised else listed

        async with self._database.reading() as connection:
            return await connection.run_sync(read)

    async def decided(self, contact: int, *, limit: int) -> tuple[Decided, ...]:
        """What was decided about a contact, the newest first."""
        statement = (
            select(decisions).where(decisions.c.contact == contact).order_by(decisions.c.seq.desc()).limit(limit)
        )
        async with self._database.reading() as connection:
            return tuple(
                Decided(row.at, row.allowed, row.rule, row.not_before, row.attempt)
                for row in await connection.execute(statement)
            )

    async def standing(
        self, number: str, rules: Rules, now: float, listed: str = "", promised_at: float | None = None
    ) -> Standing:
        """What is on record of ``number``; see ``store.standings.standing_of``."""

        def read(connection: Connection) -> Standing:
            return standing_of(connection, number, rules, now, listed, promised_at)

        async with self._database.reading() as connection:
            return await connection.run_sync(read)


def _bar(row: AnyRow) -> Bar:
    return Bar(
        number=row.number,
        kind=row.kind,
        how=row.how,
        at=row.at,
        by=row.by,
        note=row.note,
        campaign=row.campaign,
        call_id=row.call_id,
        freed_at=row.freed_at,
        freed_by=row.freed_by,
        freed_why=row.freed_why,
    )


def _consent(row: AnyRow) -> Consent:
    return Consent(
        number=row.number,
        purpose=row.purpose,
        how=row.how,
        evidence=row.evidence,
        given_at=row.given_at,
        at=row.at,
        by=row.by,
        withdrawn_at=row.withdrawn_at,
        withdrawn_by=row.withdrawn_by,
        withdrawn_why=row.withdrawn_why,
    )
