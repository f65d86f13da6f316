"""How much one source may ask: a token bucket for each. Pure, and bounded: of too many sources the one that was quiet
longest is forgotten.
"""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Final

from telephony.sip.recent import Recent

RATE_PER_S: Final = 50.0
BURST: Final = 100.0
MAX_SOURCES: Final = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Strangers:
    """``rate_per_s`` requests for each source in the long run, ``burst`` at once."""

    def __init__(self, rate_per_s: float = RATE_PER_S, burst: float = BURST, *, max_sources: int = MAX_SOURCES) -> None:
        self._rate_per_s = rate_per_s
        self._burst = burst
        self._buckets: Recent[str, _Bucket] = Recent(max_sources)
        self.dropped = 0
        """Requests that were over the limit."""

    def __len__(self) -> int:
        return len(self._buckets)

    def change(self, rate_per_s: float, burst: float) -> None:
        """These hold from now on."""
        self._rate_per_s, self._burst = rate_per_s, burst

    def lets_in(self, host: str, now: float) -> bool:
        """Whether one more request of ``host`` is served; if not, it is counted as dropped."""
        if self._take(source_of(host), now):
            return True
        self.dropped += 1
        return False

    def _take(self, source: str, now: float) -> bool:
        bucket = self._buckets.get(source) or _Bucket(self._burst, now)
        self._buckets.put(source, bucket)
        bucket.tokens = min(self._burst, bucket.tokens + max(0.0, now - bucket.at) * self._rate_per_s)
        bucket.at = now
        if bucket.tokens < 1.0:
            return False
        bucket.tokens -= 1.0
        return True


@lru_cache(maxsize=4096)
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
