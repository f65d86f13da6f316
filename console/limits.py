"""How often someone may try to sign in: failures are counted per address and per account name, in a sliding window."""

from collections import OrderedDict, deque
from typing import Final

_MAX_KEYS: Final = 10_000


class FailureLimit:
    """At most ``most`` failures within ``window_s`` for one key; pure, time is passed in."""

    __slots__ = ("_failures", "_most", "_window_s")

    def __init__(self, most: int, window_s: float) -> None:
        self._most = most
        self._window_s = window_s
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, key: str, now: float) -> float:
        """0 where ``key`` may try now, else the seconds until it may."""
        failures = self._failures.get(key)
        if failures is None:
            return 0.0
        while failures and failures[0] <= now - self._window_s:
            failures.popleft()
        if not failures:
            del self._failures[key]
            return 0.0
        return failures[0] + self._window_s - now if len(failures) >= self._most else 0.0

    def failed(self, key: str, now: float) -> None:
        """``key`` tried and failed."""
        self._failures.setdefault(key, deque(maxlen=self._most)).append(now)
        self._failures.move_to_end(key)
        while len(self._failures) > _MAX_KEYS:  # the oldest go first: memory stays bounded under a flood of names
            self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """``key`` got in: its failures are forgotten."""
        self._failures.pop(key, None)
