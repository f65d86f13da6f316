"""A whole centre by real SIP: ``python -m bench.centre [--json] [--minutes 10] [--agents 60] [--calls-per-s 20]``.

A real ``line400 serve`` with one queue, all calls recorded. Its agents have phones that register: SIPp's, and ``--own``
of them on our own SIP stack (all, where there is no SIPp). Callers come through a trunk at random (Poisson), wait to
music, talk, hang up; who has waited long enough gives up. As set by default a call keeps an agent for 2.8 s and a
little (ringing, talk, wrap-up), so that 60 agents nearly keep up with 20 calls a second and callers do wait.
All of it shares this machine's cores: where they do not suffice, scale ``--agents`` and ``--calls-per-s`` together.

Callers say their number all the time and agents' phones say back what they hear, so that a caller knows by himself
whether he talks with an agent, and whether with his own. Measured:

ring_latency     from the moment at which a ringing was possible by the line's log (the agent is free, the caller there;
                 ``after_agent``: the agent came last) until the INVITE is at the phone, by the phone's clock
lost_calls       callers who neither talked nor hung up by plan: refused, cut, or with an agent whom they never heard
wrap_up_late     how much later than promised an agent's wrap-up ended, which ring latency does not see
reports          the report of the day is asked for by HTTP every second; ``behind``: when it comes, how old the oldest
                 change is that it does not count
sipp             calls in which SIPp heard what it did not expect (messages repeated by a starved machine, say)
event_loop       stops of control over 20 ms, the longest, and the longest computation of its own
cores            what service and load used; ``stolen_pct`` is what the host of a virtual machine gave to others

At the end offered = answered + abandoned + ... of the report is held against what the callers lived, and the log call
by call; each talk must have a recording as long as it was. Whatever is wrong is in ``faults``: then the exit code is 1.
"""

import argparse
import asyncio
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final, cast

from bench.centre.figures import Look
from bench.centre.log import read_log, see
from bench.centre.meter import Meter
from bench.centre.summary import Seen, summary, table
from bench.centre.telling import Telling
from bench.media_check import write_music
from bench.processes import stolen_seconds
from bench.served.callers import LEAST_PATIENCE_S, LEAST_TALK_S, Life
from bench.served.config import CARRIER, DESK, HOUSE, QUEUE, configuration, names, registering_phones
from bench.served.desk import PASSWORD
from bench.served.line import Json, ServedLine
from bench.served.people import SIP_PORT
from bench.served.sipp_desk import MOST_SIPP_MINUTES, Rung, SippPhones
from bench.soak_looks import kind_of
from core.errors import Unavailable

_AVAILABLE_S: Final = 60.0
_SETTLED_S: Final = 30.0
_HALF_HOUR_S: Final = 1800
_DAY_S: Final = 86_400
_LOOP: Final = ("stops_over_20_ms", "watched_s", "worst_ms", "busiest_ms")
_SIPP_PHONES: Final = "phone_options_s = 0\nmax_expires_s = 7200"
"""SIPp's phones know no OPTIONS and register once: they are not asked and may stay for long."""
_SERVER: Final = (HOUSE, str(SIP_PORT))


