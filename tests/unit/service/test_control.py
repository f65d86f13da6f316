"""The service's own door: who comes in, what is answered, a folder that lies deep, a trace that is another's."""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from typer.testing import CliRunner, Result

from core.bus import MemoryLog
from core.clock import VirtualClock
from core.errors import ConfigError, Unavailable
from service import control
from service.build import Built
from service.cli import app
from service.control_client import Json, ask, ask_once
from service.control_socket import SOCKET
from service.reload import Reloaded
from telephony.defence import Defence
from telephony.facts import TraceSwitched
from telephony.incidents import Incidents
from telephony.security_facts import LockLifted
from telephony.sip.hop import Hop
from telephony.sip.trace import Tracer
from tests.unit.console.test_trace_api import invite

PEER = Hop("UDP", "203.0.113.5", 5060)


class Office:
    """Stands in for ``Built``: a tracer, a log, and a configuration that may have a fault."""

    def __init__(self, folder: Path) -> None:
        self.log = MemoryLog(VirtualClock())
        self.tracer = Tracer(lambda: 1_700_000_000.25)
        self.fault = ""
        self.addresses = (Hop("UDP", "192.0.2.1", 5060),)
        self.config = _Config(folder)
        self.clock = VirtualClock(1_700_000_000.0)
        self.defence = Defence(None, Incidents(lambda fact: self.log.post("", fact)))
        self.store = self.base = self.exchange = self.stack = self.reloader = self

    async def reload(self, by: str, log: MemoryLog) -> Reloaded:
        assert log is self.log and by.endswith("(command line)")
        if self.fault:
            raise ConfigError([self.fault, "and another"])
        return Reloaded(("drain_s",), (), ())


@dataclass(frozen=True)
class _Config:
    data_folder: Path


@contextlib.asynccontextmanager
async def open_office(folder: Path) -> AsyncIterator[Office]:
    office = Office(folder)
    async with AsyncExitStack() as exits:
        await control.open_control(cast("Built", office), exits)
        yield office
    assert not (folder / SOCKET).exists()


async def answer(folder: Path, what: str, **more: object) -> Json:
    return await asyncio.to_thread(ask_once, folder, what, **more)


