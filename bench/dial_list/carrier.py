"""The carrier and everybody behind it, in a process: ``python -m bench.dial_list.carrier HOUSE CARRIER LEDGER CONTACTS
SEED``, the first two the hosts of the line and of the carrier.

Each INVITE is a line of LEDGER, on disk before anything else happens to it: the number and when. Retransmissions are
the SIP stack's business and no lines.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Final

import uvloop

from bench.answered_clips import shared
from bench.dial_list.kinds import Kind, drawn
from bench.served.people import SIP_PORT
from core.numbers import normalise
from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.sip.hop import Hop
from telephony.sound.tones import TONES

_SAID_TIMES: Final = 3
"""So often a network says an announcement before it gives up."""
_KEY_EVERY_S: Final = 4.0
_HANGS_UP_AFTER_S: Final = 8.0
_LONGEST_S: Final = 90.0
_FAX_S: Final = 3


class Carrier:
    """Takes the line's calls."""

    def __init__(self, house: str, host: str, ledger: Path, kinds: dict[str, Kind]) -> None:
        listen = Hop("UDP", host, SIP_PORT)
        self.phone = Softphone(SystemClock(), Hop("UDP", house, SIP_PORT), "carrier", on_call=self._rung, listen=listen)
        self._ledger = ledger.open("a", encoding="utf-8", buffering=1)
        self._kinds = kinds
        self._audio = shared() / "audio"
        self._lives: set[asyncio.Task[None]] = set()
        self._does: dict[str, Callable[[PhoneCall, Kind], Coroutine[None, None, None]]] = {
            "refuses": self._refuses,
            "rings": self._rings,
            "announces": self._announces,
            "mailbox": self._mailbox,
            "fax": self._fax,
            "declines": self._declines,
            "hangs_up": self._hangs_up,
        }

    def _rung(self, call: PhoneCall) -> None:
        number = normalise(call.number)
        self._ledger.write(json.dumps({"number": number, "at": round(time.time(), 3)}) + "\n")
        life = asyncio.ensure_future(self._live(call, self._kinds[number]))
        self._lives.add(life)
        life.add_done_callback(self._lives.discard)

    async def _live(self, call: PhoneCall, kind: Kind) -> None:
        doing = asyncio.ensure_future(self._does[kind.does](call, kind))
        try:
            over = asyncio.ensure_future(_over(call))
            await asyncio.wait({doing, over}, timeout=_LONGEST_S, return_when=asyncio.FIRST_COMPLETED)
            over.cancel()
            if doing.done() and not doing.cancelled() and (error := doing.exception()) is not None:
                print(f"{kind.name}: {error!r}", file=sys.stderr)
        finally:
            doing.cancel()
            call.hang_up()

    async def _refuses(self, call: PhoneCall, kind: Kind) -> None:
        reason = (("Reason", f"Q.850;cause={kind.cause}"),) if kind.cause else ()
        self.phone.stack.reject(call.session, kind.status, headers=reason)
        call.over(kind.status)

    async def _rings(self, call: PhoneCall, _kind: Kind) -> None:
        self.phone.stack.progress(call.session, 180)
        await call.ended

    async def _announces(self, call: PhoneCall, kind: Kind) -> None:
        """As early media, then 480: what networks say with a status that tells nothing."""
        assert call.offer is not None
        answer, stream = call.sdp.answer(call.offer)
        call.voice.connect(stream.remote)
        self.phone.stack.progress(call.session, 183, answer)
        for _ in range(_SAID_TIMES):
            await call.voice.say(self._audio / kind.sound)
        call.refuse(480)

    async def _mailbox(self, call: PhoneCall, kind: Kind) -> None:
        await call.answer()
        await asyncio.sleep(0.3)
        await call.voice.say(self._audio / kind.sound)
        await call.voice.say(self._audio / "tones" / "beep.wav")
        await call.ended

    async def _fax(self, call: PhoneCall, _kind: Kind) -> None:
        await call.answer()
        while True:
            await call.voice.say_samples(TONES["ced"].samples(0, _FAX_S * 8000))
            await asyncio.sleep(0.5)

    async def _declines(self, call: PhoneCall, kind: Kind) -> None:
        """Says hello, and presses 2 until somebody understands."""
        await self._says_hello(call, kind)
        while True:
            await asyncio.sleep(_KEY_EVERY_S)
            call.voice.press("2")

    async def _hangs_up(self, call: PhoneCall, kind: Kind) -> None:
        await self._says_hello(call, kind)
        await asyncio.sleep(_HANGS_UP_AFTER_S)
        call.hang_up()

    async def _says_hello(self, call: PhoneCall, kind: Kind) -> None:
        await asyncio.sleep(1.0)
        await call.answer()
        await asyncio.sleep(0.3)
        await call.voice.say(self._audio / kind.sound)

    async def run(self) -> None:
        """Until the input ends."""
        await self.phone.start()
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        for life in tuple(self._lives):
            life.cancel()
        await asyncio.gather(*self._lives, return_exceptions=True)
        await self.phone.close()


async def _over(call: PhoneCall) -> None:
    await asyncio.shield(call.ended)


async def _main() -> None:
    house, host, ledger, contacts, seed = sys.argv[1:]
    await Carrier(house, host, Path(ledger), drawn(int(contacts), int(seed))).run()


if __name__ == "__main__":
    uvloop.run(_main())
