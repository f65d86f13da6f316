"""A worker's connection seen from control: another release is refused by name, a broken one is a lost worker."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import pytest

from core.errors import Unavailable
from telephony.media import commands as c
from telephony.media import link as link_module
from telephony.media.link import WorkerLink
from telephony.media.port import PORT_VERSION, Address, MediaEvent
from telephony.media.wire import Answered, Hello, Message, pack


class Worker:
    """The other end of a connection, played by the test."""

    def __init__(self) -> None:
        self.ours, self.theirs = socket.socketpair()
        self.events: list[MediaEvent] = []
        self.lost: list[WorkerLink] = []

    async def connect(self) -> WorkerLink:
        reader, writer = await asyncio.open_connection(sock=self.ours)
        return WorkerLink(
            name="1",
            process=None,
            reader=reader,
            writer=writer,
            on_event=self.events.append,
            on_lost=self.lost.append,
        )

    def say(self, *messages: Message) -> None:
        self.theirs.sendall(b"".join(pack(message) for message in messages))


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    made = Worker()
    yield made
    made.theirs.close()


async def test_a_worker_of_another_release_is_refused_by_both_numbers(worker: Worker) -> None:
    link = await worker.connect()
    worker.say(Hello(PORT_VERSION - 1))
    with pytest.raises(Unavailable, match=f"port version {PORT_VERSION - 1} is spoken there, {PORT_VERSION} here"):
        await link._until_greeted()
    assert worker.lost == [], "it never was up"
    with pytest.raises(Unavailable):
        await link.ask(c.Stop("a"))


async def test_one_of_our_release_answers_until_it_dies(worker: Worker) -> None:
    link = await worker.connect()
    worker.say(Hello(PORT_VERSION))
    await link._until_greeted()
    opened = asyncio.create_task(link.ask(c.Open("a")))
    await asyncio.sleep(0)
    worker.say(Answered(1, Address("127.0.0.1", 20000)))
    assert await opened == Address("127.0.0.1", 20000)
    waiting = asyncio.create_task(link.ask(c.Stop("a")))
    await asyncio.sleep(0)
    worker.theirs.close()
    with pytest.raises(Unavailable, match="died"):
        await waiting
    assert worker.lost == [link]
    assert not link.alive
    await link.stop()


async def test_control_that_stood_still_does_not_kill_its_worker(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "ANSWER_TIMEOUT_S", 1.0)
    link = await worker.connect()
    worker.say(Hello(PORT_VERSION))
    await link._until_greeted()
    opened = asyncio.create_task(link.ask(c.Open("a")))
    await asyncio.sleep(0)
    worker.say(Answered(1, Address("127.0.0.1", 40000)))
    time.sleep(1.1)  # noqa: ASYNC251 - the whole process stands still, longer than the worker may take
    assert await opened == Address("127.0.0.1", 40000)
    assert link.alive


async def test_a_worker_that_says_nothing_is_given_up(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "ANSWER_TIMEOUT_S", 0.1)
    link = await worker.connect()
    worker.say(Hello(PORT_VERSION))
    await link._until_greeted()
    with pytest.raises(Unavailable, match="hangs"):
        await link.ask(c.Open("a"))


async def test_a_worker_that_hangs_is_found_out_although_nobody_calls(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "ANSWER_TIMEOUT_S", 0.1)
    monkeypatch.setattr(link_module, "PING_EVERY_S", 0.0)
    link = await worker.connect()
    worker.say(Hello(PORT_VERSION))
    await link._until_greeted()
    watching = asyncio.create_task(link.watch())
    await asyncio.sleep(0)
    worker.say(Answered(1))
    async with asyncio.timeout(10):
        await watching
    assert worker.lost == [link]
