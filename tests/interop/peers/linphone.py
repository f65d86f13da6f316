"""linphone's command-line client as an agent's phone: WAV files for a sound card, commands on its input, a home of its
own in a temporary folder.
"""

import asyncio
import os
import re
import shutil
import wave
from ctypes.util import find_library
from pathlib import Path

import numpy as np
import pytest

from core.audio import RATE_HZ, Pcm
from tests.interop.line import HOST
from tests.ports import free_port


def need_linphone() -> None:
    """Skip, with the reason, where it is not installed."""
    if shutil.which("linphonec") is None:
        pytest.skip("needs linphonec (Debian package linphone-cli)")


def need_library() -> None:
    """The same for what it stands on."""
    if find_library("linphone") is None:
        pytest.skip("needs liblinphone (comes with Debian package linphone-cli)")


def write_config(folder: Path, user: str, password: str, server_port: int) -> Path:
    """An account that registers with the line, G.711 on loopback ports, no video, nothing else that needs a network."""
    path = folder / "linphonerc"
    path.write_text(
        f"""[sip]
sip_port={free_port()}
sip_tcp_port=0
sip_tls_port=0
use_ipv6=0
guess_hostname=1
default_proxy=0
media_encryption=none
[net]
mtu=1300
[rtp]
audio_rtp_port=37000-37999
[video]
capture=0
display=0
[auth_info_0]
username={user}
passwd={password}
domain={HOST}
[proxy_0]
reg_proxy=<sip:{HOST}:{server_port}>
reg_identity=sip:{user}@{HOST}
reg_expires=300
reg_sendregister=1
publish=0
"""
    )
    return path


def environment(folder: Path) -> dict[str, str]:
    """In which it writes nowhere but there; the folders that it takes for granted are made."""
    for name in (".config", ".local/share"):
        (folder / name / "linphone").mkdir(parents=True, exist_ok=True)
    return {"HOME": str(folder), "PATH": os.environ["PATH"], "TERM": "dumb"}


class Linphone:
    """One phone that answers every call by itself, and says what the file ``says`` holds; use as ``async with``."""

    def __init__(self, folder: Path, server_port: int, user: str, password: str, says: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._config = write_config(folder, user, password, server_port)
        self._says = says
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._said: list[str] = []

    async def __aenter__(self) -> "Linphone":
        self._process = await asyncio.create_subprocess_exec(
            "linphonec", "-a", "-S", "-c", str(self._config), env=environment(self._folder), cwd=self._folder,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        self._reader = asyncio.create_task(self._read())
        self.command("soundcard use files")
        self.command(f"play {self._says}")
        self.command(f"record {self._heard}")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None and self._reader is not None
        if self._process.returncode is None:
            self.command("quit")
        try:
            await asyncio.wait_for(self._process.wait(), 10)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._reader
        print(self.log())

    @property
    def _heard(self) -> Path:
        return self._folder / "heard.wav"

    def command(self, text: str) -> None:
        """As typed at its prompt."""
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(text.encode() + b"\n")

    async def _read(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        while data := await self._process.stdout.read(4096):
            self._said.append(data.decode(errors="replace"))

    async def until(self, pattern: str, timeout_s: float = 30.0) -> None:
        """Wait until it has said something that fits."""
        try:
            async with asyncio.timeout(timeout_s):
                while re.search(pattern, self.log()) is None:  # noqa: ASYNC110 - it says what it likes
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"{pattern!r} was not said:\n{self.log()}") from None

    def samples(self) -> Pcm:
        """What its ear got, first channel, at 8 kHz."""
        with wave.open(str(self._heard)) as file:
            sound = np.frombuffer(file.readframes(1 << 24), "<i2")[:: file.getnchannels()]
            return sound[:: file.getframerate() // RATE_HZ].astype(np.int16)

    def log(self) -> str:
        return "".join(self._said)
