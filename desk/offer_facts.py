"""What can become true of trade-in offers that people have made (``desk.offers``). ``terms`` is a JSON object with the
keys of [[offer]]; ``by`` the account that did it.
"""

from dataclasses import dataclass

from core.events import Fact, fact


@fact("tradein.offer_made")
@dataclass(frozen=True, slots=True)
class TradeinOfferMade(Fact):
    """There is a new ``offer``, by ``terms``; offers are looked at by their ``place``, the least first."""

    offer: str
    terms: str
    place: int
    by: str


@fact("tradein.offer_changed")
@dataclass(frozen=True, slots=True)
class TradeinOfferChanged(Fact):
    """``terms`` are all that hold of ``offer`` from now on."""

    offer: str
    terms: str
    by: str


@fact("tradein.offer_ended")
@dataclass(frozen=True, slots=True)
class TradeinOfferEnded(Fact):
    """``offer`` is made to nobody any more; its ``terms`` end with the day before, and invite to no launch to come."""

    offer: str
    terms: str
    by: str


@fact("tradein.offer_moved")
@dataclass(frozen=True, slots=True)
class TradeinOfferMoved(Fact):
    """``offer`` stands at ``place`` now, ``other`` at ``other_place`` in its stead."""

    offer: str
    place: int
    other: str
    other_place: int
    by: str


@fact("tradein.offer_removed")
@dataclass(frozen=True, slots=True)
class TradeinOfferRemoved(Fact):
    """There is no ``offer`` any more; ``terms`` were its last."""

    offer: str
    terms: str
    by: str
