"""What owners said of replacing their cars: put on record, and read by person or over all; see ``desk.interest``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, select

from core.clock import Clock
from core.errors import ParseError
from desk.facts import InterestSaid
from desk.interest import Interest, Word
from store.bulk import pieces
from store.database import Database
from store.log import EventLog
from store.people import Arrival, settle
from store.reading import AnyRow
from store.schema import attempts, contacts
from store.schema_interests import interests
from store.schema_people import people, person_numbers
from store.schema_records import ownerships, vehicles
from store.standings import numbers_of_person
from store.tradein_conditions import TALKED, word_due
from store.writer import Transaction

_SHOWN: Final = 20
"""Words of one person that are shown."""
_TALKED_AT: Final = (
    select(func.max(attempts.c.started_at))
    .join(contacts, contacts.c.id == attempts.c.contact)
    .where(contacts.c.person == interests.c.person, attempts.c.result.in_(TALKED))
    .correlate(interests)
    .scalar_subquery()
    .label("talked_at")
)


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be put on record: ``level`` of the car ``vehicle`` (VIN or plate; "": none is named), by whom."""

    level: Interest
    vehicle: str = ""
    note: str = ""
    agent: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Which:
    """Words of these ``levels`` (none: all), that ``agent`` heard ("": anybody), from the day ``since`` to ``until``;
    ``standing`` only those that no later one replaced, ``due`` only those of whom it is time to keep in touch.
    """

    levels: tuple[Interest, ...] = ()
    agent: str = ""
    since: date | None = None
    until: date | None = None
    standing: bool = True
    due: bool = False


@dataclass(frozen=True, slots=True)
class Interested:
    """A ``word`` with who said it, and of which car."""

    word: Word
    name: str
    number: str
    model: str
    plate: str


class Interests:
    """Writes and reads."""

    def __init__(self, database: Database, log: EventLog, clock: Clock) -> None:
        self._database = database
        self._log = log
        self._clock = clock

    async def say(self, call_id: str, number: str, said: Said, today: date) -> None:
        """Whoever has ``number`` said so in the call ``call_id``. ``ParseError`` where he has no such car."""

        def work(transaction: Transaction) -> None:
            [person] = settle(transaction.connection, [Arrival("", [number])], self._clock.now())
            car = _his_car(transaction.connection, person, said.vehicle)
            fact = InterestSaid(
                person, number, car, said.level.value, today.isoformat(), said.agent, said.by, said.note
            )
            transaction.say(call_id, fact)

        await self._log.write(work)

    async def of_number(self, number: str) -> tuple[Word, ...]:
        """All that the person with ``number`` said, under whichever of his numbers, the newest first."""
        async with self._database.reading() as connection:
            numbers = await connection.run_sync(numbers_of_person, number)
            whose = select(person_numbers.c.person).where(person_numbers.c.number.in_(numbers))
            wanted = select(interests, _TALKED_AT).where(interests.c.person.in_(whose)).order_by(interests.c.seq.desc())
            return tuple(_word(row) for row in await connection.execute(wanted.limit(_SHOWN)))

    async def levels(self, numbers: Sequence[str]) -> Mapping[tuple[str, str], Interest]:
        """What stands, by number and car ("": of none that was named)."""
        found: dict[tuple[str, str], Interest] = {}
        statement = select(person_numbers.c.number, interests.c.vehicle, interests.c.level).join(
            interests, interests.c.person == person_numbers.c.person
        )
        async with self._database.reading() as connection:
            for piece in pieces(numbers):
                wanted = statement.where(person_numbers.c.number.in_(piece), interests.c.stands)
                for row in await connection.execute(wanted):
                    found[row.number, row.vehicle] = Interest(row.level)
        return found

    async def page(
        self, which: Which, today: date, *, limit: int, offset: int = 0
    ) -> tuple[tuple[Interested, ...], int]:
        """Those words, the newest first, and how many there are in all."""
        asked = _asked(which, today, self._clock.now())
        wanted = (
            select(interests, people.c.name, vehicles.c.model, vehicles.c.plate, _TALKED_AT)
            .join(people, people.c.id == interests.c.person)
            .outerjoin(vehicles, vehicles.c.key == interests.c.vehicle)
            .where(*asked)
            .order_by(interests.c.seq.desc())
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(wanted.limit(limit).offset(offset))).all()
            total: int = await connection.scalar(select(func.count()).select_from(interests).where(*asked)) or 0
        return tuple(
            Interested(_word(row), row.name, row.number, row.model or "", row.plate or "") for row in rows
        ), total


def _asked(which: Which, today: date, now: float) -> Sequence[ColumnElement[bool]]:
    table = interests.c
    asked: list[ColumnElement[bool]] = [table.stands] if which.standing or which.due else []
    asked += [table.level.in_([level.value for level in which.levels])] if which.levels else []
    asked += [table.agent == which.agent] if which.agent else []
    asked += [table.day >= which.since.isoformat()] if which.since else []
    asked += [table.day <= which.until.isoformat()] if which.until else []
    asked += [word_due(today, now)] if which.due else []
    return asked


def _his_car(connection: Connection, person: int, named: str) -> str:
    """The key of the car that he has and ``named`` (VIN or plate) means."""
    if not named:
        return ""
    his = (
        select(vehicles.c.key)
        .join(ownerships, ownerships.c.vehicle == vehicles.c.key)
        .join(person_numbers, person_numbers.c.number == ownerships.c.number)
        .where(person_numbers.c.person == person, ownerships.c.until == "")
        .where((vehicles.c.key == named) | (vehicles.c.plate == named))
    )
    found: str | None = connection.scalar(his)
    if found is None:
        raise ParseError(
            "客户名下没有此车 (this customer has no such car; leave it out or name its VIN or plate)", where="vehicle"
        )
    return found


def _word(row: AnyRow) -> Word:
    return Word(
        level=Interest(row.level),
        vehicle=row.vehicle,
        day=date.fromisoformat(row.day),
        note=row.note,
        agent=row.agent,
        by=row.by,
        at=row.at,
        call_id=row.call_id,
        stands=row.stands,
        talked_at=row.talked_at,
    )
