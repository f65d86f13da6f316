"""Random days without end: a million events (and more) on the call distribution, counted by the reports.

``python -m tests.scenario.long_days --events 1000000 --json``. As in ``test_acd_invariants``, with processes that die,
clocks that stand elsewhere at the next start, and callers who are passed on. Each day's entries go into the reports:
for every queue and half hour these must say what was counted beside them, offered = answered + abandoned + overflowed +
called back + left by key + still waiting.
"""

import argparse
import json
import sys
import time
from collections import Counter
from typing import Final

from acd.agents import AgentInput
from acd.callback_facts import CallbackLeft
from acd.facts import AgentStateChanged, AgentStatus, OfferEnded, OfferResult, QueueEntered, QueueLeft, QueueOutcome
from acd.scheduler import Scheduler
from acd.urgency import CallerTerms
from core.events import Fact
from reports.levels import sum_of_ends
from reports.model import Bucket, ReportQuery
from reports.queues import queue_report
from reports.rows import EntryRow
from tests.scenario.test_acd_invariants import AGENTS, PROFILES, Day, Inspector, several

STEPS: Final = 500
"""Of one day."""
_HALF_HOUR_S: Final = 1800.0
_NEVER_ENDS: Final = 100_000


class Witness(Inspector):
    """Keeps, besides, when each entry came and how it ended."""

    def __init__(self, day: "LongDay") -> None:
        super().__init__(several(day.queues))
        self.day = day
        self.entries: dict[str, EntryRow] = {}

    def see(self, fact: Fact) -> None:
        """As the reports would have it."""
        super().see(fact)
        match fact:
            case QueueEntered(entry=entry, queue=queue):
                self.entries[entry] = EntryRow(entry, f"c-{entry}", queue, self.day.now, "", None)
            case QueueLeft(entry=entry, outcome=outcome, wait_s=wait_s):
                row = self.entries[entry]
                self.entries[entry] = EntryRow(entry, row.call_id, row.queue, row.entered_at, str(outcome), wait_s)
            case _:
                pass


