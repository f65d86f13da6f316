"""People on disk: who is meant by a name and numbers, and who is new; see ``desk.people`` for the rule."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from core.numbers import one_form
from desk.people import Owner, Person, whose
from store.bulk import among, insert_rows, pieces
from store.database import Database
from store.schema_people import people, person_numbers


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody on a list: his name ("": not told) and his numbers in order, at least one."""

    name: str
    numbers: Sequence[str]


class People:
    """Asks for people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_number(self, number: str) -> Person | None:
        """Whose ``number`` is (in any form); None where it is nobody's."""
        statement = select(person_numbers.c.person).where(person_numbers.c.number == one_form(number))
        async with self._database.reading() as connection:
            person = await connection.scalar(statement)
            if person is None:
                return None
            name = await connection.scalar(select(people.c.name).where(people.c.id == person))
            numbers = (
                select(person_numbers.c.number)
                .where(person_numbers.c.person == person)
                .order_by(person_numbers.c.place)
            )
            return Person(person, name or "", tuple((await connection.execute(numbers)).scalars()))

    async def count(self) -> int:
        """How many people are known."""
        async with self._database.reading() as connection:
            return await connection.scalar(select(func.count()).select_from(people)) or 0


def owners_of(connection: Connection, numbers: Collection[str]) -> dict[str, Owner]:
    """To whom those of ``numbers`` belong that are somebody's."""
    statement = (
        select(person_numbers.c.number, person_numbers.c.person, people.c.name)
        .join(people, people.c.id == person_numbers.c.person)
        .where(among(connection, person_numbers.c.number, numbers))
    )
    return {number: Owner(person, name) for number, person, name in connection.execute(statement)}


def settle(connection: Connection, arrivals: Sequence[Arrival], now: float) -> list[int]:
    """The person of each of ``arrivals``. Whoever is new is made, a number that was nobody's becomes his whom it came
    with, in order, and a name that was missing is kept. In the writer's transaction: nobody else makes people then.
    """
    owners = owners_of(connection, {number for arrival in arrivals for number in arrival.numbers})
    following = (connection.scalar(select(func.max(people.c.id))) or 0) + 1
    first_new = following
    made: list[tuple[str | int | float, ...]] = []
    brought: dict[int, list[str]] = {}
    named: dict[int, str] = {}
    found: list[int] = []
    for arrival in arrivals:
        unknown = owners.keys().isdisjoint(arrival.numbers)
        person = None if unknown else whose(arrival.name, arrival.numbers, owners)
        if person is None:
            person = following
            following += 1
            made.append((person, arrival.name, now))
        elif arrival.name and any(
            owners[number] == Owner(person, "") for number in arrival.numbers if number in owners
        ):
            named.setdefault(person, arrival.name)
        for number in arrival.numbers:
            if number not in owners:
                owners[number] = Owner(person, arrival.name)
                brought.setdefault(person, []).append(number)
        found.append(person)
    insert_rows(connection, people, ("id", "name", "made_at"), made)
    places = _places(connection, [person for person in brought if person < first_new])
    fresh: list[tuple[str | int | float, ...]] = [
        (number, person, place)
        for person, numbers in brought.items()
        for place, number in enumerate(numbers, places.get(person, 0))
    ]
    insert_rows(connection, person_numbers, ("number", "person", "place"), fresh)
    for person, name in named.items():
        connection.execute(update(people).where(people.c.id == person, people.c.name == "").values(name=name))
    return found


def _places(connection: Connection, persons: Sequence[int]) -> Mapping[int, int]:
    """The place after the last number of each."""
    statement = select(person_numbers.c.person, func.max(person_numbers.c.place) + 1).group_by(person_numbers.c.person)
    found: dict[int, int] = {}
    for piece in pieces(persons):
        rows = connection.execute(statement.where(person_numbers.c.person.in_(piece)))
        found.update((person, place) for person, place in rows)
    return found


def numbers_of_people(connection: Connection, persons: Collection[int]) -> dict[int, list[str]]:
    """The numbers of each of ``persons``, in the order in which they are tried."""
    known = select(person_numbers.c.person, person_numbers.c.number).order_by(person_numbers.c.place)
    found: dict[int, list[str]] = {}
    for piece in pieces(sorted(persons)):
        for person, number in connection.execute(known.where(person_numbers.c.person.in_(piece))):
            found.setdefault(person, []).append(number)
    return found
