"""What a run of ``bench.centre`` has seen, as one JSON object and as text."""

import argparse
import os
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final

from bench.centre.figures import TERMS, Look, Moments, histogram, judge, percentile
from bench.centre.log import Logged, Offer
from bench.served.callers import Life

MOST_RING_MS: Final = 50.0
MOST_BEHIND_S: Final = 1.0
_TOLD: Final = 100


@dataclass(slots=True)
class Seen:
    """All of it. ``report`` is the last one; ``late_ms`` is how late the callers' process was at most with a call;
    ``refusals`` of reports; ``left`` are faults that were found on the way.
    """

    lives: list[Life] = field(default_factory=list)
    logged: Logged = field(default_factory=Logged)
    looks: list[Look] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    report: dict[str, float] = field(default_factory=dict)
    event_loop: dict[str, float] = field(default_factory=dict)
    used_s: dict[str, float] = field(default_factory=dict)
    wall_s: float = 0.0
    stolen_s: float = 0.0
    late_ms: float = 0.0
    sipp: dict[str, object] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


def _ringing(offers: list[Offer]) -> dict[str, Any]:
    seen_ms = {
        awaited: [1000 * (it.seen_at - it.possible_at) for it in offers if it.seen_at and it.awaited == awaited]
        for awaited in ("agent", "caller")
    }
    every = seen_ms["agent"] + seen_ms["caller"]
    return {
        "ring_latency_p50_ms": round(percentile(every, 0.5), 2),
        "ring_latency_p99_ms": round(percentile(every, 0.99), 2),
        "ring_latency_max_ms": round(percentile(every, 1.0), 2),
        "ring_latency_histogram_ms": histogram(every),
        "after_agent": {
            "rings": len(seen_ms["agent"]),
            "p50_ms": round(percentile(seen_ms["agent"], 0.5), 2),
            "p99_ms": round(percentile(seen_ms["agent"], 0.99), 2),
        },
        "offers": len(offers),
        "offers_without_invite": sum(not it.seen_at for it in offers),
    }


def summary(seen: Seen, given: argparse.Namespace) -> dict[str, object]:
    """One JSON object."""
    entries = seen.logged.all_entries()
    verdict = judge(seen.lives, seen.logged, seen.report)
    moments = Moments(entries)
    behind = [moments.behind_s(look) for look in seen.looks]
    answers = [look.shown_at - look.asked_at for look in seen.looks]
    waits = [entry.left_at - entry.entered_at for entry in entries if entry.left_at]
    waiting = [sum(it.entered_at <= look.asked_at < (it.left_at or inf) for it in entries) for look in seen.looks]
    left_at = {entry.caller: entry.left_at for entry in entries}
    heard_ms = [1000 * (life.met_at - left_at.get(life.caller, life.met_at)) for life in seen.lives if life.met_at]
    cores = {kind: round(used / seen.wall_s, 3) for kind, used in sorted(seen.used_s.items())}
    ringing = _ringing(seen.logged.offers)
    faults = [*verdict.faults, *seen.left, *(f"no report: {text}" for text in seen.refusals)]
    return {
        "bench": "centre",
        **ringing,
        "calls_per_s": round(len(seen.lives) / (60 * given.minutes), 2),
        "agents": given.agents,
        "lost_calls": verdict.lost,
        "phones": {"sipp": given.agents - given.own, "own": given.own},
        "minutes": given.minutes,
        "calls": len(seen.lives),
        "ends": dict(verdict.ends),
        "crossed": verdict.crossed,
        "report": {key: seen.report.get(key, 0) for key in ("offered", *TERMS)},
        "recordings": len(seen.logged.recorded_s),
        "waiting_p50": percentile(waiting, 0.5),
        "wait_p50_s": round(percentile(waits, 0.5), 2),
        "wait_p99_s": round(percentile(waits, 0.99), 2),
        "voice_after_answer_p50_ms": round(percentile(heard_ms, 0.5), 1),
        "voice_after_answer_p99_ms": round(percentile(heard_ms, 0.99), 1),
        "wrap_up_late_p99_ms": round(1000 * percentile(seen.logged.wrap_ups_late_s, 0.99), 2),
        "reports": {
            "looks": len(seen.looks),
            "behind_p50_s": round(percentile(behind, 0.5), 3),
            "behind_max_s": round(percentile(behind, 1.0), 3),
            "answer_p50_s": round(percentile(answers, 0.5), 3),
            "answer_max_s": round(percentile(answers, 1.0), 3),
        },
        "event_loop": seen.event_loop,
        "facts": seen.logged.facts,
        "cores": cores,
        "service_cores": round(sum(it for kind, it in cores.items() if not kind.startswith("load")), 3),
        "load_cores": round(sum(it for kind, it in cores.items() if kind.startswith("load")), 3),
        "stolen_pct": round(100 * seen.stolen_s / seen.wall_s / (os.cpu_count() or 1), 2),
        "callers_late_max_ms": seen.late_ms,
        "sipp": seen.sipp,
        "targets_met": {
            "ring_p99_within_50_ms": bool(seen.logged.offers) and ringing["ring_latency_p99_ms"] <= MOST_RING_MS,
            "reports_within_1_s": bool(behind) and max(behind) <= MOST_BEHIND_S,
            "no_lost_call": verdict.lost == 0,
        },
        "faults_in_all": len(faults),
        "faults": faults[:_TOLD],
    }


def table(result: dict[str, object]) -> str:
    """For people."""
    apart = ("faults", "ring_latency_histogram_ms")
    lines = [f"{name}: {value}" for name, value in result.items() if name not in apart]
    bars, faults = result["ring_latency_histogram_ms"], result["faults"]
    assert isinstance(bars, dict) and isinstance(faults, list)
    most = max(1, *bars.values())
    lines += [f"{name:>9} ms {count:>7} {'#' * round(50 * count / most)}" for name, count in bars.items()]
    return "\n".join([*lines, *(f"FAULT: {fault}" for fault in faults[:20]), "bad" if faults else "good"])
