"""Two offers at once: whose comes again, and when (RFC 3261 §14.1, RFC 3311 §5.1). Pure."""

from collections.abc import Callable
from typing import Final

from telephony.sip.message import Response

MAX_RETRIES: Final = 5
_LATER_S: Final = 10
"""§14.2 and RFC 3311 §5.2: the longest that a peer with an open offer asks us to wait."""


class Glare:
    """Of one offer of ours. ``began_call``: whether we made the Call-ID; ``chance`` gives a number from 0 up to 1."""

    __slots__ = ("_began_call", "_chance", "_pause", "_tries")

    def __init__(self, chance: Callable[[], float], *, began_call: bool) -> None:
        self._chance = chance
        self._began_call = began_call
        self._pause: int | None = None
        self._tries = 0

    def forget(self) -> None:
        """Another offer is made."""
        self._tries = 0

    def is_in(self, response: Response) -> bool:
        """Whether ``response`` says that an offer of the peer's is open (491, or 500 with Retry-After), and ours may
        come once more.
        """
        self._pause = _pause_asked_by(response)
        return (response.status == 491 or self._pause is not None) and self._tries < MAX_RETRIES

    def wait_s(self) -> float:
        """§14.1: 2.1 to 4 s for whoever made the Call-ID, 0 to 2 s for the other, in steps of 10 ms; or as long as the
        peer asked, and up to a second more.
        """
        self._tries += 1
        chance = self._chance()
        if self._pause is not None:
            return self._pause + round(chance, 2)
        return round(2.1 + 1.9 * chance if self._began_call else 2.0 * chance, 2)


def _pause_asked_by(response: Response) -> int | None:
    """Seconds; None where it asks for none, or for more than a peer with an open offer would."""
    text = (response.headers.get("Retry-After") or "").partition(";")[0].partition("(")[0].strip()
    if response.status != 500 or not (text.isascii() and text.isdigit() and len(text) <= 2):
        return None
    return int(text) if int(text) <= _LATER_S else None
