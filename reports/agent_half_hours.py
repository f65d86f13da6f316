"""What agents did, by half hours as they are kept: a packed row for each agent who was there, of what adds up.

A talk and a ring belong to the half hour in which they began, whole; time in a state is cut at its edges
(``reports.agent_buckets``, which also makes these rows). So half hours add up to whatever is asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from reports.model import AgentLine
from reports.packed_rows import Ints

COUNTS: Final = ("calls", "rung", "answered", "withdrawn")
SECONDS: Final = ("talk_s", "hold_s", "talking_s", "wrap_up_s", "available_s", "paused_s")
"""Figures of ``AgentLine`` that add up."""
WORK: Final = np.dtype([("agent", "<u4"), *((name, "<u4") for name in COUNTS), *((name, "<f8") for name in SECONDS)])
"""One agent's half hour."""


def packed_work(lines: Sequence[AgentLine], numbers: Mapping[str, int]) -> bytes:
    """One half hour; ``numbers`` has the id of every agent in ``lines``."""
    rows = np.zeros(len(lines), dtype=WORK)
    rows["agent"] = [numbers[line.agent] for line in lines]
    for name in (*COUNTS, *SECONDS):
        rows[name] = [getattr(line, name) for line in lines]
    return rows.tobytes()


@dataclass(frozen=True, slots=True, eq=False)
class KeptWork:
    """Half hours as read, by time: ``sizes[i]`` of the ``rows`` belong to ``starts[i]``; ``agents`` by their id."""

    starts: NDArray[np.float64]
    sizes: Ints
    rows: NDArray[np.void]
    agents: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, halves: Sequence[tuple[float, bytes]], agents: Mapping[int, str]) -> "KeptWork":
        """``halves`` (start, packed) by time, unpacked."""
        return cls(
            starts=np.array([start for start, _ in halves], dtype=np.float64),
            sizes=np.array([len(packed) // WORK.itemsize for _, packed in halves], dtype=np.int64),
            rows=np.frombuffer(b"".join(packed for _, packed in halves), dtype=WORK),
            agents=agents,
        )

    def added_up(self, place_of: Ints) -> Iterator[tuple[int, str, Mapping[str, float]]]:
        """Sums by place and agent; ``place_of`` has the place of each start."""
        if not len(self.rows):
            return
        width = max(self.agents) + 1
        keys = np.repeat(place_of, self.sizes) * width + self.rows["agent"]
        groups, group_of = np.unique(keys, return_inverse=True)
        sums = {
            name: np.bincount(group_of, weights=self.rows[name], minlength=len(groups)).tolist()
            for name in (*COUNTS, *SECONDS)
        }
        for number, group in enumerate(groups.tolist()):
            place, agent = divmod(group, width)
            yield place, self.agents[agent], {name: column[number] for name, column in sums.items()}


NO_WORK: Final = KeptWork.of((), {})
