"""[[offer]] in the configuration, each a ``desk.offers.Offer``: what it may say, and what does not go together."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from desk.offers import MOST_KM, MOST_YEARS

if TYPE_CHECKING:
    from service.config_links import Places
    from service.config_model import Config

MAX_OFFERS: Final = 1000
MOST_YUAN: Final = 10_000_000
_NAME_LONGEST: Final = 60


def check_offers(config: "Config", at: "Places") -> None:
    """Note offers of one name, spans that end before they begin, and launches while they do not hold."""
    if len(config.offers) > MAX_OFFERS:
        at.fault(("offer", MAX_OFFERS), f"there are more than {MAX_OFFERS} offers; take those out that have ended")
    names: set[str] = set()
    for index, each in enumerate(config.offers):
        if each.name in names:
            at.fault(("offer", index, "name"), f"there are two of the name {each.name!r}; selections know them by it")
        names.add(each.name)
        for first, last in (("since", "until"), ("years_from", "years_to"), ("km_from", "km_to")):
            if getattr(each, last) < getattr(each, first):
                before = "before" if last == "until" else "less than"
                at.fault(("offer", index, last), f"must not be {before} {first} ({getattr(each, first)})")
        if each.launch is not None and each.launch > each.until:
            at.warn(("offer", index, "launch"), f"is after until ({each.until}): the offer has ended by then")
        elif each.launch is not None and each.launch < each.since:
            at.warn(("offer", index, "launch"), f"is before since ({each.since}): the offer does not hold yet by then")


def _name(value: object) -> str | None:
    said = str(value).strip()
    if said != value or not 0 < len(said) <= _NAME_LONGEST or "," in said or "，" in said:
        return f"must have 1 to {_NAME_LONGEST} signs, no comma, and no space at its ends"
    return None


def _said(value: object) -> str | None:
    return None if str(value).strip() else "must not be empty"


def _all_said(value: object) -> str | None:
    names = value if isinstance(value, tuple) else ()
    return None if all(str(name).strip() for name in names) else 'must not hold an empty name; write ["轩逸"]'


def _between(low: int, high: int) -> Callable[[object], str | None]:
    return lambda value: (
        None if isinstance(value, int | float) and low <= value <= high else f"must be from {low} to {high}"
    )


OFFER_CHECKS: Final[Mapping[tuple[str, str], Callable[[object], str | None]]] = {
    ("offer", "name"): _name,
    ("offer", "to"): _said,
    ("offer", "models"): _all_said,
    ("offer", "segments"): _all_said,
    ("offer", "subsidy_yuan"): _between(0, MOST_YUAN),
    **{("offer", key): _between(0, MOST_YEARS) for key in ("years_from", "years_to")},
    **{("offer", key): _between(0, MOST_KM) for key in ("km_from", "km_to")},
}
"""By table and key, beside ``service.config_checks``."""
