"""Processor time of processes that come and go, by what they are."""

from collections import defaultdict
from collections.abc import Mapping

from bench.processes import cpu_seconds


class Meter:
    """Counts from the first ``look`` on; who is seen later counts from his beginning, who is gone to his last look."""

    def __init__(self) -> None:
        self._before: dict[int, float] | None = None
        self._used: dict[int, float] = {}
        self._kinds: dict[int, str] = {}

    def look(self, kinds: Mapping[int, str]) -> None:
        """At all processes that there are now: what each is, by its id."""
        for pid, kind in kinds.items():
            self._kinds[pid] = kind
            self._used[pid] = max(self._used.get(pid, 0.0), cpu_seconds([pid]))
        if self._before is None:
            self._before = dict(self._used)

    def used_s(self) -> dict[str, float]:
        """Seconds of each kind so far."""
        before = self._before or {}
        sums: dict[str, float] = defaultdict(float)
        for pid, used in self._used.items():
            sums[self._kinds[pid]] += used - before.get(pid, 0.0)
        return dict(sums)
