"""What is worked out of a run of ``bench.centre``: how soon phones rang, how far reports were behind, who was lost."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from acd.facts import QueueOutcome
from bench.centre.log import Entry, Logged
from bench.served.callers import Life

EDGES_MS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
CROSSING_S: Final = 1.0
"""An agent may pick up at the moment at which his caller hangs up; what is longer apart is no crossing."""
SHORTER_S: Final = 0.5
"""By so much a recording may be shorter than what its caller heard of the talk."""
TERMS: Final = ("answered", "abandoned", "overflowed", "called_back", "left_by_key", "waiting")
"""Of the identity: together they are the offered ones."""


def percentile(values: Iterable[float], share: float) -> float:
    """0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def histogram(values_ms: Iterable[float]) -> dict[str, int]:
    """How many lie up to each edge and above the one before; the last are longer than all edges."""
    places = Counter(bisect_left(EDGES_MS, value) for value in values_ms)
    names = ["0-1", *(f"{low}-{high}" for low, high in pairwise(EDGES_MS)), f"over {EDGES_MS[-1]}"]
    return {name: places[place] for place, name in enumerate(names)}


@dataclass(frozen=True, slots=True)
class Look:
    """A report that was asked for at ``asked_at`` and there at ``shown_at``, with its counts."""

    asked_at: float
    shown_at: float
    offered: int
    answered: int
    abandoned: int


class Moments:
    """When each of the changes came that a report counts."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entered = sorted(entry.entered_at for entry in entries)
        self._answered = sorted(entry.left_at for entry in entries if entry.outcome == QueueOutcome.ANSWERED)
        self._abandoned = sorted(entry.left_at for entry in entries if entry.outcome == QueueOutcome.ABANDONED)

    def behind_s(self, look: Look) -> float:
        """How old the oldest change was, when the report was there, that it did not count; 0 where it counted all."""
        counted = (
            (look.offered, self._entered), (look.answered, self._answered), (look.abandoned, self._abandoned),
        )  # fmt: skip
        missing = (times[count] for count, times in counted if count < len(times))
        return max((look.shown_at - at for at in missing if at < look.shown_at), default=0.0)


@dataclass(slots=True)
class Verdict:
    """``ends`` of callers; ``lost`` are those who neither talked nor hung up by plan; ``crossed`` hung up while an
    agent picked up; ``faults`` in words.
    """

    ends: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    crossed: int = 0
    faults: list[str] = field(default_factory=list)


def judge(lives: Iterable[Life], logged: Logged, report: Mapping[str, float]) -> Verdict:
    """Hold what each caller lived against the log, and the ``report`` of the whole run against both."""
    verdict = Verdict()
    for life in lives:
        verdict.ends[life.end] += 1
        fault = _lived_otherwise(life, logged, verdict)
        if life.end not in ("talked", "gave_up") or fault:
            verdict.lost += 1
            after_s = life.over_at - life.called_at
            verdict.faults.append(
                fault or f"caller {life.caller} was lost: {life.end} {life.status or ''} after {after_s:.1f} s"
            )
        if life.others:
            verdict.faults.append(f"caller {life.caller} heard {life.others} packets of another")
    verdict.faults += _identity(verdict, logged, report)
    return verdict


def _lived_otherwise(life: Life, logged: Logged, verdict: Verdict) -> str:
    """What the log says of a caller that he did not live, "" where both say the same."""
    entries = logged.entries.get(life.caller, [])
    outcomes = [entry.outcome for entry in entries]
    if life.end == "talked":
        if outcomes != [QueueOutcome.ANSWERED]:
            return f"caller {life.caller} talked with an agent; the log says {outcomes}"
        heard_s, recorded_s = life.over_at - life.met_at, logged.recorded_s.get(life.caller, 0.0)
        if recorded_s < heard_s - SHORTER_S:
            verdict.faults.append(f"caller {life.caller}: {recorded_s:.1f} of {heard_s:.1f} s are recorded")
    elif life.end == "gave_up":
        if outcomes == [QueueOutcome.ANSWERED] and life.over_at - entries[0].left_at < CROSSING_S:
            verdict.crossed += 1
        elif outcomes != [QueueOutcome.ABANDONED]:
            return f"caller {life.caller} gave up without hearing an agent; the log says {outcomes}"
    return ""


def _identity(verdict: Verdict, logged: Logged, report: Mapping[str, float]) -> list[str]:
    faults = []
    if report["offered"] != sum(report[term] for term in TERMS):
        faults.append(f"the report's identity does not hold: {dict(report)}")
    answered = verdict.ends["talked"] + verdict.crossed
    lived = {
        "offered": sum(verdict.ends.values()),
        "answered": answered,
        "abandoned": verdict.ends["gave_up"] - verdict.crossed,
        "waiting": 0,
    }
    if not verdict.lost:  # each of those who were lost is told already
        faults += [
            f"the report says {report[key]} {key}, callers say {count}"
            for key, count in lived.items()
            if report[key] != count
        ]
    if logged.recordings_begun != len(logged.recorded_s):
        faults.append(f"{logged.recordings_begun} recordings were begun, {len(logged.recorded_s)} are whole")
    if logged.recordings_faulty:
        faults.append(f"{logged.recordings_faulty} recordings were faulty")
    return faults
