"""What the configuration says of warranties: when they end, so that those whose does soon can be selected."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from desk.selection import Warranties, Warranty

_MODEL: Final = re.compile(r"(.{1,60}):([1-9]\d{0,3}):([1-9]\d{0,6})")
_MONTHS_MOST: Final = 600


@dataclass(frozen=True, slots=True)
class WarrantySettings:
    """[warranty] it ends ``months`` after the first plate of a car (or the day on which the owner got it), or with
    ``km``, whichever comes first. ``models`` have their own: "轩逸:60:150000" is a model, its months and its km.
    """

    months: int = 36
    km: int = 100_000
    models: tuple[str, ...] = ()


def warranties_of(settings: WarrantySettings) -> Warranties:
    """The warranties that ``settings``, which have been checked, mean."""
    special = {}
    for line in settings.models:
        if found := _MODEL.fullmatch(line):
            special[found[1]] = Warranty(int(found[2]), int(found[3]))
    return Warranties(Warranty(settings.months, settings.km), MappingProxyType(special))


def _between(low: int, high: int) -> Callable[[object], str | None]:
    return lambda value: None if isinstance(value, int) and low <= value <= high else f"must be from {low} to {high}"


def _models(value: object) -> str | None:
    lines = value if isinstance(value, tuple) else ()
    for line in lines:
        found = _MODEL.fullmatch(str(line))
        if found is None or int(found[2]) > _MONTHS_MOST:
            return f'{line!r} must be a model, its months (at most {_MONTHS_MOST}) and its km, such as "轩逸:60:150000"'
    names = [str(line).rsplit(":", 2)[0] for line in lines]
    twice = next((name for name in names if names.count(name) > 1), None)
    return None if twice is None else f"{twice!r} is given twice"


WARRANTY_CHECKS: Final[Mapping[tuple[str, str], Callable[[object], str | None]]] = {
    ("warranty", "months"): _between(1, _MONTHS_MOST),
    ("warranty", "km"): _between(1, 3_000_000),
    ("warranty", "models"): _models,
}
