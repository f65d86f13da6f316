"""What the SIP layer costs: SIPp as those who call and register, the stack alone in its own process.

``python -m bench.sip --json``: one JSON object. Cases:

``answer_hangup``      INVITE, 200, ACK, BYE over UDP and TCP: rates are tried upward, and the highest is told at which
                       nothing failed and nothing was repeated
``answer_hangup_100``, ``answer_hangup_500``  the same over UDP at that many calls per second, in a fresh process: what
                       is kept of earlier calls for 64*T1 would make the collector's looks longer
``register_digest``    REGISTER, 401, REGISTER, 200: also the highest rate
``registered_phones``  memory that is in use for each 1,000 phones that are registered, once their transactions are
                       forgotten (what Python has allocated, in a process of its own: the process keeps what is freed)
``idle_calls``         N calls at once that nothing happens in: memory of each 1,000, and CPU of setting up and ending
                       them; ``growth`` is the CPU of one of 1,600 over that of one of 100

CPU seconds are those of the stack's process, per 1,000 calls or registrations; set-up times are as SIPp saw them;
``stolen_pct`` is what the host of a virtual machine gave to others meanwhile, which spoils both.
"""

import argparse
import json
import os
import platform
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial

from bench.processes import stolen_seconds
from bench.sip_load import Line, Load, calls, registrations, watched

PHONES = 10_000
FIRST_PHONES, MORE_PHONES = 200, 2_000
FORGOTTEN_S = 34.0
"""A non-INVITE transaction is kept for 64*T1 (timer J)."""
HOLD_S = 4.0
LEVELS = (100, 200, 400, 800, 1600)


@dataclass(frozen=True)
class Case:
    """One measurement; ``calls`` are registrations where the case says so. Zero is what was not measured."""

    case: str
    transport: str
    calls: int
    offered_per_s: int
    calls_per_s: float
    cpu_s_per_1000_calls: float
    setup_p50_ms: float = 0.0
    setup_p99_ms: float = 0.0
    failed: int = 0
    retransmissions: int = 0
    kib_per_1000: int = 0
    growth: float = 0.0
    stolen_pct: float = 0.0


def measured(name: str, line: Line, transport: str, rate: int, load: Callable[[], Load]) -> Case:
    """Do ``load``, and see what it took."""
    begun, stolen_s, cpu_s = time.monotonic(), stolen_seconds(), line.used().cpu_s
    done = load()
    cpu_s = line.used().cpu_s - cpu_s
    stolen_pct = (stolen_seconds() - stolen_s) / (time.monotonic() - begun) / (os.cpu_count() or 1) * 100
    return Case(
        name, transport, done.done, rate, round(done.done / done.elapsed_s, 1),
        round(cpu_s / max(done.done, 1) * 1000, 3), done.percentile_ms(0.5), done.percentile_ms(0.99), done.failed,
        done.retransmissions, stolen_pct=round(stolen_pct, 2),
    )  # fmt: skip


def climb(rates: list[int], attempt: Callable[[int], Case]) -> Case:
    """The highest rate at which all succeeded without repeats; the first one measured, if none did."""
    best = attempt(rates[0])
    for rate in rates[1:]:
        if best.failed or best.retransmissions:
            break
        case = attempt(rate)
        if case.failed or case.retransmissions or case.calls_per_s < 0.9 * rate:
            break
        best = case
    return best


def answering(rates: list[int], seconds: float) -> list[Case]:
    """Calls that are answered and hung up at once."""
    cases = []

    def answered(name: str, line: Line, transport: str, rate: int) -> Case:
        count = int(rate * seconds)
        return measured(name, line, transport, rate, lambda: calls(line, transport, rate, count))

    for transport in ("UDP", "TCP"):
        with Line() as line:
            cases.append(climb(rates, partial(answered, "answer_hangup", line, transport)))
    for rate in (100, 500):
        with Line() as line:
            cases.append(answered(f"answer_hangup_{rate}", line, "UDP", rate))
    return cases


