"""From facts about trade-in offers that people have made to their rows. Pure; part of ``store.projection``."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, delete, insert

from core.events import Event
from desk.offer_facts import (
    TradeinOfferChanged,
    TradeinOfferEnded,
    TradeinOfferMade,
    TradeinOfferMoved,
    TradeinOfferRemoved,
)
from store.changes import Change, Values, changed, inserted, updating
from store.schema_offers import tradein_offers

_make: Final = insert(tradein_offers)
_change: Final = updating(tradein_offers, "name", "terms", "changed_at", "changed_by")
_move: Final = updating(tradein_offers, "name", "place")
_remove: Final = delete(tradein_offers).where(tradein_offers.c.name == bindparam("row"))


def offer_changes(event: Event) -> Sequence[Change]:
    """An offer is known by its name."""
    match event.fact:
        case TradeinOfferMade() as it:
            whose: Values = {"made_at": event.at, "made_by": it.by, "changed_at": event.at, "changed_by": it.by}
            return [inserted(_make, name=it.offer, terms=it.terms, place=it.place, **whose)]
        case TradeinOfferChanged() | TradeinOfferEnded() as it:
            return [changed(_change, it.offer, terms=it.terms, changed_at=event.at, changed_by=it.by)]
        case TradeinOfferMoved() as it:
            return [changed(_move, it.offer, place=it.place), changed(_move, it.other, place=it.other_place)]
        case TradeinOfferRemoved() as it:
            return [Change(_remove, {"row": it.offer})]
        case _:
            return []
