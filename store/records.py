"""Cars, owners, visits, sales and complaints on disk: taken in whole lists, read by a person's number.

Records are keyed by number; whose it is and what others he has is for ``store.people``.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from sqlalchemy import Table, and_, bindparam, delete, func, insert, or_, select
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.facts import ComplaintsClosed
from core.clock import Clock
from core.numbers import customer_number, one_form
from desk.record_sheets import Personal, Record
from desk.records import CarHistory, Complaint, Ownership, PersonRecords, Sale, StockCar, Vehicle, Visit
from store.bulk import pieces
from store.complaints import closing, look_again, mark_of
from store.database import Database
from store.log import EventLog
from store.reading import AnyRow, each
from store.record_people import settle_owners
from store.schema import calls
from store.schema_interests import interests
from store.schema_records import complaints, ownerships, sales, service_visits, vehicles
from store.schema_selections import outlooks, stock
from store.standings import numbers_of_person
from store.writer import Transaction

_PIECE: Final = 400
"""Records that one statement looks up: SQLite takes some thousands of parameters."""
_CARS: Final = 20
_EACH: Final = 20
"""Cars, and visits of one, that are shown of a person: a fleet's number may have thousands."""


@dataclass(frozen=True, slots=True)
class Driven:
    """An ownership with the kilometres that the workshop read during it: least and most, and the days of the first and
    last reading (None, "": none was read).
    """

    ownership: Ownership
    first_day: str = ""
    last_day: str = ""
    km_first: int | None = None
    km_last: int | None = None


class Records:
    """Reads and takes in."""

    def __init__(self, database: Database, log: EventLog, clock: Clock) -> None:
        self._database = database
        self._log = log
        self._clock = clock

    async def take(self, records: Sequence[Record]) -> int:
        """All ``records`` in one transaction, each in place of one that was there before, so that the same list twice
        changes nothing; how many they are. Whoever is new among their owners becomes a person; who had rest while a
        complaint was open that is closed now is decided about again.
        """

        def work(transaction: Transaction) -> int:
            closed: set[str] = set()
            for piece in pieces(records, _PIECE):
                closed |= closing(transaction.connection, piece)
                _take(transaction.connection, piece)
            settle_owners(transaction.connection, records, self._clock.now())
            if rested := look_again(transaction.connection, closed):
                transaction.say("", ComplaintsClosed(rested))
            return len(records)

        return await self._log.write(work)

    async def unknown_cars(self, keys: Sequence[str]) -> frozenset[str]:
        """Those of ``keys`` (VIN or plate) that no car of ours has."""
        found: set[str] = set()
        async with self._database.reading() as connection:
            for piece in pieces(keys, _PIECE):
                found |= (await connection.run_sync(_known, piece)).keys()
        return frozenset(keys) - found

    async def of_call(self, call_id: str) -> PersonRecords | None:
        """What is on record of whom the call is with; None for a call of nobody."""
        async with self._database.reading() as connection:
            call = (await connection.execute(select(calls).where(calls.c.id == call_id))).one_or_none()
        if call is None:
            return None
        number = customer_number(call.direction, call.ani, call.dnis)
        return await self.of_number(one_form(number)) if number else None

    async def of_number(self, number: str) -> PersonRecords:
        """What is on record of the person with ``number``, under whichever of his numbers."""
        async with self._database.reading() as connection:
            numbers = await connection.run_sync(numbers_of_person, number)
            wanted = OWNED.where(ownerships.c.number.in_(numbers)).order_by(ownerships.c.since.desc())
            rows = (await connection.execute(wanted.limit(_CARS))).all()
            owned = {(row.vehicle, row.since): row for row in rows}  # of a car under two numbers one
            cars = [await _history(connection, _ownership(row), numbers) for row in owned.values()]
            said = select(complaints).where(complaints.c.number.in_(numbers)).order_by(complaints.c.day.desc())
            complained = (await connection.execute(said.limit(_EACH))).all()
        cars.sort(key=lambda car: bool(car.ownership.until))
        return PersonRecords(
            number,
            next((car.ownership.name for car in cars if car.ownership.name), ""),
            tuple(cars),
            tuple(
                Complaint(row.number, row.day, row.text, row.department, row.vehicle, row.closed) for row in complained
            ),
        )

    async def driven(self) -> AsyncIterator[Sequence[Driven]]:
        """Every ownership with what was driven during it, piece by piece."""
        read = service_visits.c
        during = and_(
            read.vehicle == ownerships.c.vehicle,
            read.km.is_not(None),
            read.day >= ownerships.c.since,
            or_(ownerships.c.until == "", read.day <= ownerships.c.until),
        )
        key = (ownerships.c.vehicle, ownerships.c.number, ownerships.c.since)
        odometer = (
            select(
                *key,
                func.min(read.day).label("first_day"),
                func.max(read.day).label("last_day"),
                func.min(read.km).label("km_first"),
                func.max(read.km).label("km_last"),
            )
            .join(service_visits, during)
            .group_by(*key)
            .subquery()
        )
        same = and_(*(odometer.c[column.name] == column for column in key))
        figures = (odometer.c.first_day, odometer.c.last_day, odometer.c.km_first, odometer.c.km_last)
        statement = OWNED.add_columns(*figures).outerjoin(odometer, same).order_by(*key)
        async with self._database.reading() as connection:
            async for piece in each(connection, statement):
                yield [driven(row) for row in piece]


OWNED: Final = select(
    ownerships, vehicles.c.vin, vehicles.c.plate, vehicles.c.model, vehicles.c.segment, vehicles.c.plated
).join(vehicles, vehicles.c.key == ownerships.c.vehicle)
"""Ownerships with their cars."""


