"""Configuration read again and SIP watched while a call is up, by signal, by command and over the API."""

import asyncio
import contextlib
import os
import signal
import struct
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
from websockets.exceptions import ConnectionClosed

from core.errors import CallRejected, Unavailable
from service.demo.softphone import PhoneCall
from telephony.sip.hop import Hop
from tests.interop.handset import Handset
from tests.interop.line import CARRIER, HOST, REPOSITORY, Json, Line, basic, serving
from tests.interop.test_drain import GENERAL, talking
from tests.ports import free_port

pytestmark = pytest.mark.interop
NEW_NUMBER = "4008007777"
PATIENCE_S = 120.0
"""A command starts in a second or two, on a crowded machine in many."""


class Command:
    """``line400`` as an administrator runs it, beside the service."""

    def __init__(self, line: Line, *arguments: str) -> None:
        self._line = line
        self._arguments = arguments
        self.process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> "Command":
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "service.cli", self._arguments[0], "--config", str(self._line.config),
            *self._arguments[1:], cwd=REPOSITORY, env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def ends(self) -> tuple[int, str]:
        """Its exit code and all that it says from now on."""
        assert self.process is not None
        said, _ = await asyncio.wait_for(self.process.communicate(), PATIENCE_S)
        assert self.process.returncode is not None
        return self.process.returncode, said.decode()

    async def says(self, text: str) -> None:
        """Wait for a line with ``text``."""
        assert self.process is not None and self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            while line := (await self.process.stdout.readline()).decode():
                if text in line:
                    return
        raise AssertionError(f"it never says {text!r}")


async def run(line: Line, *arguments: str) -> tuple[int, str]:
    async with Command(line, *arguments) as command:
        return await command.ends()


class Heard:
    """What the line tells of itself, from now on."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.events: list[Json] = []
        self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        with contextlib.suppress(ConnectionClosed):  # the line is being ended
            async for event in self._line.api.events():
                self.events.append(event)

    def facts(self, name: str) -> list[Json]:
        return [cast("Json", event["data"]) for event in self.events if event["name"] == name]

    async def until(self, name: str, count: int) -> list[Json]:
        """Wait for ``count`` facts of that name."""
        async with asyncio.timeout(PATIENCE_S):
            while len(told := self.facts(name)) < count:  # noqa: ASYNC110 - told over a socket
                await asyncio.sleep(0.05)
        return told

    def close(self) -> None:
        self._task.cancel()


def rewrite(line: Line, old: str, new: str) -> None:
    text = line.config.read_text("utf-8")
    assert old in text
    line.config.write_text(text.replace(old, new), "utf-8")


@contextlib.asynccontextmanager
async def phone_of(line: Line, agent: str, password: str) -> AsyncIterator[tuple[Handset, "asyncio.Queue[PhoneCall]"]]:
    """The agent's phone and the calls that ring it."""
    calls: asyncio.Queue[PhoneCall] = asyncio.Queue()
    phone = Handset(Hop("UDP", HOST, line.sip), agent, password, on_call=calls.put_nowait)
    await phone.start()
    try:
        yield phone, calls
    finally:
        await phone.close()