async def test_a_reload_and_its_faults(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        assert (tmp_path / SOCKET).stat().st_mode & 0o777 == 0o600
        assert await answer(tmp_path, "reload") == {"changed": ["drain_s"], "waiting": [], "warnings": []}
        office.fault = "line400.toml:3: zone: no such time zone"
        with pytest.raises(Unavailable, match="no such time zone\nand another"):
            await answer(tmp_path, "reload")
        with pytest.raises(Unavailable, match="does not know"):
            await answer(tmp_path, "dance")
    with pytest.raises(Unavailable, match="no service runs on"):
        await answer(tmp_path, "reload")


async def test_lock_outs_are_listed_and_lifted(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        assert await answer(tmp_path, "lockouts.list") == {"lockouts": []}
        for _ in range(9):
            office.defence.proved_wrong("101\x1b[2J", "198.51.100.66", office.clock.now())
        (row,) = cast("list[Json]", (await answer(tmp_path, "lockouts.list"))["lockouts"])
        assert (row["source"], row["user"], row["wrong"]) == ("198.51.100.66", "101\x1b[2J", 9)
        (tmp_path / "line400.toml").write_text(f'data_folder = "{tmp_path}"\n')
        shown = await command("lockouts", "--config", str(tmp_path / "line400.toml"))
        assert "198.51.100.66  101?[2J  9 次错误 wrong" in shown.stdout
        lifted = await command("lockouts", "lift", "198.51.100.66", "--config", str(tmp_path / "line400.toml"))
        assert lifted.stdout == "已解除 / lifted: 1\n"
        again = await command("lockouts", "lift", "198.51.100.66", "--config", str(tmp_path / "line400.toml"))
        assert again.exit_code == 1 and "is not locked out" in again.stderr
        assert (await command("lockouts", "--config", str(tmp_path / "line400.toml"))).stdout.startswith("没有锁定")
        (fact,) = office.log.facts(LockLifted)
        assert isinstance(fact, LockLifted) and fact.by.endswith("(command line)")


async def command(*arguments: str) -> Result:
    """``line400`` beside the service."""
    return await asyncio.to_thread(CliRunner().invoke, app, list(arguments))


async def test_a_folder_that_lies_deep_and_a_socket_that_a_crash_left_behind(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a folder with a rather long name"] * 6)
    deep.mkdir(parents=True)
    (deep / SOCKET).write_text("")
    async with open_office(deep):
        assert (await answer(deep, "trace.state"))["on"] is False


async def test_a_trace_is_switched_followed_and_not_taken_from_another(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        office.tracer.start()
        office.tracer.note(invite("before"), PEER, received=True)
        office.tracer.stop()
        assert await answer(tmp_path, "trace.on", numbers=["1380"]) == {"began": True}
        assert await answer(tmp_path, "trace.on", numbers=["1380"]) == {"began": False}
        with pytest.raises(Unavailable, match="on already, for 1380"):
            await answer(tmp_path, "trace.on", numbers=[])
        office.tracer.note(invite("c1"), PEER, received=True)
        office.tracer.tie("call-1", "c1")
        office.tracer.note(invite("c2"), PEER, received=False)
        told = await asyncio.to_thread(lambda: list(ask(tmp_path, "trace.follow", call="call-1", once=True)))
        assert told[0] == {"local": [["UDP", "192.0.2.1", 5060]]}
        assert [(one["call_id"], one["received"], one["hop"]) for one in told[1:]] == [
            ("c1", True, ["UDP", "203.0.113.5", 5060])
        ]
        following = asyncio.create_task(asyncio.to_thread(_first_three, tmp_path))
        while not following.done():
            office.tracer.note(invite("c3"), PEER, received=True)
            await asyncio.sleep(0.05)
        assert [one["call_id"] for one in await following] == ["c3"] * 3, "only what comes from now on"
        since = await asyncio.to_thread(_first_three, tmp_path, kept=True)
        assert [one["call_id"] for one in since] == ["c1", "c2", "c3"], "what passed since it was switched on"
        assert (await answer(tmp_path, "trace.off"))["on"] is False
        assert [fact.on for fact in office.log.facts(TraceSwitched)] == [True, False]


def _first_three(folder: Path, **more: object) -> list[Json]:
    told: list[Json] = []
    for one in ask(folder, "trace.follow", **more):
        if "serial" in one:
            told.append(one)
        if len(told) == 3:
            break
    return told


async def test_a_call_of_which_nothing_is_kept_is_said_to_be_none(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        office.tracer.start()
        office.tracer.note(invite("c1"), PEER, received=True)
        office.tracer.tie("call-1", "c1")
        (tmp_path / "line400.toml").write_text(f'data_folder = "{tmp_path}"\nzone = "America/New_York"\n')
        config, capture = ("--config", str(tmp_path / "line400.toml")), tmp_path / "one.pcap"
        capture.write_bytes(b"an older one")
        missing = await command("trace", "--call", "nope", "--pcap", str(capture), *config)
        assert missing.exit_code == 1 and "no SIP is kept of a call nope" in missing.stderr
        assert capture.read_bytes() == b"an older one"
        shown = await command("trace", "--call", "call-1", "--brief", "--pcap", str(capture), *config)
        assert shown.exit_code == 0 and shown.stdout.startswith("17:13:20.250 203.0.113.5:5060 →")
        assert "times: America/New_York (-0" in shown.stderr
        assert capture.read_bytes().endswith(invite("c1"))


async def test_the_state_says_whether_messages_go_to_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with open_office(tmp_path):
        (tmp_path / "line400.toml").write_text(f'data_folder = "{tmp_path}"\n')
        config = ("--config", str(tmp_path / "line400.toml"))
        assert (await command("trace", "--status", *config)).stdout == "关闭 off; 0 条报文 messages\n"
        caplog.set_level(logging.DEBUG, "line400.sip.trace")  # as `serve --sip-trace` does
        for word in ("--status", "--off"):
            assert "(serve --sip-trace), until a start without it" in (await command("trace", word, *config)).stdout


async def test_another_user_finds_the_door_shut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_office(tmp_path):
        monkeypatch.setattr(control, "_peer", lambda connection: None)
        with pytest.raises(Unavailable, match="closed the door"):
            await answer(tmp_path, "reload")


@pytest.mark.parametrize(("user", "inside"), [(0, True), (4242, False)])
def test_only_root_and_the_services_own_user_come_in(user: int, inside: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    class Connection:
        def getsockopt(self, level: int, option: int, size: int) -> bytes:
            return control._PEER.pack(1, user, 0)

    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert (control._peer(Connection()) is not None) is inside  # type: ignore[arg-type]
