"""Questions to a disk that hangs."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from telephony.disk import PatientDisk


@pytest.fixture
def back() -> Iterator[threading.Event]:
    """Set when the disk answers again; at the end at the latest."""
    event = threading.Event()
    yield event
    event.set()


async def test_what_it_gives_and_what_it_raises_come_out() -> None:
    disk = PatientDisk(30.0)
    assert await disk.do(lambda: 4) == 4
    with pytest.raises(FileNotFoundError):
        await disk.do(Path("/nowhere/at/all").stat)


async def test_nobody_waits_longer_than_so_long_and_one_thread_is_all_it_costs(back: threading.Event) -> None:
    disk, asked = PatientDisk(0.02), []
    before = set(threading.enumerate())
    with pytest.raises(TimeoutError, match="does not answer"):
        await disk.do(back.wait)
    for number in range(10):
        with pytest.raises(OSError):
            await disk.do(lambda number=number: asked.append(number))
    assert len(set(threading.enumerate()) - before) == 1
    await asyncio.sleep(0.01)  # the thread is told that the last one is not wanted any more
    back.set()
    async with asyncio.timeout(10):
        while True:  # as soon as it is through with the first
            try:
                assert await disk.do(lambda: "there") == "there"
                break
            except TimeoutError:
                continue
    assert asked == [], "what nobody waits for any more was not begun"


async def test_who_asks_may_go(back: threading.Event) -> None:
    asking = asyncio.create_task(PatientDisk(30.0).do(back.wait))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
