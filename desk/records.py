"""What we know of a person's cars: who has had which, since when, what was done to it, sold and complained of.

Days are ISO text ("2026-11-22"), "" where not known. A car is known by its ``key``: the VIN, or the plate where no VIN
is known. A person is known by his number until there is more (``store.records`` alone knows this).
"""

from dataclasses import dataclass, field
from typing import Final

STOCK_STATES: Final = ("in_stock", "coming", "reserved", "sold")
"""Where a car in stock stands; of those that are sold nothing is shown."""


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A car; ``plated`` is the day of its first plate."""

    vin: str = ""
    plate: str = ""
    model: str = ""
    segment: str = ""
    plated: str = ""

    @property
    def key(self) -> str:
        """What it is known by."""
        return self.vin or self.plate


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who has, or had, the car: ``number`` with ``name``, from ``since`` (when it had ``km_since``) to ``until`` ("":
    he has it). ``replaced`` says that he gave it up for another, rather than that he was lost from sight. Our records
    of him began on ``known_since`` ("": with the ownership).
    """

    vehicle: Vehicle
    number: str
    name: str
    since: str
    until: str = ""
    replaced: bool = False
    km_since: int | None = None
    known_since: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """The car ``vehicle`` (its key, VIN or plate) was in the workshop on ``day`` for ``kind``, with ``km`` on it."""

    vehicle: str
    day: str
    kind: str = ""
    km: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sale:
    """``number`` bought the car ``vehicle`` from us on ``day``."""

    vehicle: str
    number: str
    day: str
    price_yuan: int | None = None
    seller: str = ""


@dataclass(frozen=True, slots=True)
class Complaint:
    """``number`` complained on ``day`` of ``text``; ``department`` looks after it, and has until ``closed``."""

    number: str
    day: str
    text: str
    department: str = ""
    vehicle: str = ""
    closed: str = ""


@dataclass(frozen=True, slots=True)
class StockCar:
    """A car of ours that waits for a buyer: in the house ``since`` (or expected), ``state`` one of ``STOCK_STATES``."""

    vin: str
    model: str
    colour: str = ""
    year: int | None = None
    price_yuan: int | None = None
    since: str = ""
    state: str = "in_stock"


@dataclass(frozen=True, slots=True)
class StockCount:
    """So many cars of a model are here, on their way, and kept for a buyer."""

    model: str
    in_stock: int = 0
    coming: int = 0
    reserved: int = 0


@dataclass(frozen=True, slots=True)
class CarHistory:
    """A person's car with what was done to it while he had it, the latest first; ``km`` is the most that was read, on
    ``km_day``.
    """

    ownership: Ownership
    visits: tuple[Visit, ...] = ()
    sale: Sale | None = None
    km: int | None = None
    km_day: str = ""


@dataclass(frozen=True, slots=True)
class PersonRecords:
    """All that is on record of a person: cars (those he has first), and complaints, the latest first."""

    number: str
    name: str = ""
    cars: tuple[CarHistory, ...] = field(default=())
    complaints: tuple[Complaint, ...] = field(default=())
