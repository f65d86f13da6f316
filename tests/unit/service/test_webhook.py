"""The webhook against a receiver that is well, slow, away or says no, on virtual time; once over a real socket."""

import asyncio
import hashlib
import hmac
import json

import httpx
import pytest

from acd.alarm_facts import AlarmRaised
from core.bus import Bus, MemoryLog
from core.clock import VirtualClock
from service.config_alarms import WebhookSettings
from service.webhook import TRIES, WebhookSender, signature
from telephony.facts import CallStarted, TrunkDown
from tests.virtual_loop import run

RAISED = AlarmRaised("wait", "longest_wait", "sales", 130.0, 120.0)
SETTINGS = WebhookSettings("http://receiver.example/hook", "hush")


class Receiver:
    """Answers by ``says`` (a status, or "away"), the last of them for ever."""

    def __init__(self, *says: int | str) -> None:
        self.says = list(says)
        self.got: list[httpx.Request] = []
        self.at: list[float] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        self.at.append(asyncio.get_running_loop().time())
        say = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if isinstance(say, str):
            raise httpx.ConnectError("connection refused", request=request)
        return httpx.Response(say)


async def posted(receiver: Receiver, *facts: object, seconds: float = 1000.0, kept: int = 1000) -> WebhookSender:
    """Post ``facts`` at once, and let so much time pass."""
    log = MemoryLog(VirtualClock())
    sender = WebhookSender(
        SETTINGS, log.bus, VirtualClock(), transport=lambda: httpx.MockTransport(receiver.answer), kept_events=kept
    )
    for fact in facts:
        log.post("", fact)  # type: ignore[arg-type]
    running = asyncio.create_task(sender.run())
    await asyncio.sleep(seconds)
    running.cancel()
    await asyncio.wait({running})
    return sender


def test_an_alarm_is_posted_once_with_its_signature() -> None:
    receiver = Receiver(204)
    sender = run(posted(receiver, RAISED, CallStarted("inbound", "13800138000", "400"), TrunkDown("carrier", "silent")))
    (request,) = receiver.got
    body = request.content
    assert json.loads(body)["name"] == "alarm.raised" and json.loads(body)["fact"]["subject"] == "sales"
    assert request.headers["line400-event"] == "alarm.raised"
    assert request.headers["line400-id"] == json.loads(body)["id"]
    at, _, told = request.headers["line400-signature"].partition(",v1=")
    at = at.removeprefix("t=")
    assert told == hmac.new(b"hush", f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert (sender.health.sent, sender.health.waiting) == (1, 0)


def test_a_receiver_that_is_away_gets_it_later_and_in_order() -> None:
    receiver = Receiver("away", 503, 429, 200)
    sender = run(posted(receiver, RAISED, AlarmRaised("second", "no_agents", "sales", 0.0, 1.0)))
    names = [json.loads(request.content)["fact"]["alarm"] for request in receiver.got]
    assert names == ["wait"] * 4 + ["second"]
    assert [round(at) for at in receiver.at[:4]] == [0, 1, 3, 7]
    assert sender.health.sent == 2


@pytest.mark.parametrize("status", [301, 400, 404, 410])
def test_a_refusal_is_no_reason_to_insist(status: int) -> None:
    receiver = Receiver(status, 200)
    sender = run(posted(receiver, RAISED, RAISED))
    assert len(receiver.got) == 2
    assert (sender.health.refused, sender.health.sent) == (1, 1)


def test_what_is_never_taken_is_given_up_and_what_comes_meanwhile_is_bounded() -> None:
    receiver = Receiver("away")
    facts = [AlarmRaised(f"a{count}", "no_agents", "sales", 0.0, 1.0) for count in range(5)]
    sender = run(posted(receiver, *facts, seconds=600.0, kept=3))
    assert sender.health.dropped == 2, "the oldest make room"
    first = [request for request in receiver.got if b'"a2"' in request.content]
    assert len(first) == TRIES and sender.health.refused == 1


def test_without_a_secret_nothing_is_signed_and_the_count_is_over_time_and_body() -> None:
    assert signature("k", 5, b"{}") == "t=5,v1=" + hmac.new(b"k", b"5.{}", hashlib.sha256).hexdigest()
    assert signature("k", 6, b"{}") != signature("k", 5, b"{}")


async def test_over_a_socket() -> None:
    heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n") if b": " in line)
        heard.set_result(head + await reader.readexactly(int(fields[b"content-length"])))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    log = MemoryLog(VirtualClock(), Bus())
    sender = WebhookSender(WebhookSettings(f"http://127.0.0.1:{port}/hook"), log.bus, VirtualClock())
    running = asyncio.create_task(sender.run())
    try:
        log.post("", RAISED)
        said = await asyncio.wait_for(heard, 10)
    finally:
        running.cancel()
        await asyncio.wait({running})
        server.close()
    assert said.startswith(b"POST /hook HTTP/1.1") and b"alarm.raised" in said
    assert b"line400-signature" not in said.lower()