async def test_a_talk_goes_on_while_agents_queues_numbers_and_trunks_change(tmp_path: Path) -> None:
    carrier_port, other_port = free_port(CARRIER), free_port("127.0.0.3")
    async with serving(tmp_path, basic(carrier_port=carrier_port), top='log_level = "warning"') as line:
        assert line.process is not None
        heard = Heard(line)
        async with talking(line, carrier_port) as (carrier, call):
            with pytest.raises(CallRejected):
                await carrier.call(NEW_NUMBER, "13900139000")
            # By signal: agent 101 is taken out of the house in the middle of his talk, 102 comes, a queue and a number
            # lead to him, and another carrier may call.
            rewrite(line, 'id = "101"\npassword = "phone-101"', 'id = "102"\npassword = "phone-102"')
            rewrite(line, 'agents = ["101"]', 'agents = ["102"]')
            rewrite(line, "agent:101", "agent:102")
            more = f'[[trunk]]\nname = "other"\nhost = "127.0.0.3"\nport = {other_port}\n'
            more += f'[[number]]\nnumber = "{NEW_NUMBER}"\nto = "queue:new"\n'
            more += '[[queue]]\nname = "new"\nagents = ["102"]\n'
            line.config.write_text(line.config.read_text("utf-8") + more, "utf-8")
            line.process.send_signal(signal.SIGHUP)
            (told,) = await heard.until("config.reloaded", 1)
            assert told["by"] == "SIGHUP" and told["waiting"] == []
            assert {"agent 101: gone", "agent 102: new", "queue new: new", "trunk other: new"} <= set(
                cast("list[str]", told["changed"])
            )
            other = Handset(Hop("UDP", HOST, line.sip), "other", listen=Hop("UDP", "127.0.0.3", other_port))
            await other.start()
            async with phone_of(line, "102", "phone-102") as (phone, calls):
                await phone.register()
                await line.set_agent("102", "available")
                second = asyncio.create_task(other.call(NEW_NUMBER, "13700137000"))
                answered = await asyncio.wait_for(calls.get(), 10)
                await answered.answer()
                caller = await asyncio.wait_for(second, 10)
                await line.until_agent("102", "talking")
                assert call.up and not call.ended.done(), "the talk before is as it was"
                with pytest.raises(Unavailable):
                    await line.set_agent("101", "paused", "he is gone")
                # By command: a fault changes nothing; what may not change is named.
                rewrite(line, 'name = "other"', 'nam = "other"')
                code, said = await run(line, "reload")
                assert code != 0 and "unknown key" in said and len(heard.facts("config.reloaded")) == 1
                rewrite(line, 'nam = "other"', 'name = "other"')
                rewrite(line, "[http]\n", "[mqtt]\nport = 1884\n[http]\n")
                rewrite(line, 'log_level = "warning"', 'log_level = "debug"')
                code, said = await run(line, "reload")
                assert code == 0, said
                assert "已生效 / holds now: log_level" in said and "holds after the next start: mqtt.port" in said
                # Over the API: another password, and only the new one opens the door.
                rewrite(line, 'password = "phone-102"', 'password = "another"')
                rewrite(line, "[http]\n", '[security]\nblocked = ["127.0.0.99"]\n[http]\n')
                shown = cast("Json", await line.api.get("/config/changes"))
                assert len(heard.facts("config.reloaded")) == 2, "looking changes nothing"
                done = cast("Json", await line.api.send("POST", "/config/reload"))
                assert done == shown
                assert done["changed"] == ["security.blocked", "agent 102: password"]
                assert done["waiting"] == ["mqtt.port"]
                stranger = Handset(Hop("UDP", HOST, line.sip), "102", "another", listen=Hop("UDP", "127.0.0.99", 0))
                await stranger.start()
                with pytest.raises(TimeoutError):  # nothing of him is read, so nothing comes back
                    await asyncio.wait_for(stranger.register(), 1.0)
                await stranger.close()
                assert cast("Json", await line.api.get("/sip/counts"))["since"]
                with pytest.raises((CallRejected, Unavailable, AssertionError)):
                    await phone.register()
                assert caller.up and call.up and not caller.ended.done() and not call.ended.done()
                caller.hang_up()
            await other.close()
            call.hang_up()
            ended = await line.until_calls_ended(3)
            assert sorted(str(item["reason"]) for item in ended) == ["normal", "normal", "not_found"]
            async with asyncio.timeout(20):  # the one who is gone is shown until his wrap-up is over
                while True:
                    if [agent["id"] for agent in cast("list[Json]", await line.api.get("/agents"))] == ["102"]:
                        break
                    await asyncio.sleep(0.2)
        heard.close()


async def test_sip_is_watched_from_the_command_line_while_a_call_is_up(tmp_path: Path) -> None:
    carrier_port = free_port(CARRIER)
    async with serving(tmp_path, basic(carrier_port=carrier_port)) as line:
        heard = Heard(line)
        async with talking(line, carrier_port) as (carrier, first):
            capture = tmp_path / "one.pcap"
            async with Command(line, "trace", "13900139000", "--brief", "--pcap", str(capture)) as watching:
                async with asyncio.timeout(PATIENCE_S):
                    while not cast("Json", await line.api.get("/trace"))["on"]:  # noqa: ASYNC110
                        await asyncio.sleep(0.1)
                code, said = await run(line, "trace", "110")
                assert code == 1 and "on already, for 13900139000" in said, "nobody's trace is lost to another's"
                with pytest.raises(CallRejected):
                    await carrier.call("4009990000", "13900139000")
                await watching.says("404 Not Found (INVITE)")
                assert watching.process is not None
                watching.process.send_signal(signal.SIGINT)
                code, said = await watching.ends()
                assert code == 0, said
            packets = messages_in(capture)
            assert packets and all(b"13900139000" in packet for packet in packets)
            assert packets[0].startswith(b"INVITE sip:4009990000@")
            assert not cast("Json", await line.api.get("/trace"))["on"], "switched off behind it"
            # On over the API, then one call of what was kept, by command.
            await line.api.send("PUT", "/trace", {"on": True, "numbers": []})
            second = asyncio.create_task(carrier.call(GENERAL, "13600136000"))
            async with asyncio.timeout(PATIENCE_S):
                while not (rows := [row for row in await line.calls() if str(row["ani"]).endswith("13600136000")]):  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            code, said = await run(line, "trace", "--call", str(rows[0]["id"]))
            assert code == 0 and "INVITE sip:" in said and "13600136000" in said and "13800138000" not in said
            await line.api.send("PUT", "/trace", {"on": False})
            (await asyncio.wait_for(second, 10)).hang_up()
            counts = cast("Json", await line.api.get("/sip/counts"))
            seen = {
                (str(one["direction"]), str(one["method"]), one["status"]): one["count"]
                for one in cast("list[Json]", counts["messages"])
            }
            assert cast("int", seen["received", "INVITE", None]) >= 3 and seen["sent", "INVITE", 404]
            assert seen["sent", "INVITE", None] and seen["received", "INVITE", 200] and seen["sent", "REGISTER", 200]
            assert first.up
        switched = await heard.until("trace.switched", 4)
        assert [fact["on"] for fact in switched] == [True, False, True, False]
        assert [str(fact["by"]).endswith("(command line)") for fact in switched] == [True, True, False, False]
        heard.close()


def messages_in(capture: Path) -> list[bytes]:
    """The SIP messages of a capture file over IPv4."""
    data, found = capture.read_bytes()[24:], []
    while data:
        (length,) = struct.unpack("<I", data[8:12])
        found.append(data[16 + 28 : 16 + length])
        data = data[16 + length :]
    return found
