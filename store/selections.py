"""Selections on disk: kept by name, counted beforehand, asked for the people they mean. See ``desk.selection``."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import bindparam, delete, func, insert, select

from core.clock import Clock
from core.errors import LocalProtocolError, ParseError
from desk.records import Vehicle
from desk.selection import Condition, Moment, Reason, Selection, check
from store.bulk import pieces
from store.database import Database
from store.log import EventLog
from store.schema_people import people, person_numbers
from store.schema_records import ownerships, service_visits, vehicles
from store.schema_selections import outlooks, selections
from store.selection_names import check_campaigns, unknown_names
from store.selection_query import query
from store.writer import Transaction

MOST: Final = 500
"""Selections that may be kept."""
NAME_LONGEST: Final = 60
_SHOWN: Final = 20
_OFFERED: Final = 500
_PIECE: Final = 2000
_OWNERSHIP: Final = ("vehicle", "number", "since")


@dataclass(frozen=True, slots=True)
class Chosen:
    """One who is meant: his ``numbers`` in the order in which they are tried, and the car for which (None: none was
    asked of), had ``since``.
    """

    person: int
    name: str
    numbers: tuple[str, ...]
    vehicle: Vehicle | None = None
    since: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come of conditions: of ``people`` in all ``with_cars`` are looked at (None: everybody is, as no
    condition asks of a car), ``left`` are so many after each condition, by its place; ``matching`` meet them all, of
    ``callable`` of them no number is barred; the first of them. ``unknown``: names of each condition that are on no
    record, mistyped perhaps.
    """

    people: int
    with_cars: int | None
    order: tuple[int, ...]
    left: tuple[int, ...]
    matching: int
    callable: int
    first: tuple[Chosen, ...]
    unknown: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Offered:
    """What there is to choose of."""

    models: tuple[str, ...]
    segments: tuple[str, ...]
    visits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutlookRow:
    """The chances that an owner replaces his car within 3, 6 and 12 months."""

    vehicle: str
    number: str
    since: str
    chances: tuple[float, float, float]


