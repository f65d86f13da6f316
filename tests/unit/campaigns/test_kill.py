"""kill -9 in the middle of dialling, again and again: no attempt is dialled twice, nobody is called more often than the
plan says, nobody is lost, and the list is finished in the end.
"""

import asyncio
import os
import sys
from collections import Counter
from pathlib import Path

from campaigns.ports import Counts, NewContact
from core.clock import VirtualClock
from core.ids import CountingEntropy, Ids
from store.store import Store

REPOSITORY = Path(__file__).resolve().parents[3]
CONTACTS = 60
KILLS_AFTER = (1, 17)
"""The dialler is killed when it has printed so many numbers; then it is left to finish."""


async def dial(url: str, kill_after: int | None, *, again: bool = False) -> list[list[str]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.unit.campaigns.dialling_process",
        url,
        "again" if again else "once",
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
    return [line.split() for line in printed.decode().splitlines()]


async def fill(url: str, numbers: list[str]) -> None:
    clock = VirtualClock()
    async with await Store.open(url, clock, Ids(clock, CountingEntropy())) as store:
        await store.contacts.add("spring", [[NewContact(number, "", line) for line, number in enumerate(numbers, 2)]])


async def test_nobody_is_called_twice_whom_the_plan_lets_be_tried_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'line400.db'}"
    clock = VirtualClock()
    numbers = [f"+86138001380{index:02}" for index in range(CONTACTS)]
    await fill(url, numbers)
    dialled: list[str] = []
    for kill_after in KILLS_AFTER:
        dialled += [number for number, _ in await dial(url, kill_after)]
    *rest, last = await dial(url, None)
    dialled += [number for number, _ in rest]

    assert last == ["finished"]
    assert len(dialled) == len(set(dialled)), "a contact was called twice"
    # A kill between claim and first packet costs a contact its call, at most as many as may ring at once.
    assert set(dialled) <= set(numbers)
    assert len(dialled) >= CONTACTS - 4 * len(KILLS_AFTER)
    async with await Store.open(url, clock, Ids(clock, CountingEntropy()), recordings=tmp_path) as store:
        assert await store.contacts.counts("spring") == Counts(0, 0, CONTACTS)
        assert await store.contacts.running() == ()


async def test_no_attempt_is_dialled_twice_and_nobody_is_lost(tmp_path: Path) -> None:
    """Numbers that end in an odd digit are busy, and tried three times; whoever was being rung when it died as well."""
    url = f"sqlite:///{tmp_path / 'line400.db'}"
    numbers = [f"+86138001380{index:02}" for index in range(20)]
    await fill(url, numbers)
    printed = [await dial(url, kill_after, again=True) for kill_after in (13,)]
    *rest, last = await dial(url, None, again=True)
    dialled = [(number, call) for lines in (*printed, rest) for number, call in lines]

    assert last == ["finished"]
    assert len(dialled) == len({call for _, call in dialled}), "an attempt was dialled twice"
    times = Counter(number for number, _ in dialled)
    assert set(times) == set(numbers) and max(times.values()) <= 3
    clock = VirtualClock()
    async with await Store.open(url, clock, Ids(clock, CountingEntropy())) as store:
        assert await store.contacts.counts("spring") == Counts(0, 0, len(numbers))
        for row in await store.campaigns.results("spring"):
            past = (await store.calling.listed("spring", row.contact)).past  # type: ignore[union-attr]
            results = [result for _, result in past.tried]
            assert len(results) <= 3 and times[row.number] <= len(results), "each call was an attempt on disk"
            if int(row.number[-1]) % 2:
                assert len(results) == 3, "busy, and tried as often as the plan says, counting those that died"
            else:
                call = await store.calls.get(row.call_id)
                assert call is not None
                assert results[-1] == "hung_up" or call.call.answered_at is not None or len(results) == 3
        assert (await store.ledger.verify()).broken_at is None
