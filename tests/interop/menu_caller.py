"""Callers who answer the main menu by voice over real SIP and RTP, what the line makes of it, and how long it takes."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import numpy as np

from core.audio import Pcm
from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.sip.hop import Hop
from tests.interop.line import CARRIER, HOST, REPOSITORY, Json, Line, basic, serving
from tests.interop.spoken import voiced_s
from tests.ports import free_port

NUMBER: Final = "4008009999"
_BEFORE_S: Final = 0.8
"""Into the prompt, before the caller speaks over it."""
_PATIENCE_S: Final = 6.0
_LOUD: Final = 200.0
_FLOW: Final = REPOSITORY / "ivr" / "flows" / "main.toml"


@dataclass(frozen=True)
class Reply:
    """What the line did: ``verdict`` chosen, rejected, no_input or none (no decision is known: it repeats the menu, or
    does nothing), ``choice`` where one was chosen. Seconds count from the end of the last sound of speech:
    ``decided_s`` to the decision in the event log, ``heard_s`` to the first sound that reaches the caller (None: none).
    """

    verdict: str
    choice: str
    decided_s: float | None
    heard_s: float | None


class MenuLine:
    """A served line whose number leads straight to the main menu, and a carrier that calls it."""

    def __init__(self, line: Line, carrier: Softphone) -> None:
        self._line = line
        self._carrier = carrier
        self._callers = 0
        self._numbers: dict[str, str] = {}
        self._decisions: dict[str, asyncio.Future[Json]] = {}
        self._speaking = asyncio.Lock()

    async def follow(self) -> None:
        """Read the line's events, until cancelled."""
        async for event in self._line.api.events():
            name, call_id, data = str(event["name"]), str(event["call_id"]), cast("Json", event["data"])
            if name == "call.started":
                self._numbers[call_id] = str(data["ani"])[-11:]  # +86 may stand before it
            if name in {"ivr.chosen", "ivr.failed"}:
                decision = self._decisions.get(self._numbers.get(call_id, ""))
                if decision is not None and not decision.done():
                    decision.set_result(event)

    async def answer(self, speech: Pcm) -> Reply:
        """Call, say ``speech`` at the menu, see what happens, hang up. Many may call, but one speaks at a time."""
        self._callers += 1
        number = f"138{self._callers:08}"
        decision = self._decisions[number] = asyncio.get_running_loop().create_future()
        call = await self._carrier.call(NUMBER, number)
        try:
            await asyncio.sleep(_BEFORE_S)
            async with self._speaking:
                return await self._speak(call, speech, decision)
        finally:
            call.hang_up()

    async def _speak(self, call: PhoneCall, speech: Pcm, decision: asyncio.Future[Json]) -> Reply:
        loop = asyncio.get_running_loop()
        epoch = time.time() - loop.time()
        await call.voice.say_samples(speech)
        over = loop.time() - speech.size / 8000 + voiced_s(speech)[1]
        done, _ = await asyncio.wait({decision}, timeout=_PATIENCE_S - (loop.time() - over))
        decided_s = None
        if done:
            decided_s = cast("float", decision.result()["at"]) - epoch - over
        since = over + max(decided_s or 0.0, 0.2)
        heard_s = await _until_sound(call, since, over)
        if not done:
            return Reply("none", "", None, heard_s)
        data = cast("Json", decision.result()["data"])
        if "choice" in data:
            return Reply("chosen", str(data["choice"]), decided_s, heard_s)
        return Reply(str(data["why"]), "", decided_s, heard_s)


async def _until_sound(call: PhoneCall, since: float, over: float) -> float | None:
    while True:
        found = _first_sound(call, since, over)
        if found is not None or asyncio.get_running_loop().time() > over + _PATIENCE_S:
            return found
        await asyncio.sleep(0.02)


def _first_sound(call: PhoneCall, since: float, over: float) -> float | None:
    first: float | None = None
    for samples, at in zip(reversed(call.voice.heard), reversed(call.voice.heard_at), strict=False):
        if at < since:
            break
        if float(np.sqrt(np.mean(samples.astype(float) ** 2))) > _LOUD:
            first = at - over
    return first


@contextlib.asynccontextmanager
async def menu_line(folder: Path, models: Path) -> AsyncIterator[MenuLine]:
    """A line that is up and recognises with the model in folder ``models``; nobody is there to take the calls."""
    flow = folder / "at_menu.toml"
    flow.write_text(_FLOW.read_text(encoding="utf-8").replace('start = "open_now"', 'start = "menu"'), encoding="utf-8")
    more = f'[[flow]]\nname = "at_menu"\nfile = "{flow}"\n[[number]]\nnumber = "{NUMBER}"\nto = "flow:at_menu"\n'
    port = free_port(CARRIER)
    async with serving(folder, basic(carrier_port=port, more=more), LINE400_MODELS=str(models)) as line:
        carrier = Softphone(SystemClock(), Hop("UDP", HOST, line.sip), "carrier", listen=Hop("UDP", CARRIER, port))
        await carrier.start()
        menu = MenuLine(line, carrier)
        following = asyncio.create_task(menu.follow())
        try:
            yield menu
        finally:
            if following.done():
                following.result()  # it follows for ever, unless it failed
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await carrier.close()