class Centre:
    """One run. Use ``begin``, ``watch``, ``end``."""

    def __init__(self, folder: Path, given: argparse.Namespace) -> None:
        agents = names(given.agents)
        self.seen = Seen()
        self._given = given
        self._line = ServedLine(folder)
        self._sipp = SippPhones(folder, agents[given.own :], answer_s=given.answer_s, per_process=given.phones_per_sipp)
        answer = ["--answer-s", str(given.answer_s)]
        self._own = Telling("bench.served.desk", [*_SERVER, DESK, *answer, *agents[: given.own]])
        self._callers = Telling(
            "bench.served.callers",
            [
                *_SERVER, CARRIER, "--per-s", str(given.calls_per_s), "--seconds", str(60 * given.minutes),
                "--talk-s", str(given.talk_s), "--patience-s", str(given.patience_s), "--seed", str(given.seed),
                "--waiting", str(given.waiting),
            ],
        )  # fmt: skip
        self._meter = Meter()
        self._since = 0.0

    async def begin(self, exits: AsyncExitStack) -> None:
        """Until all agents are available and the first caller is about to call."""
        exits.push_async_callback(self._stop_line)
        await self._line.start()
        exits.push_async_callback(self._sipp.close)
        await self._sipp.start()
        exits.push_async_callback(self._own.close)
        if self._given.own:
            await self._own.start()
        await self._line.staff(self._given.agents)
        await self._until_available()
        exits.push_async_callback(self._callers.close)
        await self._callers.start()
        self._since = time.time() // _HALF_HOUR_S * _HALF_HOUR_S
        await self._report()  # the reader of reports is started by the first that is asked for

    async def _stop_line(self) -> None:
        self.seen.left += [f"process {pid} outlives the line" for pid in await self._line.stop()]

    async def _until_available(self) -> None:
        there = 0
        for _ in range(round(_AVAILABLE_S / 0.2)):
            agents = cast("list[Json]", await self._line.api.get("/agents"))
            there = sum(agent["state"] == "available" for agent in agents)
            if there == self._given.agents:
                return
            await asyncio.sleep(0.2)
        raise SystemExit(f"{there} of {self._given.agents} agents are available")

    async def watch(self) -> None:
        """All calls, from the first to the end of the last; a look at everything every second."""
        self._measure()
        began, stolen_s = time.monotonic(), stolen_seconds()
        self._callers.begin()
        due = began
        while not self._callers.over.is_set():
            await self._look()
            self._measure()
            due = max(due + 1.0, time.monotonic())
            await asyncio.sleep(due - time.monotonic())
        self.seen.wall_s = time.monotonic() - began
        self.seen.stolen_s = stolen_seconds() - stolen_s
        self.seen.used_s = self._meter.used_s()

    def _measure(self) -> None:
        own = {self._own.pid: "load: own phones"} if self._given.own else {}
        self._meter.look(
            {pid: kind_of(command) for pid, command in self._line.tree().items()}
            | {os.getpid(): "load: this bench", self._callers.pid: "load: callers"}
            | dict.fromkeys(self._sipp.pids, "load: SIPp")
            | own
        )

    async def _look(self) -> None:
        asked_at = time.time()
        try:
            figures = await self._report()
        except Unavailable as refusal:
            self.seen.refusals.append(str(refusal))
            return
        counts = (int(figures[key]) for key in ("offered", "answered", "abandoned"))
        self.seen.looks.append(Look(asked_at, time.time(), *counts))

    async def _report(self) -> dict[str, float]:
        period = f"from={self._since:.0f}&to={self._since + _DAY_S:.0f}"
        report = cast("Json", await self._line.api.get(f"/reports/queues?bucket=day&queue={QUEUE}&{period}"))
        figures = cast("Json", cast("Json", report["total"])["figures"])
        return {key: float(value) for key, value in figures.items() if isinstance(value, int | float)}

    async def end(self) -> None:
        """Until the report counts all, and the last report of it."""
        for _ in range(round(_SETTLED_S / 0.5)):
            self.seen.report = await self._report()
            if not self.seen.report["waiting"] and self.seen.report["offered"] == sum(
                "caller" in life for life in self._callers.said
            ):
                break
            await asyncio.sleep(0.5)
        health = cast("dict[str, Any]", await self._line.api.get("/health"))
        (loop,) = (part["values"] for part in health["components"] if part["name"] == "event_loop")
        self.seen.event_loop = dict(zip(_LOOP, loop, strict=False))

    def gather(self, folder: Path) -> None:
        """What everybody has said and written down, once all have gone home."""
        seen, given = self.seen, self._given
        seen.lives = [Life(**said) for said in self._callers.said if "caller" in said]
        done = next((said for said in self._callers.said if "done" in said), None)
        if done is None or done["done"] != len(seen.lives):
            seen.left.append(f"the callers' process broke off: {len(seen.lives)} callers, {done}")
        else:
            seen.late_ms = done["late_ms"]
        rung = [Rung(said["at"], said["rung"], int(said["caller"][-8:])) for said in self._own.said]
        seen.logged = read_log(folder / "data" / "line400.db", given.wrap_up_s)
        see(seen.logged.offers, [*rung, *self._sipp.rung()])
        seen.sipp = {"failed": self._sipp.failed(), "words": self._sipp.words()}
        for at, text in enumerate(self._line.output):
            if "broke off" in text or "Traceback" in text:
                seen.left.append("the line's log tells of a crash: " + " / ".join(self._line.output[at : at + 30]))


