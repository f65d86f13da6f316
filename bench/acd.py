"""What call distribution costs, and how soon a phone rings.

``python -m bench.acd [--json] [--calls N] [--seconds S]``. Three cases on the pure scheduler in virtual time, where
ring latency is the CPU time from the input that makes a ring possible (a caller arrives, an agent becomes free) to
the decision; and one on the real driver and event loop, see ``bench.acd_driver``. The network's share is in neither.
"""

import argparse
import heapq
import itertools
import json
import os
import platform
import random
import time
from collections.abc import Mapping
from dataclasses import asdict, replace

from acd.agents import AgentInput, Profile
from acd.decisions import Note, Ring
from acd.facts import OfferResult, QueueLeft, QueueOutcome
from acd.queues import QueueRules, Strategy
from acd.scheduler import Scheduler
from acd.skills import Relaxation, SkillNeed
from acd.urgency import PLAIN, CallerTerms
from bench.acd_driver import measure_driver

QUEUES = ("sales", "service", "complaints", "parts")
EPOCH = 1_700_000_000.0
MIXED: Mapping[str, Mapping[str, object]] = {
    "sales": {"strategy": Strategy.RING_ALL, "ring_at_once": 5},
    "service": {
        "strategy": Strategy.FEWEST_CALLS,
        "skills": (SkillNeed("tyres", 8),),
        "relax": (Relaxation(5.0, 3), Relaxation(10.0, 10)),
    },
    "complaints": {"strategy": Strategy.ROUND_ROBIN, "ahead_s": 10.0},
    "parts": {"strategy": Strategy.WEIGHTED_RANDOM, "sticky_wait_s": 5.0},
}
"""Of the case "mixed", by queue."""


