"""baresip as an agent's phone: its own configuration folder, a WAV file to speak, a WAV of what it hears, commands."""

import asyncio
import json
import shutil
import wave
from pathlib import Path

import numpy as np
import pytest

from core.audio import RATE_HZ, Pcm
from tests.interop.line import HOST
from tests.ports import free_port

_MODULES = Path("/usr/lib/baresip/modules")


def need_baresip() -> None:
    """Skip, with the reason, where baresip is not installed."""
    if shutil.which("baresip") is None or not _MODULES.is_dir():
        pytest.skip("needs baresip (Debian package baresip)")


class Baresip:
    """One phone, which answers every call. ``codecs`` as in its account's ``audio_codecs``; ``encryption`` is a
    ``mediaenc`` of its, such as ``srtp-mand``. By TLS it believes certificates of ``authorities`` (a PEM file) only.
    """

    def __init__(
        self,
        folder: Path,
        server_port: int,
        user: str,
        password: str,
        says: Path,
        transport: str = "udp",
        *,
        codecs: str = "pcma",
        encryption: str = "",
        authorities: Path | None = None,
    ) -> None:
        self._folder = folder
        self._control = 0
        self._says = says
        self._trust = f"sip_cafile {authorities}\n" if authorities is not None else ""
        self._account = (
            f"<sip:{user}@{HOST}:{server_port};transport={transport}>;auth_user={user};auth_pass={password}"
            f";answermode=auto;regint=60;audio_codecs={codecs}"
            + (f";mediaenc={encryption}" if encryption else "")
            + "\n"
        )
        self._codec = {"pcma": "g711", "pcmu": "g711"}.get(codecs, codecs.partition("/")[0])
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Begin it, and wait until it is at work (it registers then). AssertionError, with its log, if it gives up."""
        self._control = free_port()
        self._folder.mkdir(exist_ok=True)
        (self._folder / "accounts").write_text(self._account)
        (self._folder / "contacts").write_text("")
        (self._folder / "config").write_text(
            f"""poll_method epoll
sip_listen {HOST}:{free_port()}
net_interface {HOST}
dns_server {HOST}:53
audio_source aufile,{self._says}
audio_player aubridge,ear
audio_alert aufile,{self._says}
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_ports 36000-36999
module_path {_MODULES}
module {self._codec}.so
module srtp.so
module aufile.so
module aubridge.so
module sndfile.so
snd_path {self._folder}
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {HOST}:{self._control}
{self._trust}"""
        )
        with (self._folder / "log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                "baresip", "-f", str(self._folder), stdin=asyncio.subprocess.DEVNULL, stdout=log,
                stderr=asyncio.subprocess.STDOUT, env={"HOME": str(self._folder), "PATH": "/usr/bin:/bin"},
            )  # fmt: skip
        for _ in range(200):
            if "baresip is ready" in self.log():
                return
            if self._process.returncode is not None:
                break
            await asyncio.sleep(0.1)
        raise AssertionError(f"baresip does not start:\n{self.log()}")

    async def command(self, command: str, params: str = "") -> None:
        """Send one command over baresip's control port (netstring of JSON)."""
        reader, writer = await asyncio.open_connection(HOST, self._control)
        text = json.dumps({"command": command, "params": params, "token": "t"})
        writer.write(f"{len(text)}:{text},".encode())
        await writer.drain()
        await asyncio.wait_for(reader.read(100), 5)
        writer.close()
        await writer.wait_closed()

    async def stop(self) -> None:
        if self._process is None:
            return
        if self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), 5)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    def heard(self) -> Path:
        """What the ear got, as a WAV file (the module sndfile writes one for each direction)."""
        (path,) = self._folder.glob("dump-*-dec.wav")
        return path

    def samples(self) -> Pcm:
        """What the ear got, first channel, at 8 kHz."""
        with wave.open(str(self.heard())) as file:
            sound = np.frombuffer(file.readframes(1 << 24), "<i2")[:: file.getnchannels()]
            return sound[:: file.getframerate() // RATE_HZ].astype(np.int16)

    def log(self) -> str:
        return (self._folder / "log").read_text(errors="replace")
