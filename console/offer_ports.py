"""What the console needs of other rooms to show and keep trade-in offers, by the rules of ``console.ports``."""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias

from console.campaign_views import PlanCheck, PlanValue
from console.tradein_views import OfferView

OfferTerms: TypeAlias = Mapping[str, PlanValue]
"""By the keys of [[offer]]; days are ISO text."""


class OfferControl(Protocol):
    """Offers that people make, beside those of the configuration, which they cannot change: ``LocalProtocolError``
    where they would. ``by`` is the account that asks. None and False: there is no such offer.
    """

    async def offers(self) -> Sequence[OfferView]:
        """All, in the order in which they are looked at."""
        ...

    async def fitting(self) -> Mapping[str, int]:
        """How many people each of those that have not ended fits now, by name."""
        ...

    async def check(self, terms: OfferTerms, *, of: str = "") -> PlanCheck:
        """What would be said of a new offer, or of changes of ``of``; nothing is kept. Its warnings stop nothing."""
        ...

    async def make(self, terms: OfferTerms, by: str) -> OfferView:
        """Keep a new one, before all others; ``ParseError`` names the first fault and its field."""
        ...

    async def change(self, name: str, terms: OfferTerms, by: str, *, seen: float | None = None) -> OfferView | None:
        """These hold from now on; its name stays. ``ChangedSince`` where it is not as it was ``seen`` (its
        ``changed_at``) any more.
        """
        ...

    async def end(self, name: str, by: str) -> OfferView | None:
        """It is made to nobody from now on, and nobody is invited to its launch; ``LocalProtocolError`` where it has
        ended or not begun.
        """
        ...

    async def up(self, name: str, by: str) -> OfferView | None:
        """It stands before the one that stood before it; ``LocalProtocolError`` where it is the first."""
        ...

    async def remove(self, name: str, by: str) -> bool:
        """``LocalProtocolError`` where a selection asks for it."""
        ...
