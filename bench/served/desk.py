"""Agents' phones on our own SIP stack, in a process of their own: ``python -m bench.served.desk HOST PORT DESK_HOST
--answer-s 0.2 AGENT …``.

Each agent has a phone with a port of its own that registers with digest, again and again, rings, picks up after a while
and says back what it hears (``bench.served.marks``). ``{"ready": true}`` is said when all have registered; then
``{"rung": agent, "caller": number, "at": epoch seconds}`` for each INVITE. They go home when standard input ends.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable
from typing import Final

import uvloop

from bench.served.marks import Echo, EchoVoice
from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.media.port import Address
from telephony.sip.events import Invited, SipEvent
from telephony.sip.hop import Hop

PASSWORD: Final = "phone-{}"
_EXPIRES_S: Final = 300
_AGAIN_S: Final = 150.0


class Phone(Softphone):
    """Of one agent at ``host``. ``rung`` is told of each INVITE: the agent, who calls, and when it came."""

    def __init__(
        self,
        server: Hop,
        host: str,
        agent: str,
        echo: Address,
        answer_s: float,
        rung: Callable[[str, str, float], None],
    ) -> None:
        super().__init__(
            SystemClock(), server, agent, PASSWORD.format(agent), self._ring, Hop("UDP", host, 0),
            lambda: EchoVoice(echo),
        )  # fmt: skip
        self._answer_s = answer_s
        self._rung = rung

    def _on_sip(self, event: SipEvent) -> None:
        if isinstance(event, Invited):
            self._rung(self._user, event.request.from_.uri.user, time.time())
        super()._on_sip(event)

    def _ring(self, call: PhoneCall) -> None:
        self._spawn(self._pick_up(call))

    async def _pick_up(self, call: PhoneCall) -> None:
        await asyncio.wait({call.ended}, timeout=self._answer_s)
        if not call.ended.done():
            await call.answer()

    async def stay(self) -> None:
        """Register again before the registration runs out, until cancelled."""
        while True:
            await asyncio.sleep(_AGAIN_S)
            await self.register(_EXPIRES_S)


async def _run(given: argparse.Namespace) -> None:
    def say(message: object) -> None:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()

    def rung(agent: str, caller: str, at: float) -> None:
        say({"rung": agent, "caller": caller, "at": at})

    echo = await Echo().open(given.desk_host)
    server = Hop("UDP", given.host, given.port)
    phones = [Phone(server, given.desk_host, agent, echo, given.answer_s, rung) for agent in given.agents]
    for phone in phones:
        await phone.start()
        await phone.register(_EXPIRES_S)
    staying = [asyncio.create_task(phone.stay()) for phone in phones]
    say({"ready": True})
    await asyncio.to_thread(sys.stdin.read)
    for task in staying:
        task.cancel()
    ends = await asyncio.gather(*staying, return_exceptions=True)
    await asyncio.gather(*(phone.close() for phone in phones))
    if refused := [end for end in ends if isinstance(end, Exception)]:  # being cancelled is none
        raise refused[0]


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="bench.served.desk", description=__doc__)
    for name in ("host", "port", "desk_host"):
        parser.add_argument(name, type=int if name == "port" else str)
    parser.add_argument("agents", nargs="+")
    parser.add_argument("--answer-s", type=float, required=True)
    uvloop.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
