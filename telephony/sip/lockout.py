"""Whoever proves himself wrongly too often must wait, twice as long each time. Pure, and bounded in memory."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from telephony.sip.recent import Recent

FIRST_PAUSE_S: Final = 1.0
MAX_KEPT: Final = 10_000
FORGET_S: Final = 3600.0
"""Who proved nothing wrong for so long, pauses not counted, begins anew."""
_DOUBLINGS: Final = 20

Key = TypeVar("Key", bound=Hashable)


@dataclass(slots=True)
class _Row:
    wrong: int
    since: float
    at: float
    until: float


@dataclass(frozen=True, slots=True)
class Pause(Generic[Key]):
    """``key`` is in a pause up to ``until``, for ``wrong`` proofs ``since`` the first of them."""

    key: Key
    wrong: int
    since: float
    until: float


class Lockout(Generic[Key]):
    """``free`` wrong proofs cost nothing; each one more begins a pause of twice the length, up to ``longest_s``."""

    def __init__(self, free: int, longest_s: float, *, max_kept: int = MAX_KEPT) -> None:
        self._free = free
        self._longest_s = longest_s
        self._rows: Recent[Key, _Row] = Recent(max_kept)

    def __len__(self) -> int:
        return len(self._rows)

    def change(self, free: int, longest_s: float) -> None:
        """These hold for the next wrong proof; what is held against anybody stays, and no pause is longer than that."""
        self._free, self._longest_s = free, longest_s
        for _, row in self._rows:
            row.until = min(row.until, row.at + longest_s)

    def pauses(self, now: float) -> list[Pause[Key]]:
        """Who must wait now."""
        return [Pause(key, row.wrong, row.since, row.until) for key, row in self._rows if now < row.until]

    def lift(self, key: Key) -> None:
        """Hold nothing against ``key`` any more; no error where nothing is."""
        self._rows.drop(key)

    def wrong(self, key: Key, now: float) -> float:
        """Note a wrong proof; the length in seconds of the pause that begins now, 0 where there is none yet."""
        row = self._rows.get(key)
        if row is None or now - max(row.at, row.until) >= FORGET_S:
            row = _Row(0, now, now, float("-inf"))
        self._rows.put(key, row)
        row.wrong += 1
        row.at = now
        if row.wrong <= self._free:
            return 0.0
        pause_s = min(FIRST_PAUSE_S * 2.0 ** min(row.wrong - self._free - 1, _DOUBLINGS), self._longest_s)
        row.until = now + pause_s
        return pause_s

    def count(self, key: Key) -> int:
        """Wrong proofs that are held against ``key``."""
        row = self._rows.get(key)
        return 0 if row is None else row.wrong

    def locked(self, key: Key, now: float, *, at_most_s: float = float("inf")) -> bool:
        """Whether ``key`` is in a pause, of which only the first ``at_most_s`` count."""
        row = self._rows.get(key)
        return row is not None and now < min(row.until, row.at + at_most_s)

    def forgive(self, key: Key, wrong: int) -> None:
        """Hold ``wrong`` proofs less against ``key``; its pause ends where what is left would not have begun one."""
        row = self._rows.get(key)
        if row is None:
            return
        row.wrong -= wrong
        if row.wrong <= self._free:
            row.until = float("-inf")
        if row.wrong <= 0:
            self._rows.drop(key)