async def run(given: argparse.Namespace) -> dict[str, object]:
    """The whole of it."""
    with tempfile.TemporaryDirectory(prefix="line400-centre-") as name:
        folder = Path(name)
        (folder / "prompts").mkdir()
        write_music(folder / "prompts" / "hold_music.wav")
        text = configuration(
            folder,
            registering_phones(given.agents, PASSWORD),
            workers=given.workers,
            keep_as=given.keep_as,
            wrap_up_s=given.wrap_up_s,
            sip=_SIPP_PHONES,
            queue="max_wait_s = 3600",
        )
        (folder / "line400.toml").write_text(text, encoding="utf-8")
        centre = Centre(folder, given)
        async with AsyncExitStack() as exits:
            await centre.begin(exits)
            await centre.watch()
            await centre.end()
        centre.gather(folder)
    machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "kernel": platform.release()}
    return summary(centre.seen, given) | {"machine": machine}


def arguments() -> argparse.Namespace:
    """Of the command line, checked."""
    parser = argparse.ArgumentParser(
        prog="bench.centre", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long callers come")
    parser.add_argument("--agents", type=int, default=60)
    parser.add_argument("--calls-per-s", type=float, default=20.0, help="mean of callers who come each second")
    parser.add_argument("--own", type=int, help="agents with phones on our own stack, the others have SIPp's; 0")
    parser.add_argument("--phones-per-sipp", type=int, default=60, help="phones of one SIPp process")
    parser.add_argument("--answer-s", type=float, default=0.2, help="after so long a phone picks up")
    parser.add_argument("--waiting", type=int, default=0, help="first callers come faster, until so many wait; 0")
    parser.add_argument("--talk-s", type=float, default=2.0, help="mean of talks")
    parser.add_argument("--wrap-up-s", type=float, default=0.6)
    parser.add_argument("--patience-s", type=float, default=20.0, help="mean of how long callers wait")
    parser.add_argument("--workers", type=int, default=1, help="media workers")
    parser.add_argument("--keep-as", default="flac", choices=("flac", "opus", "wav"), help="form of kept recordings")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.own is None:
        given.own = 0 if shutil.which("sipp") else given.agents
    if not 0 <= given.own <= given.agents or given.agents < 1 or given.phones_per_sipp < 1:
        parser.error("--own must be of --agents, and there must be an agent, and a phone in each SIPp")
    if given.calls_per_s <= 0 or given.minutes <= 0 or min(given.answer_s, given.wrap_up_s, given.waiting) < 0:
        parser.error("rates must be above 0, times not below")
    if given.own < given.agents and given.minutes > MOST_SIPP_MINUTES:
        parser.error(f"SIPp's phones register once, for an hour: at most {MOST_SIPP_MINUTES:.0f} --minutes")
    if given.talk_s <= LEAST_TALK_S or given.patience_s <= LEAST_PATIENCE_S:
        parser.error(f"--talk-s must be above {LEAST_TALK_S}, --patience-s above {LEAST_PATIENCE_S}")
    return given


def main() -> None:
    """Entry point; exit code 1 where something was wrong."""
    given = arguments()
    result = asyncio.run(run(given))
    print(json.dumps(result) if given.json else table(result))
    sys.exit(1 if result["faults"] else 0)
