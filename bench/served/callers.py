"""Callers of a queue, in a process of their own: ``python -m bench.served.callers HOST PORT CARRIER_HOST --per-s 20
--seconds 600 …``.

They come at random (Poisson); each has a length of talk and a patience of his own (exponential above a least one), all
drawn from ``--seed``. At first they come at three times the rate, until ``--waiting`` of them hear no agent yet. A
caller speaks his number all the time (``bench.served.marks``); when he hears it he talks with an agent, and hangs up
when he has talked enough. Who hears no agent until his patience is over hangs up too.

``{"ready": true}`` is said first; they begin to call when a line comes on standard input. For each caller a line of
JSON when his call is over, the fields of ``Life``; ``{"done": callers, "late_ms": …}`` when the last one is.
"""

import argparse
import asyncio
import contextlib
import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final, cast

import uvloop

from bench.served.marks import MarkedVoice, Mouths
from bench.served.people import LINE_NUMBER, SIP_PORT
from core.errors import Line400Error
from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.sip.hop import Hop

CALLER: Final = "138{:08d}"
LEAST_TALK_S: Final = 0.2
LEAST_PATIENCE_S: Final = 3.0
ANSWERED_S: Final = 10.0
"""Whom the line has not answered by then is lost."""
LEAST_WAIT_S: Final = 1.0
"""Nobody hangs up in the instant of the line's answer."""
_LAST_WORDS_S: Final = 1.0
_RUSH: Final = 3.0


@dataclass(slots=True)
class Life:
    """One call as its caller lived it. Times are epoch seconds, 0 for what never was: ``up_at`` the line answered,
    ``met_at`` he heard an agent. ``end``: talked, gave_up (as he had planned to); unanswered, refused (with
    ``status``), cut (by the line), failed (on our side). ``others``: packets of another caller that he heard.
    """

    caller: int
    called_at: float
    up_at: float = 0.0
    met_at: float = 0.0
    over_at: float = 0.0
    end: str = ""
    status: int = 0
    others: int = 0


class Carrier(Softphone):
    """Where all callers come from."""

    def over(self, call: PhoneCall) -> None:
        """The caller hangs up; of a call that was up nothing more is heard."""
        call.hang_up()
        if call.up:
            self._calls.pop(call.session, None)


class Callers:
    """All of them. ``say`` tells whoever leads us."""

    def __init__(self, server: Hop, host: str, given: argparse.Namespace, say: Callable[[object], None]) -> None:
        self._given = given
        self._say = say
        self._mouths = Mouths()
        self._carrier = Carrier(
            SystemClock(), server, "bench", "", None, Hop("UDP", host, SIP_PORT),
            lambda: MarkedVoice(self._mouths, host),
        )  # fmt: skip
        self._speaking: asyncio.Task[None] | None = None
        self._waiting = 0

    async def start(self) -> None:
        """Bind the carrier's port."""
        await self._carrier.start()
        self._speaking = asyncio.create_task(self._mouths.run())

    async def close(self) -> None:
        """Go home."""
        await self._carrier.close()
        if self._speaking is not None:
            self._speaking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._speaking

    async def come(self) -> None:
        """All calls, from the first to the end of the last."""
        loop, chance, given = asyncio.get_running_loop(), random.Random(self._given.seed), self._given
        begin = at = loop.time()
        number, late_s, rate = 0, 0.0, _RUSH * given.per_s
        async with asyncio.TaskGroup() as group:
            while (at := at + chance.expovariate(rate)) - begin < given.seconds:
                if self._waiting >= given.waiting:
                    rate = given.per_s
                talk_s = LEAST_TALK_S + chance.expovariate(1 / (given.talk_s - LEAST_TALK_S))
                patience_s = LEAST_PATIENCE_S + chance.expovariate(1 / (given.patience_s - LEAST_PATIENCE_S))
                await asyncio.sleep(max(0.0, at - loop.time()))
                late_s = max(late_s, loop.time() - at)
                group.create_task(self._live(number, talk_s, patience_s))
                number += 1
        await asyncio.sleep(_LAST_WORDS_S)
        self._say({"done": number, "late_ms": round(1000 * late_s, 1)})

    async def _live(self, number: int, talk_s: float, patience_s: float) -> None:
        life = Life(number, time.time())
        try:
            call = await self._carrier.dial(LINE_NUMBER, CALLER.format(number))
        except Line400Error:
            life.end = "failed"
        else:
            voice = cast("MarkedVoice", call.voice)
            voice.mark(number)
            await self._call(life, call, voice, talk_s, patience_s)
            life.others = voice.others
        life.over_at = time.time()
        self._say(asdict(life))

    async def _call(self, life: Life, call: PhoneCall, voice: MarkedVoice, talk_s: float, patience_s: float) -> None:
        patience_until = asyncio.get_running_loop().time() + patience_s
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(ANSWERED_S, patience_s)):
                await call.decided.wait()
        if not call.up:
            life.end = "refused" if call.ended.done() else "unanswered"
            life.status = call.ended.result() if call.ended.done() else 0
            self._carrier.over(call)
            return
        life.up_at = time.time()
        left_s = max(LEAST_WAIT_S, patience_until - asyncio.get_running_loop().time())
        either: set[asyncio.Future[Any]] = {call.ended, voice.met}
        self._waiting += 1
        await asyncio.wait(either, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
        self._waiting -= 1
        if voice.met.done():
            life.met_at = voice.met.result()
            await asyncio.wait({call.ended}, timeout=talk_s)
        if call.ended.done():
            life.end = "cut"
            return
        life.end = "talked" if life.met_at else "gave_up"
        self._carrier.over(call)


async def _run(given: argparse.Namespace) -> None:
    def say(message: object) -> None:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()

    callers = Callers(Hop("UDP", given.host, given.port), given.carrier_host, given, say)
    await callers.start()
    say({"ready": True})
    if await asyncio.to_thread(sys.stdin.readline):
        await callers.come()
    await callers.close()


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="bench.served.callers", description=__doc__)
    for name in ("host", "port", "carrier_host"):
        parser.add_argument(name, type=int if name == "port" else str)
    for option in ("--per-s", "--seconds", "--talk-s", "--patience-s"):
        parser.add_argument(option, type=float, required=True)
    for option, usual in (("--seed", 1), ("--waiting", 0)):
        parser.add_argument(option, type=int, default=usual)
    uvloop.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
