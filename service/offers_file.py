"""Trade-in offers from their own TOML file, checked like the configuration: every fault names its line and key."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from campaigns.tradein.offers import Offer
from core.errors import ConfigError
from core.toml_lines import toml_lines
from service.config_reader import Check, ConfigReader

MAX_BYTES: Final = 1_000_000
MAX_OFFERS: Final = 1000
_ENDLESS: Final = 10**9


@dataclass(frozen=True, slots=True)
class OfferConfig:
    """[[offer]] for cars of ``models`` or ``segments`` (both empty: all), ``years_from`` to ``years_to`` old, with
    ``km_from`` to ``km_to`` on them: the new model ``to`` with ``subsidy_yuan``, from the day ``since`` to ``until``
    (included); ``launch``: when the new model comes, where that is still to be.
    """

    name: str
    to: str
    since: str
    until: str
    subsidy_yuan: int = 0
    models: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    years_from: float = 0.0
    years_to: float = 100.0
    km_from: int = 0
    km_to: int = _ENDLESS
    launch: str = ""


def read_offers(path: Path) -> tuple[Offer, ...]:
    """The offers in ``path``, in its order; ``ConfigError`` lists every fault."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}; check the name and the rights"]) from None
    if len(data) > MAX_BYTES:
        raise ConfigError([f"{path}: is larger than {MAX_BYTES} bytes; that is no file of offers"])
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        values, lines = tomllib.loads(text), toml_lines(text)
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path.name}: is not UTF-8 (byte {error.start}); save it as UTF-8"]) from None
    except (ValueError, RecursionError) as error:
        raise ConfigError([f"{path.name}: not well-formed TOML: {error}"]) from None
    reader = ConfigReader(path.name, lines, path.absolute().parent, os.environ, CHECKS)
    offers = _offers(reader, values)
    if reader.problems:
        raise ConfigError(reader.problems)
    return offers


def _offers(reader: ConfigReader, values: Mapping[str, object]) -> tuple[Offer, ...]:
    reader.refuse_unknown((), values, ("offer",))
    tables = values.get("offer", [])
    if not isinstance(tables, list):
        reader.fault(("offer",), "must be tables; write [[offer]] and its keys below it")
        return ()
    if len(tables) > MAX_OFFERS:
        reader.fault(("offer", MAX_OFFERS), f"more than {MAX_OFFERS} offers")
        return ()
    found: list[Offer] = []
    names: set[str] = set()
    for index, table in enumerate(tables):
        read = reader.record(OfferConfig, "offer", ("offer", index), _with_days(table))
        if read is None:
            continue
        offer = _offer(read)
        if offer.name in names:
            reader.fault(("offer", index, "name"), f"there are two of the name {offer.name!r}")
        names.add(offer.name)
        for first, last in (("since", "until"), ("years_from", "years_to"), ("km_from", "km_to")):
            if getattr(offer, last) < getattr(offer, first):
                reader.fault(("offer", index, last), f"must not be before {first}")
        found.append(offer)
    return tuple(found)


def _with_days(table: object) -> object:
    """TOML has days of its own: ``since = 2026-11-01`` is taken as well as ``since = "2026-11-01"``."""
    if not isinstance(table, Mapping):
        return table
    return {key: value.isoformat()[:10] if isinstance(value, date) else value for key, value in table.items()}


def _offer(read: OfferConfig) -> Offer:
    return Offer(
        name=read.name,
        to=read.to,
        since=date.fromisoformat(read.since),
        until=date.fromisoformat(read.until),
        subsidy_yuan=read.subsidy_yuan,
        models=read.models,
        segments=read.segments,
        years_from=read.years_from,
        years_to=read.years_to,
        km_from=read.km_from,
        km_to=read.km_to,
        launch=date.fromisoformat(read.launch) if read.launch else None,
    )


def _day(value: object) -> str | None:
    try:
        date.fromisoformat(str(value))
    except ValueError:
        return "must be a day; write it as 2026-11-30"
    return None


def _day_or_none(value: object) -> str | None:
    return _day(value) if value else None


def _said(value: object) -> str | None:
    return None if str(value).strip() else "must not be empty"


def _not_below_zero(value: object) -> str | None:
    return None if isinstance(value, int | float) and 0 <= value <= _ENDLESS else "must be 0 or more"


CHECKS: Final[Mapping[tuple[str, str], Check]] = {
    ("offer", "name"): _said,
    ("offer", "to"): _said,
    ("offer", "since"): _day,
    ("offer", "until"): _day,
    ("offer", "launch"): _day_or_none,
    **{("offer", key): _not_below_zero for key in ("subsidy_yuan", "years_from", "years_to", "km_from", "km_to")},
}
