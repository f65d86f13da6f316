"""The product under test: a real ``line400 serve`` in its own process, on free loopback ports, with its API at hand."""

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from core.errors import Unavailable
from service.demo.api import Api
from tests.interop import nursery
from tests.interop.nursery import Process
from tests.ports import free_port

REPOSITORY = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
CARRIER = "127.0.0.2"
UNASKED = "phone_options_s = 0"
LINE_NUMBER = "4008001234"
_PASSWORD = re.compile(r"as admin with password (\S+)")
Json = dict[str, object]


@dataclass
class Line:
    """A served line. ``restart`` after ``kill`` takes up the same data."""

    folder: Path
    http: int
    sip: int
    more: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    password: str = ""
    output: list[str] = field(default_factory=list)
    process: Process | None = None
    top: str = ""
    sip_keys: str = ""
    media_workers: int = 1
    forked: bool = True
    """From the nursery; else begun as its user begins it, with all its modules to load."""
    api: Api = field(init=False)

    def __post_init__(self) -> None:
        self.api = Api(HOST, self.http)
        (self.folder / "line400.toml").write_text(
            f"""
data_folder = "{self.folder / "data"}"
{self.top}
[http]
port = {self.http}
[sip]
host = "{HOST}"
udp_port = {self.sip}
tcp_port = {self.sip}
{self.sip_keys}
[media]
host = "{HOST}"
workers = {self.media_workers}
{self.more}
""",
            encoding="utf-8",
        )

    @property
    def config(self) -> Path:
        return self.folder / "line400.toml"

    @property
    def recordings(self) -> Path:
        return self.folder / "data" / "recordings"

    async def start(self) -> None:
        words, environment = ["serve", "--config", str(self.config)], {**os.environ, **self.environment}
        if self.forked:
            self.process = await nursery.fork(words, environment)
        else:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "service.cli", *words, cwd=REPOSITORY, env=environment,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        up = asyncio.Event()
        self._reader = asyncio.create_task(self._read(up))
        ended = asyncio.create_task(self.process.wait())
        waiting = asyncio.create_task(up.wait())
        await asyncio.wait({ended, waiting}, return_when=asyncio.FIRST_COMPLETED, timeout=60)
        ended.cancel()
        waiting.cancel()
        assert up.is_set(), "\n".join(self.output)
        await self.api.sign_in("admin", self.password)

    async def _read(self, up: asyncio.Event) -> None:
        assert self.process is not None and self.process.stdout is not None
        before = len(self.output)  # what an earlier process said says nothing of this one
        while line := (await self.process.stdout.readline()).decode():
            self.output.append(line.rstrip())
            if found := _PASSWORD.search(line):
                self.password = found[1]
            if self.password and "is up" in " ".join(self.output[before:]):
                up.set()

    async def stop(self) -> int:
        """End it as its user would (Ctrl-C); the exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)
        code = await asyncio.wait_for(self.process.wait(), 30)
        await self._reader
        return code

    async def stop_group(self) -> int:
        """End it as a service manager may: SIGTERM to every process of it at once; the exit code."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGTERM)
        code = await asyncio.wait_for(self.process.wait(), 30)
        await self._reader
        return code

    async def kill(self) -> None:
        """kill -9 of the control process."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()
        await self._reader

    async def command(self, *words: str) -> str:
        """Run ``line400 WORDS`` beside the service, as its user would; what it writes."""
        code, out, complaints = await asyncio.wait_for(
            nursery.run([*words, "--config", str(self.config)], dict(os.environ)), 60
        )
        assert code == 0, complaints
        return out

    async def calls(self) -> list[Json]:
        page = cast("Json", await self.api.get("/calls?limit=100"))
        return cast("list[Json]", page["items"])

    async def call(self, call_id: object) -> Json:
        return cast("Json", await self.api.get(f"/calls/{call_id}"))

    async def until_calls_ended(self, count: int, timeout_s: float = 30.0) -> list[Json]:
        """Wait until ``count`` calls are over and their recordings are closed; newest first."""
        async with asyncio.timeout(timeout_s):
            while True:
                calls = [call for call in await self.calls() if call["ended_at"] is not None]
                if len(calls) >= count:
                    details = [await self.call(call["id"]) for call in calls]
                    recordings = [item for detail in details for item in cast("list[Json]", detail["recordings"])]
                    if all(item["duration_s"] is not None for item in recordings):
                        return calls
                await asyncio.sleep(0.2)

    async def parts(self) -> dict[str, Json]:
        """How each part of the house is, by its name; the page is refused with 503 where one is down."""
        try:
            health = await self.api.get("/health")
        except Unavailable as refusal:
            health = json.loads(str(refusal).partition(" 503 ")[2])
        parts = cast("list[Json]", cast("Json", health)["components"])
        return {str(part["name"]): part for part in parts}

    async def until_agent(self, agent: str, state: str, timeout_s: float = 15.0) -> None:
        """Wait until the live board shows ``agent`` in ``state``."""
        async with asyncio.timeout(timeout_s):
            while True:
                agents = cast("list[Json]", await self.api.get("/agents"))
                if any(item["id"] == agent and item["state"] == state for item in agents):
                    return
                await asyncio.sleep(0.2)

    async def set_agent(self, agent: str, state: str, reason: str = "") -> None:
        await self.api.send("PUT", f"/agents/{agent}/state", {"state": state, "reason": reason})

    async def give_admin_phone(self, agent: str) -> None:
        """The admin has the phone of ``agent`` from now on, as its administrator does beside the running service."""
        await self.command("users", "add", "admin", "--role", "admin", "--agent", agent)
        await self.api.sign_in("admin", self.password)

    async def recording_of(self, call_id: object) -> Path:
        """The file of the call's only recording."""
        detail = await self.call(call_id)
        (recording,) = cast("list[Json]", detail["recordings"])
        return recording_in(self.recordings, recording["id"])


