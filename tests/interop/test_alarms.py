"""Alarms of every kind through a served line: on the page, at a broker and at a webhook, raised and cleared."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from tests.interop.house import House
from tests.interop.line import CARRIER, HOST, Json, serving
from tests.interop.test_mqtt import MOSQUITTO, Mosquitto, listening, mosquitto, until
from tests.ports import free_port

__all__ = ["mosquitto"]
pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(MOSQUITTO is None, reason="needs the broker mosquitto (Debian package mosquitto)"),
]
KINDS = {"longest_wait": 0.5, "service_level": 0.8, "no_agents": 1, "trunk_down": 0.5}
RAISED = {("longest_wait", "sales"), ("service_level", "sales"), ("no_agents", "sales"), ("trunk_down", "other")}


@contextlib.asynccontextmanager
async def receiving() -> AsyncIterator[tuple[int, list[Json]]]:
    """A webhook's receiver: its port, and what was posted."""
    heard: list[Json] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n") if b": " in line)
                heard.append(json.loads(await reader.readexactly(int(fields[b"content-length"]))))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, HOST, 0)
    try:
        yield server.sockets[0].getsockname()[1], heard
    finally:
        server.close()


def told(facts: list[Json]) -> set[tuple[str, str]]:
    return {(str(fact["kind"]), str(fact["subject"])) for fact in facts}


async def test_alarms_of_every_kind_reach_page_broker_and_webhook(tmp_path: Path, mosquitto: Mosquitto) -> None:
    port = free_port(CARRIER)
    async with receiving() as (hook, posted), listening(mosquitto.port) as broker:
        more = f'[mqtt]\nenabled = true\nport = {mosquitto.port}\n[webhook]\nurl = "http://{HOST}:{hook}/"\n'
        more += f'[[trunk]]\nname = "carrier"\nhost = "{CARRIER}"\nport = {port}\n'
        more += f'[[trunk]]\nname = "other"\nhost = "{HOST}"\nport = {free_port()}\ntransport = "tcp"\n'
        more += 'register = true\nuser = "line"\npassword = "of the other"\noptions_s = 0\n'
        more += '[[agent]]\nid = "101"\npassword = "phone-101"\n'
        more += '[[queue]]\nname = "sales"\nagents = ["101"]\n[[number]]\nnumber = "4008"\nto = "queue:sales"\n'
        for kind, limit in KINDS.items():
            more += f'[[alarm]]\nname = "{kind}"\nkind = "{kind}"\nlimit = {limit}\nclear = {limit}\n'
            more += "for_s = 0\nclear_after_s = 0\nat_least = 1\n"

        def at_broker(name: str) -> list[Json]:
            heard = [json.loads(text) for topic, text, _ in broker.heard if topic.endswith(f"alarm/{name}")]
            return [cast("Json", item["fact"]) for item in heard]

        def at_hook(name: str) -> list[Json]:
            return [cast("Json", item["fact"]) for item in posted if item["name"] == f"alarm.{name}"]

        async with serving(tmp_path, more) as line:
            house = House(line, {})
            async with house.carrier(port) as carrier, house.person("101", ready=False) as agent:
                call = await carrier.call("4008", house.caller())
                await until(lambda: ("longest_wait", "sales") in told(at_broker("raised")), 30)
                call.hang_up()
                await until(lambda: told(at_broker("raised")) == told(at_hook("raised")) == RAISED, 30)
                shown = cast("list[Json]", await line.api.get("/alarms"))
                assert told(shown) >= RAISED - {("longest_wait", "sales")}
                await agent.phone.register()
                await line.set_agent("101", "available")
                cleared = {("longest_wait", "sales"), ("no_agents", "sales")}
                await until(lambda: told(at_broker("cleared")) >= cleared and told(at_hook("cleared")) >= cleared, 30)
                assert not told(cast("list[Json]", await line.api.get("/alarms"))) & cleared
