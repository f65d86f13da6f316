"""The ledger: every decision to call or not, every refusal, listing and consent, and what took it back, and every
promise to call (after which earlier tries no longer count), in one chain.

Each line is canonical JSON (keys in order, no spaces, ASCII) that holds the SHA-256 of the line before; its own hash
is kept beside it. It is written in the transaction of the fact (``store.projection``), by the one writer that there is
at a time, so it has the order of the log and no gaps. Whoever changes, drops or slips in a line breaks the chain there;
whoever cuts off its end leaves facts in the log that no line holds, or, if he cut both, a head that differs from the
one noted elsewhere.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.facts import ContactPromised
from campaigns.rule_facts import ConsentGiven, ConsentWithdrawn, ContactDecided, NumberBarred, NumberFreed
from core.events import Event, pack
from store.changes import plain
from store.database import Database
from store.ledger_tables import Difference, TableCheck
from store.reading import PIECE
from store.schema import events
from store.schema_rules import ledger

KINDS: Final = (ContactDecided, NumberBarred, NumberFreed, ConsentGiven, ConsentWithdrawn, ContactPromised)
"""The facts that it holds."""
NAMES: Final = tuple(kind.name for kind in KINDS)
GENESIS: Final = "0" * 64
"""What stands for the hash before the first line."""

_LAST: Final = select(ledger.c.line, ledger.c.hash).order_by(ledger.c.line.desc()).limit(1)
_ENTER: Final = insert(ledger)
_PIECE: Final = select(ledger).where(ledger.c.line > bindparam("after")).order_by(ledger.c.line).limit(PIECE)
_FACTS: Final = select(events).where(events.c.id.in_(bindparam("ids", expanding=True))).order_by(events.c.seq)
_MISSING: Final = (
    select(events.c.seq)
    .outerjoin(ledger, ledger.c.event == events.c.id)
    .where(events.c.name.in_(NAMES), ledger.c.event.is_(None))
    .order_by(events.c.seq)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Verified:
    """How the ledger stands: so many ``lines`` are whole, the last of them with hash ``head``. ``broken_at`` is the
    first line that is not, None where all are; ``why`` says what is wrong there. So many rows are ``differing`` of the
    tables by which calls are decided, as far as the lines are whole; the ``first`` of them.
    """

    lines: int
    head: str
    broken_at: int | None = None
    why: str = ""
    differing: int = 0
    first: tuple[Difference, ...] = ()

    @property
    def whole(self) -> bool:
        """The ledger is, and the tables say what it says."""
        return self.broken_at is None and not self.differing


def line_text(line: int, before: str, event: Event) -> str:
    """What line number ``line`` says of ``event``, after the line with hash ``before``."""
    said = {
        "line": line,
        "before": before,
        "event": event.id,
        "at": event.at,
        "call": event.call_id,
        "name": event.fact.name,
        "fact": pack(event.fact),
    }
    return canonical(said)


def canonical(value: object) -> str:
    """JSON in the one form of which hashes are made."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=plain)


def hash_of(text: str) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def enter(connection: Connection, batch: Sequence[Event]) -> None:
    """Write the lines of those facts of ``batch`` that the ledger holds."""
    mine = [event for event in batch if isinstance(event.fact, KINDS)]
    if not mine:
        return
    last = connection.execute(_LAST).one_or_none()
    line, before = (last.line, last.hash) if last is not None else (0, GENESIS)
    rows = []
    for event in mine:
        line += 1
        text = line_text(line, before, event)
        before = hash_of(text)
        rows.append({"line": line, "event": event.id, "text": text, "hash": before})
    connection.execute(_ENTER, rows)


def check_line(line: int, event: str, text: str, stored: str, so_far: Verified) -> Verified:
    """How far the ledger is whole with one line more, which the table has with hash ``stored``."""
    wanted = so_far.lines + 1
    fault = _fault(line, event, text, stored, so_far)
    return Verified(so_far.lines, so_far.head, wanted, fault) if fault else Verified(wanted, stored)


def _fault(line: int, event: str, text: str, stored: str, so_far: Verified) -> str:
    if line != so_far.lines + 1:
        return "the line is missing"
    if not text.isascii() or hash_of(text) != stored:
        return "the text was changed: its hash is another"
    try:
        said = json.loads(text)
    except ValueError:
        return "the text is no JSON"
    if not isinstance(said, dict) or canonical(said) != text:
        return "the text is not in canonical form"
    if said.get("before") != so_far.head:
        return "it does not follow the line before it"
    if said.get("line") != line or said.get("event") != event:
        return "its number or its event is another than in the text"
    return ""


class Ledger:
    """Reads the ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def verify(self) -> Verified:
        """Look at every line: its hash, the chain, and that the log says the same; that no fact of the log is missing;
        and that the tables by which calls are decided hold what the lines say. All of it is of one moment; the service
        may run meanwhile.
        """
        async with self._database.reading() as connection:
            tables = await TableCheck.begin(connection)
            so_far = await _chain(connection, tables)
        return replace(so_far, differing=tables.differing, first=tuple(tables.first))

    async def holds(self, head: str) -> bool:
        """Whether a line has the hash ``head``, which was noted at some time; the one before the first always is
        there.
        """
        async with self._database.reading() as connection:
            found = await connection.scalar(select(func.count()).where(ledger.c.hash == head))
        return head == GENESIS or bool(found)


async def _chain(connection: AsyncConnection, tables: TableCheck) -> Verified:
    so_far = Verified(0, GENESIS)
    while True:
        rows = (await connection.execute(_PIECE, {"after": so_far.lines})).all()
        told = (await connection.execute(_FACTS, {"ids": [row.event for row in rows]})).all()
        facts = {row.id: canonical(_as_logged(row.id, row.at, row.call_id, row.name, row.data)) for row in told}
        for row in rows:
            before = so_far
            so_far = check_line(row.line, row.event, row.text, row.hash, before)
            if so_far.broken_at is not None:
                return so_far
            why = _differs(row.text, facts.get(row.event))
            if why:
                return Verified(before.lines, before.head, row.line, why)
        await tables.hold(connection, told)
        if len(rows) < PIECE:
            break
    missing = await connection.scalar(_MISSING)
    if missing is not None:
        why = f"the log's fact {missing} has no line: the end was cut off"
        return Verified(so_far.lines, so_far.head, so_far.lines + 1, why)
    await tables.end(connection)
    return so_far


def _as_logged(event: str, at: float, call_id: str, name: str, data: str) -> dict[str, object]:
    return {"event": event, "at": at, "call": call_id, "name": name, "fact": json.loads(data)}


def _differs(text: str, logged: str | None) -> str:
    """Why the log, whose fact is ``logged``, does not say what the line's ``text`` says."""
    if logged is None:
        return "the log does not hold this fact"
    said = json.loads(text)
    del said["line"], said["before"]
    return "" if canonical(said) == logged else "the log says something else"
