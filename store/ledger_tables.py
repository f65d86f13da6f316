"""Do the tables by which calls are decided say what the ledger says? Part of ``store.ledger``.

Bars, consents, decisions and promises are made from facts of which the ledger has a line each. They are made again
from them here, row by row in the order of the log, and held against the tables: a row that is missing, that was
changed or that no fact made is found. Facts and rows are read piece by piece; only what was taken back (a refusal, a
consent: each by somebody's hand) is kept in memory as a whole.

What else a decision looks at is not in the ledger, and not looked at here: complaints are records of the house,
attempts and dispositions are facts of the log without a line, and whether a promise is still open follows from
attempts.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from sqlalchemy import Insert, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.facts import ContactPromised
from campaigns.rule_facts import ConsentWithdrawn, NumberFreed
from core.events import Event, Scalar, unpack
from core.numbers import mask
from store.changes import Change, Values
from store.contact_changes import contact_changes
from store.reading import AnyRow, each
from store.rule_changes import rule_changes
from store.schema import events
from store.schema_promises import promises
from store.schema_rules import consents, decisions, number_bars

TABLES: Final = (number_bars, consents, decisions, promises)
"""The tables that are looked at."""
MOST: Final = 10
"""Differences that are told one by one."""
_TAKEN_BACK: Final = (
    select(events).where(events.c.name.in_((NumberFreed.name, ConsentWithdrawn.name))).order_by(events.c.seq)
)
_UNSAID: Final = frozenset({"open"})
"""Columns that do not follow from the ledger alone."""
_WORDS: Final = frozenset({"evidence", "note", "freed_why", "withdrawn_why"})
"""Columns in which anything may stand."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Row ``seq`` of ``table`` is not as the ledger has it. ``about``: its number, masked, or its contact."""

    table: str
    seq: int
    about: str
    why: str


@dataclass(frozen=True, slots=True)
class _Taken:
    """Something was taken back in event ``seq``: what the row then has in its columns."""

    seq: int
    columns: Mapping[str, Scalar]


_Key = tuple[str, Scalar, Scalar]
"""Table, number, and kind or purpose."""


class TableCheck:
    """Is given all facts of the ledger, in order; ``differing`` rows are not as they should be, the first ones of them
    in ``first``.
    """

    def __init__(self, taken_back: Mapping[_Key, Sequence[_Taken]]) -> None:
        self._taken_back = taken_back
        self._after = -1
        self.differing = 0
        self.first: list[Difference] = []

    @classmethod
    async def begin(cls, connection: AsyncConnection) -> Self:
        """``connection`` sees all of it at one moment."""
        found: dict[_Key, list[_Taken]] = {}
        async for piece in each(connection, _TAKEN_BACK):
            for event in map(_event, piece):
                for change in rule_changes(event)[:1]:
                    values = change.values
                    key = (str(change.statement.table), values["row"], values.get("of_kind", values.get("of_purpose")))
                    columns = {
                        name.removeprefix("new_"): value for name, value in values.items() if name.startswith("new_")
                    }
                    found.setdefault(key, []).append(_Taken(event.seq, columns))
        return cls(found)

    async def hold(self, connection: AsyncConnection, facts: Sequence[AnyRow]) -> None:
        """Hold the tables against the next ``facts``, rows of the log in order."""
        if not facts:
            return
        wanted: dict[str, dict[int, Values]] = {str(table): {} for table in TABLES}
        last = self._after
        for event in map(_event, facts):
            last = max(last, event.seq)
            for name, values in _rows_of(event):
                wanted[name][event.seq] = values
        for table in TABLES:
            await self._compare(connection, table, wanted[str(table)], last)
        self._after = last

    async def end(self, connection: AsyncConnection) -> None:
        """After the last fact there is no row."""
        for table in TABLES:
            await self._extra(connection, table, (), None)

    async def _compare(
        self, connection: AsyncConnection, table: Table, wanted: Mapping[int, Values], last: int
    ) -> None:
        rows: dict[int, Mapping[str, object]] = {}
        if wanted:
            there = await connection.execute(select(table).where(table.c.seq.in_(list(wanted))))
            rows = {row["seq"]: dict(row) for row in there.mappings()}
        for seq, values in wanted.items():
            row = rows.get(seq)
            why = "the row is missing" if row is None else "; ".join(self._faults(str(table), seq, values, row))
            if why:
                self._tell(Difference(str(table), seq, _about(values), why))
        await self._extra(connection, table, wanted, last)

    async def _extra(self, connection: AsyncConnection, table: Table, wanted: Iterable[int], last: int | None) -> None:
        """Rows after the piece before, up to ``last`` (None: all), that are not ``wanted``."""
        among = [table.c.seq > self._after, table.c.seq.not_in(list(wanted))]
        among += [table.c.seq <= last] if last is not None else []
        count = await connection.scalar(select(func.count()).select_from(table).where(*among)) or 0
        if not count:
            return
        first = await connection.execute(select(table).where(*among).order_by(table.c.seq).limit(MOST))
        for row in first.mappings():
            self._tell(Difference(str(table), row["seq"], _about(dict(row)), "no line of the ledger made this row"))
        self.differing += count - min(count, MOST)

    def _faults(self, table: str, seq: int, values: Values, row: Mapping[str, object]) -> Iterator[str]:
        key = (table, values.get("number"), values.get("kind", values.get("purpose")))
        taken = next((back for back in self._taken_back.get(key, ()) if back.seq > seq), None)
        said = {**values, **(taken.columns if taken is not None else {})}
        for column, there in row.items():
            wanted = said.get(column, "" if isinstance(there, str) else None)
            if column in _UNSAID or there == wanted:
                continue
            if column == "number":
                yield f"number is {mask(str(there))}"
            elif column in _WORDS:
                yield f"{column} is another"
            else:
                yield f"{column} is {there!r}, by the ledger {wanted!r}"

    def _tell(self, difference: Difference) -> None:
        self.differing += 1
        if len(self.first) < MOST:
            self.first.append(difference)


def _event(row: AnyRow) -> Event:
    return Event(row.id, row.at, row.call_id, unpack(row.name, json.loads(row.data)), row.seq)


def _rows_of(event: Event) -> Iterator[tuple[str, Values]]:
    changes: Sequence[Change] = (
        contact_changes(event) if isinstance(event.fact, ContactPromised) else rule_changes(event)
    )
    for change in changes:
        if isinstance(change.statement, Insert):
            yield str(change.statement.table), change.values


def _about(values: Mapping[str, object]) -> str:
    number = values.get("number")
    return mask(str(number)) if number is not None else f"contact {values.get('contact')}"