class Selections:
    """Keeps and asks."""

    def __init__(self, database: Database, log: EventLog, clock: Clock) -> None:
        self._database = database
        self._log = log
        self._clock = clock

    async def keep(
        self, name: str, conditions: Sequence[Condition], by: str, *, replaces: float | None = None
    ) -> Selection:
        """Keep ``conditions`` under ``name``; ``replaces`` is when those were kept whose place they take (None: there
        are none yet). ``ParseError`` where they cannot be, ``LocalProtocolError`` where others were kept meanwhile.
        """
        check(conditions)
        if not 0 < len(name) <= NAME_LONGEST or not name.isprintable() or name != name.strip():
            raise ParseError(f"名称须为 1 到 {NAME_LONGEST} 个字 (a name has 1 to {NAME_LONGEST} signs)", where="name")
        kept = Selection(name, tuple(conditions), by, self._clock.now())

        def work(transaction: Transaction) -> Selection:
            connection = transaction.connection
            there = connection.execute(select(selections).where(selections.c.name == name)).one_or_none()
            if there is not None and read_conditions(there.conditions) == kept.conditions:
                return Selection(name, kept.conditions, there.by, there.at)
            if there is not None and there.at != replaces:
                raise LocalProtocolError(
                    f"已有选择“{name}”，由 {there.by or '命令行'} 保存：请打开它再改，或换个名称 ({name!r} was kept by "
                    f"{there.by or 'the command line'}: open that one to change it, or take another name)"
                )
            connection.execute(delete(selections).where(selections.c.name == name))
            if (connection.scalar(select(func.count()).select_from(selections)) or 0) >= MOST:
                raise LocalProtocolError(f"{MOST} selections are kept; delete one first")
            row = {"name": name, "conditions": written(kept.conditions), "by": by, "at": kept.at}
            connection.execute(insert(selections).values(**row))
            return kept

        return await self._log.write(work)

    async def all(self) -> tuple[Selection, ...]:
        """Those that are kept, by name."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(selections).order_by(selections.c.name))
            return tuple(Selection(row.name, read_conditions(row.conditions), row.by, row.at) for row in rows)

    async def get(self, name: str) -> Selection | None:
        """One of them."""
        return next((each for each in await self.all() if each.name == name), None)

    async def forget(self, name: str) -> bool:
        """Delete it; False where there is none."""

        def work(transaction: Transaction) -> bool:
            return transaction.connection.execute(delete(selections).where(selections.c.name == name)).rowcount > 0

        return await self._log.write(work)

    async def preview(self, conditions: Sequence[Condition], moment: Moment) -> Preview:
        """Count whom ``conditions`` mean. ``ParseError`` where they cannot be."""
        check(conditions)
        asked = query(conditions, moment)
        async with self._database.reading() as connection:
            await check_campaigns(connection, conditions, moment.campaigns)
            unknown = await unknown_names(connection, conditions)
            everybody: int = await connection.scalar(select(func.count()).select_from(people)) or 0
            counted = (await connection.execute(asked.counts(_SHOWN))).all()
            shown = [row.person for row in counted if row.depth < 0]
            rows = (await connection.execute(asked.people(shown))).all() if shown else []
        depths: dict[int, int] = {row.depth: row.many for row in counted if row.depth >= 0}
        count = len(conditions)
        left = [sum(many for depth, many in depths.items() if depth > place) for place in range(count + 1)]
        by_place = dict(zip(asked.order, left, strict=False))
        return Preview(
            people=everybody,
            with_cars=sum(depths.values()) if asked.of_cars else None,
            order=asked.order,
            left=tuple(by_place[place] for place in range(count)),
            matching=left[count - 1],
            callable=left[count],
            first=await self.chosen([(row.person, row.vehicle) for row in rows]),
            unknown=unknown,
        )

    async def matching(self, conditions: Sequence[Condition], moment: Moment) -> Sequence[tuple[int, str]]:
        """All whom ``conditions`` mean: the person, and the key of his car ("": none was asked of), by person."""
        check(conditions)
        async with self._database.reading() as connection:
            await check_campaigns(connection, conditions, moment.campaigns)
            rows = await connection.execute(query(conditions, moment).people())
            return [(row.person, row.vehicle) for row in rows]

    async def chosen(self, matching: Sequence[tuple[int, str]]) -> tuple[Chosen, ...]:
        """Who they are, in the order of ``matching``; whoever has no number any more is left out."""
        names: dict[int, str] = {}
        numbers: dict[int, list[str]] = {}
        cars: dict[tuple[int, str], tuple[Vehicle, str]] = {}
        his = (
            select(people.c.id, people.c.name, person_numbers.c.number)
            .join(person_numbers, person_numbers.c.person == people.c.id)
            .order_by(person_numbers.c.person, person_numbers.c.place)
        )
        owned = (
            select(person_numbers.c.person, ownerships.c.since, vehicles)
            .join(ownerships, ownerships.c.number == person_numbers.c.number)
            .join(vehicles, vehicles.c.key == ownerships.c.vehicle)
            .where(ownerships.c.until == "")
        )
        async with self._database.reading() as connection:
            for piece in pieces([person for person, _ in matching], _PIECE):
                for row in await connection.execute(his.where(people.c.id.in_(piece))):
                    names[row.id] = row.name
                    numbers.setdefault(row.id, []).append(row.number)
                if any(vehicle for _, vehicle in matching):
                    for row in await connection.execute(owned.where(person_numbers.c.person.in_(piece))):
                        his_car = Vehicle(row.vin, row.plate, row.model, row.segment, row.plated)
                        cars[(row.person, row.key)] = (his_car, row.since)
        found = []
        for person, key in matching:
            if person in numbers:
                car = cars.get((person, key))
                of_car = (None, "") if car is None else car
                found.append(Chosen(person, names[person], tuple(numbers[person]), *of_car))
        return tuple(found)

    async def offered(self) -> Offered:
        """Models, segments and kinds of visits on record, the first five hundred of each."""
        async with self._database.reading() as connection:
            found = []
            for column in (vehicles.c.model, vehicles.c.segment, service_visits.c.kind):
                asked = select(column).where(column != "").distinct().order_by(column).limit(_OFFERED)
                found.append(tuple((await connection.execute(asked)).scalars()))
        return Offered(*found)

    async def keep_outlooks(self, rows: Sequence[OutlookRow]) -> None:
        """Keep these in place of all that were kept, a piece at a time; who is missing among them has none."""
        now = self._clock.now()
        for piece in pieces(rows, _PIECE):
            values = [
                {
                    "vehicle": row.vehicle, "number": row.number, "since": row.since,
                    "within_3": row.chances[0], "within_6": row.chances[1], "within_12": row.chances[2], "at": now,
                }
                for row in piece
            ]  # fmt: skip
            await self._log.write(partial(_put_outlooks, values=values))

        def sweep(transaction: Transaction) -> None:
            transaction.connection.execute(delete(outlooks).where(outlooks.c.at < now))

        await self._log.write(sweep)


def _put_outlooks(transaction: Transaction, *, values: Sequence[Mapping[str, object]]) -> None:
    keys = [{f"of_{name}": row[name] for name in _OWNERSHIP} for row in values]
    mine = delete(outlooks).where(*(outlooks.c[name] == bindparam(f"of_{name}") for name in _OWNERSHIP))
    transaction.connection.execute(mine, keys)
    transaction.connection.execute(insert(outlooks), list(values))


def written(conditions: Sequence[Condition]) -> str:
    """JSON of ``conditions``."""
    rows = [
        {"reason": each.reason, "least": each.least, "most": each.most, "names": each.names, "negated": each.negated}
        for each in conditions
    ]
    return json.dumps(rows, ensure_ascii=False)


def read_conditions(text: str) -> tuple[Condition, ...]:
    """What ``written`` has made of them."""
    rows: Sequence[Mapping[str, object]] = json.loads(text)
    return tuple(_condition(row) for row in rows)


def _condition(row: Mapping[str, object]) -> Condition:
    least, most, names = row["least"], row["most"], row["names"]
    assert isinstance(names, list)  # we wrote it
    return Condition(
        Reason(str(row["reason"])),
        least if isinstance(least, int) else None,
        most if isinstance(most, int) else None,
        tuple(str(name) for name in names),
        bool(row["negated"]),
    )