def driven(row: AnyRow) -> Driven:
    """A row of ``OWNED`` with what was read during it."""
    return Driven(_ownership(row), row.first_day or "", row.last_day or "", row.km_first, row.km_last)


def _ownership(row: AnyRow) -> Ownership:
    return Ownership(
        vehicle=_vehicle(row),
        number=row.number,
        name=row.name,
        since=row.since,
        until=row.until,
        replaced=row.replaced,
        km_since=row.km_since,
        known_since=row.known_since,
    )


def _vehicle(row: AnyRow) -> Vehicle:
    return Vehicle(row.vin, row.plate, row.model, row.segment, row.plated)


async def _history(connection: AsyncConnection, owned: Ownership, numbers: Sequence[str]) -> CarHistory:
    key, until = owned.vehicle.key, owned.until or "9999"
    read = service_visits.c
    came = select(service_visits).where(read.vehicle == key, read.day >= owned.since, read.day <= until)
    rows = (await connection.execute(came.order_by(read.day.desc()).limit(_EACH))).all()
    visits = tuple(Visit(row.vehicle, row.day, row.kind, row.km, row.note) for row in rows)
    bought = select(sales).where(sales.c.vehicle == key, sales.c.number.in_(numbers))
    sold = (await connection.execute(bought.order_by(sales.c.day.desc()).limit(1))).one_or_none()
    last = next((visit for visit in visits if visit.km is not None), None)
    return CarHistory(
        owned,
        visits,
        None if sold is None else Sale(sold.vehicle, sold.number, sold.day, sold.price_yuan, sold.seller),
        None if last is None else last.km,
        "" if last is None else last.day,
    )


def _known(connection: Connection, keys: Sequence[str]) -> dict[str, Vehicle]:
    """The cars that ``keys`` mean, by VIN as well as by plate."""
    table = vehicles.c
    rows = connection.execute(
        select(vehicles).where(or_(table.key.in_(keys), table.vin.in_(keys), table.plate.in_(keys)))
    )
    found: dict[str, Vehicle] = {}
    for row in rows:
        found |= {name: _vehicle(row) for name in (row.vin, row.plate) if name}
    return found


def _take(connection: Connection, taken: Sequence[Record]) -> None:
    _put(connection, stock, ("vin",), [asdict(record) for record in taken if isinstance(record, StockCar)])
    records: list[Personal] = [record for record in taken if not isinstance(record, StockCar)]
    owned = [record for record in records if isinstance(record, Ownership)]
    names = {name for record in owned for name in (record.vehicle.vin, record.vehicle.plate) if name}
    names |= {record.vehicle for record in records if not isinstance(record, Ownership) and record.vehicle}
    known = _known(connection, sorted(names))
    cars: dict[str, Vehicle] = {}
    for told in (owner.vehicle for owner in owned):
        before = known.get(told.vin) or known.get(told.plate)
        if before is not None and before.vin and told.vin and before.vin != told.vin:
            before = None  # the plate has moved to another car, as plates may
        car = told if before is None else _merged(before, told)
        known |= {name: car for name in (car.vin, car.plate) if name}
        cars[car.key] = car
        if before is not None and before.key != car.key:  # the plate alone was known before
            _rename(connection, before.key, car.key)
            cars.pop(before.key, None)
    _put(connection, vehicles, ("key",), [{"key": key, **asdict(car)} for key, car in cars.items()])
    rows: dict[Table, list[dict[str, Any]]] = {}
    for record in records:
        table, row = _row(record, known)
        rows.setdefault(table, []).append(row)
    for table, values in rows.items():
        _put(connection, table, tuple(column.name for column in table.primary_key), values)


def _merged(before: Vehicle, told: Vehicle) -> Vehicle:
    """What is told now, and what was known before where nothing is told."""
    return replace(before, **{name: value for name, value in asdict(told).items() if value})


def _rename(connection: Connection, old: str, new: str) -> None:
    """A car that was known by its plate is known by its VIN from now on."""
    connection.execute(delete(vehicles).where(vehicles.c.key == old))
    for table in (ownerships, service_visits, sales, complaints, outlooks, interests):
        connection.execute(table.update().where(table.c.vehicle == old).values(vehicle=new))


def _row(record: Personal, known: Mapping[str, Vehicle]) -> tuple[Table, dict[str, Any]]:
    def key(name: str) -> str:
        car = known.get(name)
        return name if car is None else car.key

    match record:
        case Ownership() as it:
            car = known[it.vehicle.key].key
            return ownerships, {
                "vehicle": car, "number": it.number, "since": it.since, "name": it.name, "until": it.until,
                "replaced": it.replaced, "km_since": it.km_since, "known_since": it.known_since,
            }  # fmt: skip
        case Visit() as it:
            values = {"vehicle": key(it.vehicle), "day": it.day, "kind": it.kind, "km": it.km, "note": it.note}
            return service_visits, values
        case Sale() as it:
            sold = {"vehicle": key(it.vehicle), "number": it.number, "day": it.day, "seller": it.seller}
            return sales, {**sold, "price_yuan": it.price_yuan}
        case Complaint() as it:
            return complaints, {
                "number": it.number, "day": it.day, "mark": mark_of(it), "text": it.text, "department": it.department,
                "vehicle": key(it.vehicle), "closed": it.closed,
            }  # fmt: skip


def _put(connection: Connection, table: Table, key: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows in place of those of the same key; of two of one key the later."""
    last = {tuple(row[name] for name in key): row for row in rows}
    if not last:
        return
    mine = delete(table).where(*(table.c[name] == bindparam(f"old_{name}") for name in key))
    connection.execute(mine, [{f"old_{name}": row[name] for name in key} for row in last.values()])
    connection.execute(insert(table), list(last.values()))
