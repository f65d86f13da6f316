"""Lists poured by the database mean the same people as rows that are settled one after the other."""

import random
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from campaigns.ports import Added, NewContact
from core.numbers import identifying, is_mobile
from desk.people import Owner, whose
from store import lists
from store.schema import contacts
from store.schema_people import people, person_numbers, staged
from store.store import Store

MOBILES = [f"+86138000{at:05}" for at in range(40)]
LINES = [f"+862158880{at:03}" for at in range(6)]
ABROAD = [f"+852212345{at:02}" for at in range(4)]
NAMES = ("", "王", "李", "赵")


@dataclass
class Oracle:
    """Row by row, as ``desk.people`` says it; of a piece those that do not name one mobile alone go first."""

    piece: int
    names: dict[int, str] = field(default_factory=dict)
    owner_of: dict[str, int] = field(default_factory=dict)
    numbers_of: dict[int, list[str]] = field(default_factory=dict)
    in_campaign: dict[str, list[tuple[str, int]]] = field(default_factory=dict)

    def take(self, campaign: str, rows: list[NewContact]) -> Added:
        there = self.in_campaign.setdefault(campaign, [])
        known: set[str] = set()
        fresh: list[NewContact] = []
        duplicates: list[int] = []
        elsewhere: dict[str, int] = {}
        for row in rows:
            marks = {row.number, *identifying((row.number, *row.others))}
            if known & marks:
                duplicates.append(row.line)
                continue
            known |= marks
            others = self._campaigns_of(identifying((row.number, *row.others)))
            if campaign in others or row.number in {number for number, _ in there}:
                duplicates.append(row.line)
                continue
            fresh.append(row)
            for other in others:
                elsewhere[other] = elsewhere.get(other, 0) + 1
        for start in range(0, len(fresh), self.piece):
            piece = fresh[start : start + self.piece]
            persons = {row.line: self._settle(row) for row in sorted(piece, key=_is_plain)}
            there += [(row.number, persons[row.line]) for row in piece]
        return Added(len(fresh), tuple(sorted(duplicates)), elsewhere)

    def _campaigns_of(self, numbers: object) -> set[str]:
        persons = {self.owner_of[number] for number in numbers if number in self.owner_of}  # type: ignore[attr-defined]
        return {name for name, held in self.in_campaign.items() if persons & {person for _, person in held}}

    def _settle(self, row: NewContact) -> int:
        numbers = (row.number, *row.others)
        owners = {n: Owner(self.owner_of[n], self.names[self.owner_of[n]]) for n in numbers if n in self.owner_of}
        person = whose(row.name, numbers, owners)
        if person is None:
            person = len(self.names) + 1
            self.names[person] = row.name
        elif not self.names[person]:
            self.names[person] = row.name
        for number in numbers:
            if number not in self.owner_of:
                self.owner_of[number] = person
                self.numbers_of.setdefault(person, []).append(number)
        return person


def _is_plain(row: NewContact) -> bool:
    return is_mobile(row.number) and not row.others


def made_up(chance: random.Random, count: int) -> list[NewContact]:
    """Rows with one number or several, of every kind, with holes between their lines."""
    rows = []
    line = 1
    for _ in range(count):
        line += chance.choice((1, 1, 1, 4))
        pool = chance.choice((MOBILES, MOBILES, MOBILES, LINES, ABROAD))
        number = chance.choice(pool)
        others = [
            chance.choice(chance.choice((MOBILES, LINES, LINES, ABROAD))) for _ in range(chance.choice((0, 0, 1, 2)))
        ]
        rest = tuple(dict.fromkeys(other for other in others if other != number))
        rows.append(NewContact(number, chance.choice(NAMES), line, {"line": str(line)}, rest))
    return rows


@pytest.mark.parametrize("seed", range(12))
async def test_the_same_people_as_row_by_row(store: Store, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    piece = (1, 3, 7, 100)[seed % 4]
    monkeypatch.setattr(lists, "PIECE", piece)
    monkeypatch.setattr(lists, "PIECE_MOST", piece)
    await four_lists(store, seed, piece)


async def four_lists(store: Store, seed: int, piece: int = lists.PIECE) -> None:
    """Two of them into one campaign."""
    chance, oracle = random.Random(seed), Oracle(piece)
    for campaign in ("spring", "autumn", "spring", "winter"):
        rows = made_up(chance, chance.randrange(1, 60))
        cut = chance.randrange(len(rows) + 1)
        done = await store.contacts.add(campaign, [batch for batch in (rows[:cut], rows[cut:]) if batch])
        assert done == oracle.take(campaign, rows)
    async with store._database.reading() as connection:
        owned = {row.number: row.person for row in await connection.execute(select(person_numbers))}
        named = {row.id: row.name for row in await connection.execute(select(people))}
        held = (await connection.execute(select(contacts).order_by(contacts.c.id))).all()
        assert (await connection.execute(select(staged))).all() == []
    assert owned.keys() == oracle.owner_of.keys()
    theirs = {person: oracle.owner_of[number] for number, person in owned.items()}
    assert {number: theirs[person] for number, person in owned.items()} == oracle.owner_of, "one person is one"
    assert len(named) == len(oracle.names) == len(theirs)
    assert {theirs[person]: name for person, name in named.items()} == oracle.names
    for campaign, expected in oracle.in_campaign.items():
        mine = [row for row in held if row.campaign == campaign]
        assert [(row.number, theirs[row.person]) for row in mine] == expected, "in the order of the lists"
    for person, numbers in oracle.numbers_of.items():
        found = await store.people.by_number(numbers[0])
        assert found is not None and theirs[found.id] == person and list(found.numbers) == numbers
