"""What a run, and what many runs, come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.pacing.world import Tally

ENOUGH: Final = 100
HOUR_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Row:
    """A policy in a setting over ``seeds`` runs; shares in percent. ``worst_window_abandon_pct``: of the worst window
    in any of them.
    """

    policy: str
    setting: str
    agents: int
    idle_s_per_agent_hour: float
    talk_pct: float
    abandon_pct: float
    worst_window_abandon_pct: float
    windows_over_pct: float
    answered: int
    seeds: int

    @property
    def holds(self) -> bool:
        """Whether the cap of 3 % held, on the whole and in every window."""
        return self.abandon_pct <= 3.0 and self.worst_window_abandon_pct <= 3.0


def windows(people: Sequence[tuple[float, int]]) -> list[float]:
    """The share abandoned of each window that ends with somebody who answered: the last 60 minutes, or as much longer
    as it takes until ``ENOUGH`` people have answered.
    """
    shares, first, lost = [], 0, 0
    before = [0]
    for _, abandoned in people:
        before.append(before[-1] + abandoned)
    for last, (now, _) in enumerate(people):
        while people[first][0] <= now - HOUR_S:
            first += 1
        begin = min(first, last - ENOUGH + 1)
        if begin >= 0:
            lost = before[last + 1] - before[begin]
            shares.append(lost / (last + 1 - begin))
    return shares


def row_of(policy: str, setting: str, agents: int, tallies: Sequence[Tally]) -> Row:
    """All runs of a policy in a setting."""
    agent_s = sum(tally.agent_s for tally in tallies)
    people = sum(len(tally.people) for tally in tallies)
    lost = sum(abandoned for tally in tallies for _, abandoned in tally.people)
    shares = [share for tally in tallies for share in windows(tally.people)]
    return Row(
        policy,
        setting,
        agents,
        round(3600 * sum(tally.idle_s for tally in tallies) / agent_s, 1),
        round(100 * sum(tally.talk_s for tally in tallies) / agent_s, 2),
        round(100 * lost / max(people, 1), 3),
        round(100 * max(shares, default=0.0), 3),
        round(100 * sum(share > 0.03 + 1e-9 for share in shares) / max(len(shares), 1), 3),
        people,
        len(tallies),
    )
