"""Trade-in offers that people have made: kept, changed, read when the house starts; and whom offers fit."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from sqlalchemy import case, distinct, func, select

from core.errors import LocalProtocolError
from core.events import Fact
from desk.offer_facts import (
    TradeinOfferChanged,
    TradeinOfferEnded,
    TradeinOfferMade,
    TradeinOfferMoved,
    TradeinOfferRemoved,
)
from desk.offers import Offer
from store.bulk import pieces
from store.database import Database
from store.log import EventLog
from store.schema_offers import tradein_offers
from store.schema_people import person_numbers
from store.schema_records import ownerships, vehicles
from store.selection_names import on_record
from store.tradein_conditions import SEGMENT, fits, of_kind, so_far, so_old
from store.writer import Transaction

_AT_ONCE: Final = 50
"""Offers that are counted with one look at all cars."""


_OWNED: Final = ownerships.join(vehicles, vehicles.c.key == ownerships.c.vehicle)


@dataclass(frozen=True, slots=True)
class KeptOffer:
    """An offer as the keys of [[offer]]; who made it, who changed it last, and when."""

    name: str
    terms: Mapping[str, object]
    place: int
    made_at: float
    made_by: str
    changed_at: float
    changed_by: str


@dataclass(frozen=True, slots=True)
class Reach:
    """Of an offer: ``models`` and ``segments`` that no car on record has; ``bound`` by which it fits no car that
    somebody has now, "" where it fits one.
    """

    models: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    bound: Literal["", "km", "years", "cars"] = ""


class TradeinOffers:
    """Writes and reads offers."""

    def __init__(self, database: Database, log: EventLog) -> None:
        self._database = database
        self._log = log

    async def all(self) -> tuple[KeptOffer, ...]:
        """In the order in which they are looked at."""
        statement = select(tradein_offers).order_by(tradein_offers.c.place, tradein_offers.c.name)
        async with self._database.reading() as connection:
            return tuple(
                KeptOffer(
                    row.name, json.loads(row.terms), row.place, row.made_at, row.made_by, row.changed_at, row.changed_by
                )
                for row in await connection.execute(statement)
            )

    async def make(self, name: str, terms: Mapping[str, object], by: str) -> None:
        """Keep a new one before all others; ``LocalProtocolError`` where there is one of that name."""

        def work(transaction: Transaction) -> None:
            connection = transaction.connection
            if connection.scalar(select(tradein_offers.c.name).where(tradein_offers.c.name == name)) is not None:
                raise LocalProtocolError(f"已有同名方案 / there is an offer {name!r} already")
            first: int | None = connection.scalar(select(func.min(tradein_offers.c.place)))
            transaction.say("", TradeinOfferMade(name, _text(terms), 0 if first is None else first - 1, by))

        await self._log.write(work)

    async def change(self, name: str, terms: Mapping[str, object], by: str) -> None:
        """These hold from now on."""
        await self._say(TradeinOfferChanged(name, _text(terms), by))

    async def end(self, name: str, terms: Mapping[str, object], by: str) -> None:
        """It is made no more; ``terms`` say until when it was."""
        await self._say(TradeinOfferEnded(name, _text(terms), by))

    async def swap(self, one: KeptOffer, other: KeptOffer, by: str) -> None:
        """Each stands where the other stood."""
        await self._say(TradeinOfferMoved(one.name, other.place, other.name, one.place, by))

    async def remove(self, offer: KeptOffer, by: str) -> None:
        """The log alone knows it from now on."""
        await self._say(TradeinOfferRemoved(offer.name, _text(offer.terms), by))

    async def fitting(self, offers: Sequence[Offer], today: date) -> dict[str, int]:
        """How many people each of ``offers`` fits, by the cars that they have ``today``, whether it holds or not: as
        many as the condition ``offer`` of a selection means.
        """
        found: dict[str, int] = {}
        owned = _OWNED.join(person_numbers, person_numbers.c.number == ownerships.c.number)
        async with self._database.reading() as connection:
            for piece in pieces(offers, _AT_ONCE):
                counts = [func.count(distinct(case((fits(each, today), person_numbers.c.person)))) for each in piece]
                statement = select(*counts).select_from(owned).where(ownerships.c.until == "")
                row = (await connection.execute(statement)).one()
                found |= {each.name: int(count) for each, count in zip(piece, row, strict=True)}
        return found

    async def reach(self, offer: Offer, today: date) -> Reach:
        """Whether it can fit anybody from ``today`` to its last day, as records are; nothing is said of empty ones."""
        async with self._database.reading() as connection:
            if await connection.scalar(select(vehicles.c.key).limit(1)) is None:
                return Reach()
            there = await on_record(connection, vehicles.c.model, offer.models)
            models = tuple(name for name in offer.models if name not in there)
            there = await on_record(connection, SEGMENT, offer.segments)
            segments = tuple(name for name in offer.segments if name not in there)
            whose = select(ownerships.c.vehicle).select_from(_OWNED).where(ownerships.c.until == "", of_kind(offer))
            old_enough = so_old(offer, max(today, offer.since), max(today, offer.until))
            if await connection.scalar(whose.where(old_enough, so_far(offer)).limit(1)) is not None:
                return Reach(models, segments)
            of_age: int | None = await connection.scalar(
                whose.with_only_columns(func.max(case((old_enough, 1), else_=0)))
            )
        return Reach(models, segments, "cars" if of_age is None else "km" if of_age else "years")

    async def _say(self, fact: Fact) -> None:
        await self._log.commit("", fact)


def _text(terms: Mapping[str, object]) -> str:
    return json.dumps(terms, ensure_ascii=False, sort_keys=True)
