"""What the API tells of a person's cars and history, and of the chance that he replaces one. Days are ISO text."""

from dataclasses import dataclass

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
    cycle was fitted, and for cars that he has no more.
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


@dataclass(frozen=True, slots=True)
class RecordsView:
    """All that is on record of a person, and his number as the asker may see it."""

    number: str
    name: str
    cars: tuple[CarView, ...]
    complaints: tuple[Complaint, ...]


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """His records, and an outlook (or None) for each of his cars, in their order."""

    records: PersonRecords
    outlooks: tuple[OutlookView | None, ...]


def records_view(known: KnownPerson, number: str) -> RecordsView:
    """The view, with ``number`` as it is to be shown."""
    cars = []
    for car, outlook in zip(known.records.cars, known.outlooks, strict=True):
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
            )
        )
    return RecordsView(number, known.records.name, tuple(cars), known.records.complaints)
