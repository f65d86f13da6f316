"""What the line's own log tells of a run of ``bench.centre``, read from its database once it has been ended."""

import json
import sqlite3
from collections import defaultdict, deque
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from acd.facts import AgentStateChanged, AgentStatus, OfferEnded, OfferMade, QueueEntered, QueueLeft
from bench.served.sipp_desk import Rung
from telephony.facts import CallStarted, RecordingFaulty, RecordingFinished, RecordingStarted

EARLY_S: Final = 0.01
"""A phone's clock reading may be that much before the log's of the same ringing, which is written a moment later."""
_LATE_S: Final = 1.0


@dataclass(slots=True)
class Entry:
    """One caller in the queue; times are epoch seconds, ``free_at`` since when he is nobody's (entered, or the last
    ringing for him ended).
    """

    caller: int
    entered_at: float
    free_at: float
    left_at: float = 0.0
    outcome: str = ""


@dataclass(slots=True)
class Offer:
    """One ringing. It was possible since ``possible_at``: the agent was free and the caller there; ``awaited`` says who
    of the two came last. ``seen_at`` is when the phone got its INVITE, 0 where it got none.
    """

    agent: str
    caller: int
    possible_at: float
    awaited: str
    made_at: float
    ended_at: float = 0.0
    seen_at: float = 0.0


@dataclass(slots=True)
class Logged:
    """``wrap_ups_late_s``: how much later than promised each wrap-up ended. ``recorded_s`` by caller."""

    entries: dict[int, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    offers: list[Offer] = field(default_factory=list)
    wrap_ups_late_s: list[float] = field(default_factory=list)
    recorded_s: dict[int, float] = field(default_factory=dict)
    recordings_begun: int = 0
    recordings_faulty: int = 0
    facts: int = 0

    def all_entries(self) -> list[Entry]:
        """Of all callers."""
        return [entry for entries in self.entries.values() for entry in entries]


class _Reader:
    """Takes facts in the order of the log."""

    def __init__(self, wrap_up_s: float) -> None:
        self.logged = Logged()
        self._wrap_up_s = wrap_up_s
        self._callers: dict[str, int] = {}
        self._entries: dict[str, Entry] = {}
        self._offers: dict[str, Offer] = {}
        self._free_at: dict[str, float] = {}
        self._wraps_since: dict[str, float] = {}

    def take(self, at: float, call_id: str, name: str, data: dict[str, Any]) -> None:
        """One fact."""
        logged = self.logged
        logged.facts += 1
        match name:
            case CallStarted.name:
                self._callers[call_id] = int(str(data["ani"])[-8:])
            case AgentStateChanged.name:
                self._agent(at, data["agent"], data["state"])
            case QueueEntered.name:
                entry = Entry(self._callers[call_id], at, at)
                self._entries[data["entry"]] = entry
                logged.entries[entry.caller].append(entry)
            case QueueLeft.name:
                entry = self._entries[data["entry"]]
                entry.left_at, entry.outcome = at, data["outcome"]
            case OfferMade.name:
                self._offer(at, data["offer"], data["agent"], self._entries[data["entry"]])
            case OfferEnded.name:
                self._offers[data["offer"]].ended_at = at
                self._entries[data["entry"]].free_at = at
            case RecordingStarted.name:
                logged.recordings_begun += 1
            case RecordingFinished.name:
                logged.recorded_s[self._callers[call_id]] = data["duration_s"]
            case RecordingFaulty.name:
                logged.recordings_faulty += 1

    def _agent(self, at: float, agent: str, state: str) -> None:
        since = self._wraps_since.pop(agent, None)
        if state == AgentStatus.WRAP_UP:
            self._wraps_since[agent] = at
        elif state == AgentStatus.AVAILABLE:
            self._free_at[agent] = at
            if since is not None:
                self.logged.wrap_ups_late_s.append(at - since - self._wrap_up_s)

    def _offer(self, at: float, offer: str, agent: str, entry: Entry) -> None:
        free_at = self._free_at.get(agent, 0.0)
        awaited = "agent" if free_at > entry.free_at else "caller"
        made = Offer(agent, entry.caller, max(free_at, entry.free_at), awaited, at)
        self._offers[offer] = made
        self.logged.offers.append(made)


def read_log(database: Path, wrap_up_s: float) -> Logged:
    """All facts of the SQLite ``database``."""
    reader = _Reader(wrap_up_s)
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        for at, call_id, name, data in connection.execute("SELECT at, call_id, name, data FROM events ORDER BY seq"):
            reader.take(at, call_id, name, json.loads(data))
    return reader.logged


def see(offers: Iterable[Offer], rung: Iterable[Rung]) -> None:
    """Note in each of ``offers`` (in the order of the log) when the phone got its INVITE."""
    seen: dict[tuple[str, int], deque[float]] = defaultdict(deque)
    for one in sorted(rung, key=lambda one: one.at):
        seen[one.agent, one.caller].append(one.at)
    for offer in offers:
        times = seen[offer.agent, offer.caller]
        while times and times[0] < offer.made_at - EARLY_S:
            times.popleft()
        if times and (not offer.ended_at or times[0] <= offer.ended_at + _LATE_S):
            offer.seen_at = times.popleft()