def recording_in(folder: Path, recording: object) -> Path:
    """The file of a recording, under whichever name it has by now (``archive.sound`` finds it under the next)."""
    return next(path for suffix in (".wav", ".flac", ".flac.sealed") for path in folder.rglob(f"{recording}{suffix}"))


def basic(*, carrier_port: int, agents: str = "", more: str = "") -> str:
    """Configuration: trunk ``carrier``, queues of the main flow with agent 101, the line's number, ``more``."""
    queues = "".join(
        f'[[queue]]\nname = "{name}"\nagents = ["101"]\nwrap_up_s = 1\nring_timeout_s = 8\n'
        for name in ("sales", "service", "tradein", "complaint", "general")
    )
    return f"""
[[trunk]]
name = "carrier"
host = "{CARRIER}"
port = {carrier_port}
[[number]]
number = "{LINE_NUMBER}"
to = "flow:main"
[[number]]
number = "4008005555"
to = "queue:general"
[[number]]
number = "4008006666"
to = "agent:101"
{queues}
{agents or "[[agent]]" + chr(10) + 'id = "101"' + chr(10) + 'password = "phone-101"'}
{more}
"""


@contextlib.asynccontextmanager
async def serving(
    folder: Path, more: str, *, top: str = "", sip_keys: str = UNASKED, media_workers: int = 1, forked: bool = True,
    before: Callable[[Line], None] = lambda line: None, **environment: str,
) -> AsyncIterator[Line]:  # fmt: skip
    """A line that is up, and ended afterwards. ``more`` ends its configuration, ``top`` stands before all tables,
    ``sip_keys`` in [sip] (by default no phone is asked by OPTIONS: SIPp knows only what its scenario says); ``before``
    may change it before it starts.
    """
    line = Line(
        folder,
        free_port(),
        free_port(),
        more,
        {"LINE400_MODELS": "", **environment},
        top=top,
        sip_keys=sip_keys,
        media_workers=media_workers,
        forked=forked,
    )
    before(line)
    await line.start()
    try:
        yield line
    finally:
        if line.process is not None and line.process.returncode is None:
            await line.stop()
        print("\n".join(line.output))  # shown by pytest where the test failed
