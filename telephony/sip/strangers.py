"""How much strangers may ask: a token bucket for each source, and a growing pause for who guesses passwords. Pure.

A stranger is a source that is no trunk and no registered phone; who that is, the caller knows. What is kept is bounded:
of too many sources the one that was quiet longest is forgotten.
"""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final, Generic, TypeVar

RATE_PER_S: Final = 50.0
BURST: Final = 100.0
MAX_SOURCES: Final = 10_000
FREE_GUESSES: Final = 5
"""Wrong proofs in a row before the first pause, of one second; each one more doubles it."""
MAX_PAUSE_S: Final = 60.0
FORGET_S: Final = 600.0
"""A source that proved nothing wrong for so long begins anew."""
REPORT_S: Final = 60.0

_Kept = TypeVar("_Kept")


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(slots=True)
class _Guesses:
    """Of one source: wrong proofs in a row, those not told yet, and when it was told last."""

    at: float
    in_a_row: int = 0
    untold: int = 0
    told_at: float = float("-inf")
    paused_until: float = float("-inf")


class _Recent(Generic[_Kept]):
    """A bounded table that forgets what was touched longest ago."""

    __slots__ = ("_items", "_limit")

    def __init__(self, limit: int) -> None:
        self._items: dict[str, _Kept] = {}
        self._limit = limit

    def __len__(self) -> int:
        return len(self._items)

    def get(self, key: str) -> _Kept | None:
        return self._items.get(key)

    def put(self, key: str, item: _Kept) -> None:
        self._items.pop(key, None)
        if len(self._items) >= self._limit:
            del self._items[next(iter(self._items))]
        self._items[key] = item


class Strangers:
    """``rate_per_s`` requests for each source in the long run, ``burst`` at once."""

    def __init__(self, rate_per_s: float = RATE_PER_S, burst: float = BURST, *, max_sources: int = MAX_SOURCES) -> None:
        self._rate_per_s = rate_per_s
        self._burst = burst
        self._buckets: _Recent[_Bucket] = _Recent(max_sources)
        self._guesses: _Recent[_Guesses] = _Recent(max_sources)
        self.dropped = 0
        """Requests that were over the limit or came in a pause."""

    def __len__(self) -> int:
        return len(self._buckets)

    def lets_in(self, host: str, now: float) -> bool:
        """Whether one more request of ``host`` is served; if not, it is counted as dropped."""
        source = source_of(host)
        guesses = self._guesses.get(source)
        if (guesses is not None and now < guesses.paused_until) or not self._take(source, now):
            self.dropped += 1
            return False
        return True

    def guessed_wrong(self, host: str, now: float) -> int:
        """Note a wrong proof; how many are to be reported now, 0 where a report was made within the last minute."""
        source = source_of(host)
        known = self._guesses.get(source)
        guesses = known if known is not None and now - known.at < FORGET_S else _Guesses(now)
        self._guesses.put(source, guesses)
        guesses.at = now
        guesses.in_a_row += 1
        guesses.untold += 1
        if guesses.in_a_row >= FREE_GUESSES:
            doubled = 2.0 ** min(guesses.in_a_row - FREE_GUESSES, 10)
            guesses.paused_until = now + min(doubled, MAX_PAUSE_S)
        if now - guesses.told_at < REPORT_S:
            return 0
        told, guesses.untold, guesses.told_at = guesses.untold, 0, now
        return told

    def proved_right(self, host: str) -> None:
        """A right proof ends the row of wrong ones."""
        guesses = self._guesses.get(source_of(host))
        if guesses is not None:
            guesses.in_a_row = 0
            guesses.paused_until = float("-inf")

    def _take(self, source: str, now: float) -> bool:
        bucket = self._buckets.get(source) or _Bucket(self._burst, now)
        self._buckets.put(source, bucket)
        bucket.tokens = min(self._burst, bucket.tokens + max(0.0, now - bucket.at) * self._rate_per_s)
        bucket.at = now
        if bucket.tokens < 1.0:
            return False
        bucket.tokens -= 1.0
        return True


def source_of(host: str) -> str:
    """What counts as one source: an IPv4 address, or the /64 of an IPv6 address, which is one customer's."""
    if ":" not in host:
        return host
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"
