"""kill -9 in the middle of dialling, again and again: nobody is called twice, and the list is finished in the end."""

import asyncio
import os
import sys
from pathlib import Path

from campaigns.ports import Counts, NewContact
from core.clock import VirtualClock
from core.ids import CountingEntropy, Ids
from store.store import Store

REPOSITORY = Path(__file__).resolve().parents[3]
CONTACTS = 60
KILLS_AFTER = (1, 17)
"""The dialler is killed when it has printed so many numbers; then it is left to finish."""


async def dial(url: str, kill_after: int | None) -> list[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.unit.campaigns.dialling_process",
        url,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    printed = b""
    if kill_after is not None:
        for _ in range(kill_after):
            printed += await process.stdout.readline()
        process.kill()
    printed += await process.stdout.read()
    assert await process.wait() == (0 if kill_after is None else -9)
    return printed.decode().split()


async def test_nobody_is_called_twice(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'line400.db'}"
    clock = VirtualClock()
    numbers = [f"+86138001380{index:02}" for index in range(CONTACTS)]
    async with await Store.open(url, clock, Ids(clock, CountingEntropy()), recordings=tmp_path) as store:
        await store.contacts.add("spring", [[NewContact(number, "", line) for line, number in enumerate(numbers, 2)]])

    dialled: list[str] = []
    for kill_after in KILLS_AFTER:
        dialled += await dial(url, kill_after)
    *rest, last = await dial(url, None)
    dialled += rest

    assert last == "finished"
    assert len(dialled) == len(set(dialled)), "a contact was called twice"
    # A kill between claim and first packet costs a contact its call, at most as many as may ring at once.
    assert set(dialled) <= set(numbers)
    assert len(dialled) >= CONTACTS - 4 * len(KILLS_AFTER)
    async with await Store.open(url, clock, Ids(clock, CountingEntropy()), recordings=tmp_path) as store:
        assert await store.contacts.counts("spring") == Counts(0, 0, CONTACTS)
        assert await store.contacts.running() == ()
