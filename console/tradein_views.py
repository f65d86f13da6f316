"""What the API tells of trade-in: offers, what owners said, and owners in the order of their chance to replace. Days
are ISO text.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from desk.interest import Interest, Word, next_touch
from desk.offers import Offer


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer; ``invites_on``: from which day on the interested are invited to the launch (null: there is none);
    ``launched``: that day has come; ``in_stock`` cars of the new model are here. ``source``: "config" (the file; it
    cannot be changed here) or "page", then with who made it and who changed it last.
    """

    name: str
    to: str
    subsidy_yuan: int
    since: str
    until: str
    launch: str | None
    invites_on: str | None
    models: tuple[str, ...]
    segments: tuple[str, ...]
    years_from: float
    years_to: float
    km_from: int
    km_to: int
    stands: Literal["coming", "in_force", "ended"]
    in_stock: int
    launched: bool = False
    source: Literal["config", "page"] = "config"
    made_at: float | None = None
    made_by: str = ""
    changed_at: float | None = None
    changed_by: str = ""


@dataclass(frozen=True, slots=True)
class WordView:
    """What was said once: see ``desk.interest.Word``. ``next_on``: when he is called again to keep in touch (null: not
    at all, or something else was said since).
    """

    level: Interest
    vehicle: str
    day: str
    next_on: str | None
    note: str
    agent: str
    by: str
    at: float
    call_id: str
    stands: bool


@dataclass(frozen=True, slots=True)
class InterestedView:
    """The same with who said it, of which car."""

    name: str
    number: str
    model: str
    plate: str
    said: WordView


@dataclass(frozen=True, slots=True)
class InterestPage:
    """A part of what owners said; ``total`` is the length of the whole."""

    items: list[InterestedView]
    total: int


@dataclass(frozen=True, slots=True)
class RankedView:
    """An owner with his chances to replace the car within three, six and twelve months and the reason; the ``offer`` in
    force for him (""; none fits) and what he said ("": nothing yet).
    """

    rank: int
    name: str
    number: str
    model: str
    plate: str
    years: float
    within_3_months: float
    within_6_months: float
    within_12_months: float
    reason_zh: str
    reason_en: str
    offer: str
    to: str
    subsidy_yuan: int | None
    interest: Interest | Literal[""]


@dataclass(frozen=True, slots=True)
class RankingPage:
    """A part of the ranking; ``total`` is the length of the whole."""

    items: list[RankedView]
    total: int


def offer_view(offer: Offer, today: date, here: Mapping[str, int]) -> OfferView:
    """The view on the day ``today``; ``here`` counts the cars in stock by model."""
    return OfferView(
        name=offer.name,
        to=offer.to,
        subsidy_yuan=offer.subsidy_yuan,
        since=offer.since.isoformat(),
        until=offer.until.isoformat(),
        launch=None if offer.launch is None else offer.launch.isoformat(),
        invites_on=None if offer.invites_on is None else offer.invites_on.isoformat(),
        models=offer.models,
        segments=offer.segments,
        years_from=offer.years_from,
        years_to=offer.years_to,
        km_from=offer.km_from,
        km_to=offer.km_to,
        stands="coming" if today < offer.since else "ended" if today > offer.until else "in_force",
        in_stock=here.get(offer.to, 0),
        launched=offer.launch is not None and offer.launch <= today,
    )


def word_view(word: Word, day_of: Callable[[float], date]) -> WordView:
    """The view; ``day_of`` tells the day of an epoch second where the house is."""
    last = word.day if word.talked_at is None else max(word.day, day_of(word.talked_at))
    following = next_touch(word.level, last) if word.stands else None
    return WordView(
        level=word.level,
        vehicle=word.vehicle,
        day=word.day.isoformat(),
        next_on=None if following is None else following.isoformat(),
        note=word.note,
        agent=word.agent,
        by=word.by,
        at=word.at,
        call_id=word.call_id,
        stands=word.stands,
    )
