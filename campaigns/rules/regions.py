"""In which region of the rules a number lies: the first that fits counts. Pure."""

from campaigns.rules.values import Region, Rules
from core.numbers import national


def place_of(number: str, rules: Rules) -> str:
    """Where ``number`` lies; "" where that is not known, or no region asks for it."""
    return "" if rules.places is None else rules.places.place(number)


def region_of(number: str, rules: Rules) -> Region | None:
    """The region whose hours hold for ``number``; None: those of the house alone."""
    if not rules.regions:
        return None
    dialled, place = national(number), place_of(number, rules)
    return next((it for it in rules.regions if dialled.startswith(it.prefixes) or place.startswith(it.places)), None)
