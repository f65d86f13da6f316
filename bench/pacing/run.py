"""Runs policies in settings, in as many processes as there are cores."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from bench.pacing.baselines import Adaptive, Progressive, RingingRatio
from bench.pacing.figures import Row, row_of
from bench.pacing.settings import Setting
from bench.pacing.world import Policy, Tally, World
from campaigns.pacing.pacer import Pacer, Rules
from campaigns.pacing.state import State

OURS: Final = "Line400"
RATIO_BEST: Final = "ratio, best in hindsight"
RATIO_HOLDS: Final = "ratio, best that holds every hour"
FIXED: Final = (OURS, "progressive", "ADAPT_HARD_LIMIT", "ADAPT_TAPERED", "ADAPT_AVERAGE")
RATIOS: Final = tuple(round(1.0 + 0.125 * step, 3) for step in range(49))
"""Calls that ring for each free agent."""
Done = Callable[[str, int, int], None]
"""Told the setting, the run and of how many."""


class Ours:
    """The pacer as it stands, asked when something happens, at most once a second, and every 4 s."""

    tick_s = 4.0
    on_events = True
    pause_s = 1.0

    def __init__(self, rules: Rules | None = None) -> None:
        self.pacer = Pacer(rules)

    def decide(self, now: float, state: State) -> int:
        """What the pacer says."""
        return self.pacer.decide(now, state)


def policy_named(name: str, ratio: float = 0.0) -> Policy:
    """A fresh one; ``ratio`` needs one."""
    match name:
        case "Line400":
            return Ours()
        case "progressive":
            return Progressive()
        case "ratio":
            return RingingRatio(ratio)
        case _:
            return Adaptive(name)


@dataclass(frozen=True, slots=True)
class Job:
    """One run."""

    setting: Setting
    policy: str
    seed: int
    ratio: float = 0.0


def run(job: Job) -> Tally:
    """In this process."""
    return World(job.setting, policy_named(job.policy, job.ratio), job.seed).run()


class Comparison:
    """Rows for each policy, ``seeds`` runs each."""

    def __init__(self, pool: ProcessPoolExecutor, seeds: int, done: Done) -> None:
        self._pool = pool
        self._seeds = seeds
        self._done = done
        self._runs = 0

    def fixed(self, setting: Setting, policies: Sequence[str]) -> list[Row]:
        """Policies without a figure to choose."""
        return [self._row(setting, policy, policy) for policy in policies]

    def hindsight(self, setting: Setting) -> list[Row]:
        """The ratios that, had they been known before, gave the least idle: with the cap held on the whole; with the
        cap held in every window too (none may).
        """
        within = [row for row in self._search(setting) if row.abandon_pct <= 3.0]
        best = []
        for name, rows in ((RATIO_BEST, within), (RATIO_HOLDS, [row for row in within if row.holds])):
            if rows:
                row = min(rows, key=lambda each: each.idle_s_per_agent_hour)
                best.append(replace(row, policy=f"{name} ({row.policy})"))
        return best

    def _search(self, setting: Setting) -> list[Row]:
        """Rows around the last ratio that keeps the cap on the whole, and the last that keeps it in every window."""
        tried: dict[int, Row] = {}

        def at(place: int) -> Row:
            if place not in tried:
                tried[place] = self._row(setting, f"{RATIOS[place]:g}", "ratio", RATIOS[place])
            return tried[place]

        highest = _last(len(RATIOS), lambda place: at(place).abandon_pct <= 3.0)
        _last(highest + 1, lambda place: at(place).holds)
        return list(tried.values())

    def _row(self, setting: Setting, name: str, policy: str, ratio: float = 0.0) -> Row:
        tallies = []
        for tally in self._pool.map(run, [Job(setting, policy, seed, ratio) for seed in range(self._seeds)]):
            tallies.append(tally)
            self._runs += 1
            self._done(f"{setting.name}: {name}", len(tallies), self._seeds)
        return row_of(name, setting.name, setting.agents, tallies)


def _last(count: int, holds: Callable[[int], bool]) -> int:
    """The last of ``count`` places where ``holds`` is still true, if it turns false only once; -1: none."""
    low, high = -1, count
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            low = middle
        else:
            high = middle
    return low
