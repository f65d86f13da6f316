"""What the API tells of a person's cars and history, and of the chance that he replaces one. Days are ISO text."""

from dataclasses import dataclass

from console.tradein_views import OfferView, WordView
from desk.records import Complaint, PersonRecords, Visit


@dataclass(frozen=True, slots=True)
class OutlookView:
    """The chance that he replaces the car within three, six and twelve months, with the reason; ``median_years``, with
    the 95 % interval, is when owners of the model (or of its segment) have replaced.
    """

    within_3_months: float
    within_6_months: float
    within_12_months: float
    median_years: float | None
    median_low: float | None
    median_high: float | None
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class CarView:
    """One of his cars: had ``since`` … ``until`` ("": he has it); ``km`` was last read on ``km_day``; the ``visits`` to
    the workshop, the latest first; ``price_yuan`` and ``seller`` where we sold it to him. ``outlook`` is None where no
    cycle was fitted, and for cars that he has no more. ``offers`` are those that fit it today, the one that is made
    first; ``interest`` is what he said of it last.
    """

    model: str
    segment: str
    plate: str
    vin: str
    plated: str
    since: str
    until: str
    km: int | None
    km_day: str
    sold_on: str
    price_yuan: int | None
    seller: str
    visits: tuple[Visit, ...]
    outlook: OutlookView | None
    offers: tuple[OfferView, ...]
    interest: WordView | None


@dataclass(frozen=True, slots=True)
class RecordsView:
    """All that is on record of a person, and his number as the asker may see it; ``interests`` is all that he said of
    replacing his cars, the newest first.
    """

    number: str
    name: str
    cars: tuple[CarView, ...]
    complaints: tuple[Complaint, ...]
    interests: tuple[WordView, ...]


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """His records; for each of his cars, in order, an outlook (or None) and the ``offers`` that fit; what he said."""

    records: PersonRecords
    outlooks: tuple[OutlookView | None, ...]
    offers: tuple[tuple[OfferView, ...], ...]
    words: tuple[WordView, ...]


def records_view(known: KnownPerson, number: str) -> RecordsView:
    """The view, with ``number`` as it is to be shown."""
    cars = []
    standing = {word.vehicle: word for word in known.words if word.stands}
    for car, outlook, offers in zip(known.records.cars, known.outlooks, known.offers, strict=True):
        owned, sale = car.ownership, car.sale
        cars.append(
            CarView(
                model=owned.vehicle.model,
                segment=owned.vehicle.segment,
                plate=owned.vehicle.plate,
                vin=owned.vehicle.vin,
                plated=owned.vehicle.plated,
                since=owned.since,
                until=owned.until,
                km=car.km,
                km_day=car.km_day,
                sold_on="" if sale is None else sale.day,
                price_yuan=None if sale is None else sale.price_yuan,
                seller="" if sale is None else sale.seller,
                visits=car.visits,
                outlook=outlook,
                offers=offers,
                interest=None if owned.until else standing.get(owned.vehicle.key),
            )
        )
    return RecordsView(number, known.records.name, tuple(cars), known.records.complaints, known.words)