class Floor:
    """Agents who answer after 3 s, talk, and now and then miss; callers who give up. Everything by virtual time.

    ``mixed``: each queue has another strategy (ring-all among them), skills that are wanted less with time, a weight;
    of the callers one in ten is a VIP and one in five has an agent of last time.
    """

    def __init__(self, agents: int, seed: int, handle_s: float, *, mixed: bool = False) -> None:
        self.chance = random.Random(seed)
        self.handle_s = handle_s
        names = [f"agent{number:03}" for number in range(agents)]
        crews = {queue: tuple(self.chance.sample(names, k=max(1, agents * 2 // 3))) for queue in QUEUES}
        offers = itertools.count()
        rules = [QueueRules(queue, crew, max_length=None, max_wait_s=None) for queue, crew in crews.items()]
        self.names, self.mixed = names, mixed
        profiles = {name: Profile({"tyres": self.chance.randrange(11)}, self.chance.randrange(1, 5)) for name in names}
        if mixed:
            rules = [replace(rule, **MIXED[rule.name]) for rule in rules]  # type: ignore[arg-type]
        self.scheduler = Scheduler(
            rules, lambda: f"o{next(offers)}", agents=names, profiles=profiles, draw=random.Random(seed).random
        )
        self.later: list[tuple[float, int, str, str]] = []
        self.order = itertools.count()
        self.latencies_s: list[float] = []
        self.left: dict[str, int] = {}
        self.operations = 0
        self.most_waiting = 0
        self.waiting = 0
        self.cpu_s = 0.0
        for name in names:
            self.scheduler.command(name, AgentInput.PHONE_UP, EPOCH)
            self.scheduler.command(name, AgentInput.READY, EPOCH)
        self.scheduler.take()

    def terms(self) -> CallerTerms:
        """What is particular about the next caller."""
        if not self.mixed:
            return PLAIN
        ahead_s = 60.0 if self.chance.random() < 0.1 else 0.0
        return CallerTerms(ahead_s, agent=self.chance.choice(self.names) if self.chance.random() < 0.2 else "")

    def plan(self, at: float, what: str, key: str) -> None:
        """``what`` will happen to ``key`` at ``at``."""
        heapq.heappush(self.later, (at, next(self.order), what, key))

    def run(self) -> None:
        """Until nothing is left to happen."""
        while True:
            deadline = self.scheduler.next_deadline()
            if self.later and (deadline is None or self.later[0][0] <= deadline):
                at, _, what, key = heapq.heappop(self.later)
                self.feed(at, what, key)
            elif deadline is not None:
                self.feed(deadline, "deadline", "")
            else:
                return

    def feed(self, now: float, what: str, key: str) -> None:
        """One input, timed together with taking its decisions."""
        began = time.thread_time()
        match what:
            case "enter":
                self.scheduler.enter(key, key, QUEUES[int(key[1:]) % len(QUEUES)], now, self.terms())
            case "give_up":
                self.scheduler.leave(key, QueueOutcome.ABANDONED, now)
            case "answer":
                self.scheduler.answered(key, now)
            case "miss":
                self.scheduler.missed(key, OfferResult.REFUSED, now)
            case "over":
                self.scheduler.talk_over(key, "", now)
            case "ready":
                self.scheduler.command(key, AgentInput.READY, now)
            case _:
                self.scheduler.on_deadline(now)
        decisions = self.scheduler.take()
        took_s = time.thread_time() - began
        self.cpu_s += took_s
        self.operations += 1
        if what == "enter":
            self.waiting += 1
            self.most_waiting = max(self.most_waiting, self.waiting)
        for decision in decisions:
            match decision:
                case Ring():
                    self.latencies_s.append(took_s)
                    happens = "miss" if self.chance.random() < 0.05 else "answer"
                    self.plan(now + 3.0, happens, decision.offer)
                case Note(_, QueueLeft(outcome=outcome, agent=agent)):
                    self.waiting -= 1
                    self.left[outcome] = self.left.get(outcome, 0) + 1
                    if agent:
                        self.plan(now + self.chance.expovariate(1 / self.handle_s), "over", agent)
                case Note(_, fact) if getattr(fact, "reason", "") == "rona":
                    self.plan(now + 60.0, "ready", getattr(fact, "agent", ""))
                case _:
                    pass


def measure(
    case: str, *, calls: int, agents: int, per_s: float, handle_s: float, patience_s: float, mixed: bool = False
) -> dict[str, object]:
    """Run ``calls`` arrivals at ``per_s`` through ``agents`` agents."""
    floor = Floor(agents, 400, handle_s, mixed=mixed)
    at = EPOCH + 1
    for number in range(calls):
        at += floor.chance.expovariate(per_s)
        floor.plan(at, "enter", f"q{number}")
        floor.plan(at + floor.chance.expovariate(1 / patience_s), "give_up", f"q{number}")
    floor.run()
    latencies = sorted(floor.latencies_s)
    return {
        "case": case,
        "calls": calls,
        "agents": agents,
        "most_waiting": floor.most_waiting,
        "operations_per_s": round(floor.operations / floor.cpu_s),
        "calls_per_s": round(calls / floor.cpu_s),
        "ring_latency_p50_ms": round(1000 * latencies[len(latencies) // 2], 4),
        "ring_latency_p99_ms": round(1000 * latencies[len(latencies) * 99 // 100], 4),
        "lost_calls": calls - sum(floor.left.values()),
        **floor.left,
    }


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long the driver is measured")
    arguments = parser.parse_args()
    cases = [
        # Ring, talk and wrap-up take 19 s, so 60 agents take 3 calls/s; 20 come: hundreds always wait, most give up.
        measure("busy", calls=arguments.calls, agents=60, per_s=20.0, handle_s=6.0, patience_s=15.0),
        measure("mixed", calls=arguments.calls, agents=60, per_s=20.0, handle_s=6.0, patience_s=15.0, mixed=True),
        # All calls come at once and wait: how the cost grows with the length of the line.
        measure("flood", calls=arguments.calls, agents=60, per_s=1e6, handle_s=6.0, patience_s=1e9),
    ]
    driver = measure_driver(agents=60, waiting=200, per_s=20.0, seconds=arguments.seconds)
    result = {
        "bench": "acd",
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "ring_latency_p50_ms": driver.ring_latency_p50_ms,
        "ring_latency_p99_ms": driver.ring_latency_p99_ms,
        "calls_per_s": driver.calls_per_s,
        "agents": driver.agents,
        "lost_calls": sum(int(str(case["lost_calls"])) for case in cases),
        "driver": asdict(driver),
        "scheduler": cases,
    }
    if arguments.json:
        print(json.dumps(result))
        return
    for row in ({"case": "driver", **asdict(driver)}, *cases):
        print("  ".join(f"{key}={value}" for key, value in row.items()))


if __name__ == "__main__":
    main()
