"""Stands in the place of a session that has ended.

Its parts know their session, and it knows them: such rings are found by the cyclic collector alone, which on a line
with hundreds of calls takes longer than the event loop may stand still. So a session that ends gives its parts this in
its place, and all of them are freed at once. An answer that comes late finds nobody to tell.
"""

from typing import Final

from telephony.sip.events import SipEvent


class _Gone:
    """Hears nothing and wants nothing (``offer_owner.Owner``, ``referrals.Owner``)."""

    __slots__ = ()
    id: Final = ""
    user: Final = ""
    may_offer: Final = False
    may_update: Final = False

    def tell(self, event: SipEvent) -> None:
        """Nobody listens."""

    def on_lost(self, now: float) -> None:
        """It is over already."""

    def on_no_ack(self, now: float) -> None:
        """It is over already."""

    def on_settled(self, now: float) -> None:
        """It is over already."""


GONE: Final = _Gone()


def nothing(now: float) -> None:
    """What is done for a session that has ended."""