def registering(rates: list[int], seconds: float) -> list[Case]:
    """Phones that register with digest; each rate has phones of its own."""
    with Line(PHONES) as line:
        begun = 0

        def attempt(rate: int) -> Case:
            nonlocal begun
            count = min(int(rate * seconds), PHONES - begun)
            begun += count
            from_ = begun - count
            return measured("register_digest", line, "UDP", rate, lambda: registrations(line, rate, from_, count))

        case = climb(rates, attempt)
    with Line(FIRST_PHONES + MORE_PHONES, traced=True) as line:
        registrations(line, 100, 0, FIRST_PHONES)
        time.sleep(FORGOTTEN_S)
        first = line.used()
        registrations(line, 100, FIRST_PHONES, MORE_PHONES)
        time.sleep(FORGOTTEN_S)
        last = line.used()
    more = last.registered - first.registered
    grown_kib = (last.in_use_kib - first.in_use_kib) / max(more, 1) * 1000
    memory = Case("registered_phones", "UDP", more, 100, 0.0, 0.0, kib_per_1000=round(grown_kib))
    return [case, memory]


def holding() -> list[Case]:
    """More and more calls at once; each level in a fresh process, after some calls to warm it."""
    cases: list[Case] = []
    for level in LEVELS:
        with Line() as line:
            calls(line, "UDP", 100, 100)
            before = line.used()
            rate = 100 if level <= 400 else 200
            hold_ms = int((level / rate + HOLD_S) * 1000)
            with watched(line) as peak:
                case = measured("idle_calls", line, "UDP", rate, partial(calls, line, "UDP", rate, level, hold_ms))
            most = peak.most
        kib = round((most.rss_kib - before.rss_kib) / max(most.up, 1) * 1000)
        base = cases[0].cpu_s_per_1000_calls if cases else case.cpu_s_per_1000_calls
        grown = round(case.cpu_s_per_1000_calls / base, 2) if base else 0.0
        cases.append(replace(case, kib_per_1000=kib, growth=grown))
    return cases


def main() -> None:
    """Measure, then print a table or one JSON object."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--json", action="store_true")
    options.add_argument("--rates", default="100,300,500,700,1000")
    options.add_argument("--seconds", type=float, default=5.0)
    options.add_argument("--only", choices=("answer", "register", "hold"), help="only these cases")
    chosen = options.parse_args()
    if shutil.which("sipp") is None:
        raise SystemExit("bench.sip needs SIPp (Debian: apt install sip-tester)")
    rates = [int(rate) for rate in chosen.rates.split(",")]
    cases: list[Case] = []
    if chosen.only in (None, "answer"):
        cases += answering(rates, chosen.seconds)
    if chosen.only in (None, "register"):
        cases += registering(rates, min(chosen.seconds, 2.0))
    if chosen.only in (None, "hold"):
        cases += holding()
    machine = {"python": platform.python_version(), "cpus": os.cpu_count(), "load_1m": round(os.getloadavg()[0], 2)}
    if chosen.json:
        print(json.dumps({"cases": [asdict(case) for case in cases], "machine": machine}))
        return
    print(f"Python {machine['python']}, {machine['cpus']} CPUs, load {machine['load_1m']}; load generator: SIPp")
    for case in cases:
        print(
            f"{case.case:<18} {case.transport} {case.calls:>6} done, {case.calls_per_s:>7} per s,"
            f" {case.cpu_s_per_1000_calls:>6} CPU-s per 1,000, p50 {case.setup_p50_ms} ms p99 {case.setup_p99_ms} ms,"
            f" {case.failed} failed, {case.retransmissions} repeats, {case.kib_per_1000} KiB per 1,000,"
            f" {case.stolen_pct} % stolen" + (f", growth {case.growth}" if case.growth else "")
        )


if __name__ == "__main__":
    main()
