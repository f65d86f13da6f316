"""A campaign hears why nobody answers: announcements and tones as early media, a mailbox that does answer. All is real
(the service, SIP, RTP, the recogniser) but the voices, which are synthetic.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from core.numbers import normalise
from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.sip.hop import Hop
from tests.interop.line import CARRIER, HOST, REPOSITORY, Json, Line, basic, serving
from tests.models import need_whisper
from tests.ports import free_port
from tests.shared import need_shared

pytestmark = [pytest.mark.interop, pytest.mark.slow]
NAME = "visit"
OFF, BUSY, MAILBOX = (f"+861340000{place:04}" for place in range(1, 4))


class Network:
    """What its carrier does with each number."""

    def __init__(self, sip: int, port: int, audio: Path) -> None:
        self.phone = Softphone(
            SystemClock(), Hop("UDP", HOST, sip), "carrier", on_call=self.rung, listen=Hop("UDP", CARRIER, port)
        )
        self.lives: list[asyncio.Task[None]] = []
        self._audio = audio

    def rung(self, call: PhoneCall) -> None:
        live = {
            OFF: self._announces(call, "network/power_off.zm_yunxia.wav"),
            BUSY: self._announces(call, "tones/busy.wav"),
            MAILBOX: self._records(call),
        }
        wanted = normalise(call.number)
        for number, life in live.items():
            if number == wanted:
                self.lives.append(asyncio.ensure_future(life))
            else:
                life.close()

    async def _announces(self, call: PhoneCall, sound: str) -> None:
        """Say it before the answer, again and again, as networks do; the call is never answered."""
        assert call.offer is not None
        answer, stream = call.sdp.answer(call.offer)
        call.voice.connect(stream.remote)
        self.phone.stack.progress(call.session, 183, answer)
        while not call.ended.done():
            await call.voice.say(self._audio / sound)

    async def _records(self, call: PhoneCall) -> None:
        await call.answer()
        await asyncio.sleep(0.3)
        await call.voice.say(self._audio / "network/voicemail.zf_xiaoxiao.wav")
        await call.voice.say(self._audio / "tones/beep.wav")
        await call.ended

    @contextlib.asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        await self.phone.start()
        try:
            yield
        finally:
            for life in self.lives:
                life.cancel()
            await asyncio.gather(*self.lives, return_exceptions=True)
            await self.phone.close()


async def _command(line: Line, *arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "service.cli", "campaign", *arguments, "--config", str(line.config),
        cwd=REPOSITORY, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, complaints = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, complaints.decode()


async def _finished(line: Line) -> None:
    while True:
        if cast("Json", await line.api.get(f"/campaigns/{NAME}"))["state"] == "finished":
            return
        await asyncio.sleep(0.2)


async def test_a_campaign_hears_what_the_network_and_a_mailbox_say(tmp_path: Path) -> None:
    model, audio, port = need_whisper(), need_shared("audio"), free_port(CARRIER)
    campaign = (
        f'[[campaign]]\nname = "{NAME}"\ntrunk = "carrier"\ncaller_id = "4008001234"\nconcurrency = 3\n'
        'ring_timeout_s = 60\nhours = ["daily 00:00-24:00"]\n[campaign.retry]\nattempts = 1\n'
    )
    contacts = tmp_path / "list.csv"
    contacts.write_text("手机号\n" + "".join(f"{number[3:]}\n" for number in (OFF, BUSY, MAILBOX)))
    config = basic(carrier_port=port, more=campaign)
    async with serving(tmp_path, config, LINE400_MODELS=str(model.path.parent)) as line:
        network = Network(line.sip, port, audio)
        async with network.up():
            await _command(line, "import", str(contacts))
            await _command(line, "start", NAME)
            async with asyncio.timeout(60):
                await _finished(line)
            rows = cast("list[Json]", await line.api.get(f"/campaigns/{NAME}/results"))
            calls = {call["dnis"]: call for call in await line.until_calls_ended(3)}
    assert {row["number"]: row["result"] for row in rows} == {OFF: "powered_off", BUSY: "busy", MAILBOX: "voicemail"}
    assert calls[OFF]["answered_at"] is calls[BUSY]["answered_at"] is None
    assert calls[MAILBOX]["answered_at"] is not None
    assert len(network.lives) == 3
