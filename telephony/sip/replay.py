"""Which digest proofs have been used: the nonce count of RFC 7616 §3.4 must grow. Pure, and bounded in memory."""

from collections import OrderedDict
from typing import Final

MAX_USES: Final = 10_000
"""Pairs of nonce and user that are remembered; only who knows a password makes one."""


class UsedProofs:
    """The highest nonce count seen for each nonce and user.

    Where the memory is full the entry that was noted first goes, and with it every nonce made no later than that:
    forgetting never lets a proof be used again, it costs a phone one more challenge.
    """

    __slots__ = ("_counts", "_forgotten_until", "_limit")

    def __init__(self, limit: int = MAX_USES) -> None:
        self._counts: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()
        self._limit = limit
        self._forgotten_until = float("-inf")

    def __len__(self) -> int:
        return len(self._counts)

    def use(self, nonce: str, made_at: float, user: str, count: int, oldest: float) -> bool:
        """Note a right proof with ``count`` for a nonce made at ``made_at``; False where it may have been used before.

        Nonces made before ``oldest`` are no longer accepted by the caller, so that they need not be remembered.
        """
        key = nonce, user
        known = self._counts.get(key)
        if known is None and made_at <= self._forgotten_until:
            return False
        if count <= (known[1] if known is not None else 0):
            return False
        if known is None:
            self._make_room(oldest)
        self._counts[key] = made_at, count
        return True

    def _make_room(self, oldest: float) -> None:
        """Look only at the entries that go: all of them for each new one would be what a registration costs most where
        more phones register within the life of a nonce than are remembered.
        """
        if len(self._counts) < self._limit:
            return
        while self._counts:
            key, (made_at, _) = next(iter(self._counts.items()))
            if made_at >= oldest:
                if len(self._counts) < self._limit:
                    return
                self._forgotten_until = max(self._forgotten_until, made_at)
            del self._counts[key]
