"""Selections as the API tells them: conditions, counts, and the campaigns that they feed."""

from dataclasses import dataclass

from desk.selection import SHAPES, Condition, Reason, Selection
from store.selections import Chosen, Preview


@dataclass(frozen=True, slots=True)
class ReasonView:
    """A reason with what its conditions are made of: ``unit`` of its span ("": none, ``reach`` how far it may go),
    whether it has names ("no", "may", "must"), and which, where not any may be given.
    """

    reason: Reason
    zh: str
    en: str
    of_car: bool
    unit: str
    reach: int
    names: str
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeedView:
    """The selection that ``campaign``'s people come from; ``looking`` while it is looked, ``fault`` why the last look
    failed.
    """

    campaign: str
    selection: str
    living: bool
    by: str
    at: float
    looked_at: float | None
    accepted: int
    held_out: int
    aside: int
    looking: bool
    fault: str
    again_days: int = 0


@dataclass(frozen=True, slots=True)
class SelectionView:
    """Conditions kept under a name."""

    name: str
    conditions: tuple[Condition, ...]
    by: str
    at: float


@dataclass(frozen=True, slots=True)
class SelectionsView:
    """All that are kept, the campaigns that they feed, and what there is to choose of."""

    selections: list[SelectionView]
    feeds: list[FeedView]
    reasons: list[ReasonView]
    models: tuple[str, ...]
    segments: tuple[str, ...]
    visits: tuple[str, ...]
    offers: tuple[str, ...]
    campaigns: list[str]


@dataclass(frozen=True, slots=True)
class PersonView:
    """One who is meant; ``numbers`` in the order in which they are tried."""

    name: str
    numbers: list[str]
    model: str
    plate: str
    since: str


@dataclass(frozen=True, slots=True)
class PreviewView:
    """Whom conditions mean: of ``people`` those ``with_cars`` are looked at (null: everybody), ``left`` are so many
    after each condition, in the ``order`` in which they are looked at; ``callable`` of the ``matching`` are not barred.
    ``unknown``: of each condition the names that are on no record.
    """

    people: int
    with_cars: int | None
    order: tuple[int, ...]
    left: tuple[int, ...]
    matching: int
    callable: int
    first: list[PersonView]
    unknown: tuple[tuple[str, ...], ...]


REASONS = [
    ReasonView(reason, shape.zh, shape.en, shape.of_car, shape.unit, shape.reach, shape.names, shape.known)
    for reason, shape in SHAPES.items()
]


def selection_view(selection: Selection) -> SelectionView:
    """One of them."""
    return SelectionView(selection.name, selection.conditions, selection.by, selection.at)


def preview_view(found: Preview) -> PreviewView:
    """Counts and the first people, with whole numbers."""
    return PreviewView(
        people=found.people,
        with_cars=found.with_cars,
        order=found.order,
        left=found.left,
        matching=found.matching,
        callable=found.callable,
        first=[_person(one) for one in found.first],
        unknown=found.unknown,
    )


def _person(one: Chosen) -> PersonView:
    car = one.vehicle
    plate, model = ("", "") if car is None else (car.plate or car.vin, car.model)
    return PersonView(one.name, list(one.numbers), model, plate, one.since)