class LongDay(Day):
    """A day with more that can happen; it begins at any time."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.now += self.chance.uniform(0, 86_400)
        self.happened: Counter[str] = Counter()
        self.inspector = Witness(self)
        self.restart()

    def step(self) -> None:
        """Mostly as on other days."""
        act = self.chance.choices(["usual", "transfer", "crash", "jump"], [940, 40, 5, 15])[0]
        self.happened[act] += 1
        if act == "transfer":
            self.pass_on()
        elif act == "crash":
            self.crash()
        elif act == "jump":
            self.pass_time(self.chance.choice([60.0, 900.0, 3600.0]))
        else:
            super().step()

    def pass_on(self) -> None:
        """An agent passes his caller on to a queue, ahead of others or not."""
        if not self.inspector.talking:
            return
        agent, entry = self.chance.choice(sorted(self.inspector.talking.items()))
        self.scheduler.talk_over(agent, entry, self.now)
        self.take()
        line = self.scheduler.lines[self.chance.choice(self.queues).name]
        terms = CallerTerms(ahead_s=self.chance.choice([0.0, 300.0]))
        name = f"t{next(self.entries)}"
        self.scheduler.enter(name, f"c-{name}", line.rules.name, self.now, terms)
        self.take()

    def crash(self) -> None:
        """The process dies; what was open is ended from the log, and the clock may stand elsewhere by then."""
        see = self.inspector.see
        for offer in list(self.inspector.offers.values()):
            see(OfferEnded(offer.offer, offer.entry, offer.queue, offer.agent, OfferResult.FAILED, 0.0))
        for entry, queue in list(self.inspector.waiting.items()):
            if entry in self.inspector.absent:
                see(CallbackLeft(f"b-{entry}", entry, queue, "withdrawn", 0.0))
            else:
                waited_s = max(0.0, self.now - self.scheduler.lines[queue].entries[entry].entered_at)
                see(QueueLeft(entry, queue, QueueOutcome.INTERRUPTED, waited_s))
        for agent in AGENTS:
            see(AgentStateChanged(agent, AgentStatus.OFFLINE, ""))
        self.now += self.chance.choice([-3600.0, -60.0, 5.0, 60.0, 7200.0])
        self.restart()

    def restart(self) -> None:
        """A new process; agents come back."""
        self.rings.clear()
        self.stale.clear()
        self.direct.clear()
        offers, begun = iter(range(_NEVER_ENDS)), f"{next(self.entries)}"
        self.scheduler = Scheduler(
            self.queues, lambda: f"o{begun}-{next(offers)}", agents=AGENTS, profiles=PROFILES, draw=self.chance.random
        )
        for agent in AGENTS:
            self.scheduler.command(agent, AgentInput.PHONE_UP, self.now)
            self.scheduler.command(agent, AgentInput.READY, self.now)
        self.take()

    def close_down(self) -> None:
        """All goes home, and nobody is stuck; what ended before a crash is no more in the scheduler's own counts."""
        for view in self.scheduler.snapshot(self.now).queues:
            assert view.tally.offered <= self.inspector.ended[view.name, "offered"]
        for entry in list(self.inspector.waiting):
            self.scheduler.leave(entry, QueueOutcome.ABANDONED, self.now)
            self.take()
        assert not self.inspector.waiting and not self.rings

    def counted(self) -> int:
        """The reports of the day against what was counted beside them; how many cells there were."""
        witness = self.inspector
        assert isinstance(witness, Witness)
        rows = list(witness.entries.values())
        if not rows:
            return 0
        expected: Counter[tuple[str, float, str]] = Counter()
        for row in rows:
            half_hour = row.entered_at // _HALF_HOUR_S * _HALF_HOUR_S
            expected[row.queue, half_hour, row.outcome] += 1
        since = min(row.entered_at for row in rows) // _HALF_HOUR_S * _HALF_HOUR_S
        until = max(row.entered_at for row in rows) + _HALF_HOUR_S
        report = queue_report(ReportQuery(since, until, Bucket.HALF_HOUR), rows, made_at=until)
        offered = 0
        for cell in report.cells:
            counts, found = cell.counts, {end: expected[cell.queue, cell.since, end] for end in ("", *QueueOutcome)}
            assert counts.offered == sum_of_ends(counts) == sum(found.values())
            assert counts.answered == found["answered"] and counts.overflowed == found["overflowed"]
            assert counts.abandoned == found["abandoned"] + found["interrupted"]
            assert counts.called_back == found["called_back"] and counts.left_by_key == found["left_by_key"]
            assert counts.waiting == found[""]
            offered += counts.offered
        assert offered == report.total.counts.offered == len(rows), "each entry is in one half hour"
        return len(report.cells)


def run(events: int, seed: int) -> dict[str, object]:
    """``events`` steps from ``seed`` on; an ``AssertionError`` where anything is wrong."""
    begun, done, days, cells = time.process_time(), 0, 0, 0
    ended: Counter[str] = Counter()
    happened: Counter[str] = Counter()
    while done < events:
        day = LongDay(seed * 1_000_000 + days)
        for _ in range(min(STEPS, events - done)):
            day.step()
            day.inspector.reconcile(day.queues)
            done += 1
        cells += day.counted()  # while some still wait
        day.close_down()
        cells += day.counted()
        happened += day.happened
        for (_, end), times in day.inspector.ended.items():
            ended[str(end)] += times
        days += 1
    return {
        "events": done, "days": days, "seed": seed, "cells": cells, "entries": ended.pop("offered"),
        "ended": dict(ended),
        "crashes": happened["crash"], "clock_jumps": happened["jump"] + happened["crash"],
        "transfers": happened["transfer"], "cpu_s": round(time.process_time() - begun, 1),
    }  # fmt: skip


def main() -> int:
    """From the command line."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--json", action="store_true", help="as one line of JSON")
    chosen = options.parse_args()
    found = run(chosen.events, chosen.seed)
    print(json.dumps(found) if chosen.json else "\n".join(f"{name}: {value}" for name, value in found.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
