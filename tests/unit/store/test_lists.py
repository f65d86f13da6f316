"""Lists go in whole or not at all: over kill -9 at any moment, beside others, and without long turns of the writer."""

import asyncio
import os
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, select

from campaigns.ports import Added, NewContact
from core.errors import LocalProtocolError
from core.ids import Ids
from store import alive, lists, turns
from store.schema_people import imports, staged
from store.store import Store
from tests.unit.store.conftest import Desk
from tests.unit.store.list_process import BATCH, BATCHES, CAMPAIGN, WallClock

REPOSITORY = Path(__file__).resolve().parents[3]


async def killed_after(url: str, word: str, count: int) -> None:
    """A process that takes a list in is killed when it has said ``word`` so often."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.unit.store.list_process", url,
        cwd=REPOSITORY, env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    while count:
        line = await process.stdout.readline()
        assert line, "it ended by itself"
        count -= line.decode().split() == [word]
    process.kill()
    await process.wait()


async def open_store(url: str) -> Store:
    clock = WallClock()
    return await Store.open(url, clock, Ids(clock, os.urandom), recordings=Path())


async def left_over(store: Store) -> int:
    async with store._database.reading() as connection:
        return await connection.scalar(select(func.count()).select_from(staged)) or 0


async def test_a_list_that_is_killed_before_it_is_read_leaves_nothing(desk: Desk) -> None:
    await killed_after(desk.url, "staged", 3)
    async with await open_store(desk.url) as store:
        assert await left_over(store) > 0
        assert (await store.contacts.counts(CAMPAIGN)).pending == 0 and await store.campaigns.list() == ()
        people = [NewContact(f"+86139{number:08}", "", number + 2) for number in range(3)]
        assert await store.contacts.add(CAMPAIGN, [people]) == Added(3)  # at once: its maker is known to be dead
        assert (await store.contacts.counts(CAMPAIGN)).pending == 3
        assert await left_over(store) == 0
        assert await store.people.count() == 3


async def test_a_list_that_is_killed_once_it_is_decided_goes_in_whole(desk: Desk) -> None:
    await killed_after(desk.url, "poured", 2)
    async with await open_store(desk.url) as store:
        assert await store.lists.finish() == 1
        assert (await store.contacts.counts(CAMPAIGN)).pending == BATCH * BATCHES
        results = await store.campaigns.results(CAMPAIGN, limit=1000)
        assert [row.number for row in results] == [f"+86138{number:08}" for number in range(BATCH * BATCHES)]
        assert (await left_over(store), await store.lists.finish()) == (0, 0)
        assert await store.people.count() == BATCH * BATCHES


async def test_two_lists_into_one_campaign_go_one_after_the_other(store: Store) -> None:
    def rows() -> list[NewContact]:
        return [NewContact("+8613800138000", "", 2)]

    inside, on = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow() -> list[list[NewContact]]:
        loop.call_soon_threadsafe(inside.set)
        asyncio.run_coroutine_threadsafe(on.wait(), loop).result()
        return [rows()]

    first = asyncio.create_task(store.contacts.add("spring", (batch for make in (slow,) for batch in make())))
    await inside.wait()
    with pytest.raises(LocalProtocolError, match="another list is on its way"):
        await store.contacts.add("spring", [rows()])
    assert await store.contacts.add("autumn", [rows()]) == Added(1)
    on.set()
    assert await first == Added(1, (), {"autumn": 1})


async def test_others_write_between_the_pieces(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PIECE", 20)
    monkeypatch.setattr(lists, "PIECE_MOST", 20)
    rows = [NewContact(f"+86138{number:08}", "", number + 2) for number in range(200)]
    told: list[int] = []
    wrote: list[int] = []

    async def writes() -> None:
        while True:
            await store.settings.put("turn", str(len(told)))
            wrote.append(len(told))
            await asyncio.sleep(0)

    beside = asyncio.create_task(writes())
    done = await store.contacts.add("spring", [rows], lambda moved, of: told.append(moved * 1000 + of))
    beside.cancel()
    assert done == Added(200)
    assert told == [moved * 1000 + 200 for moved in range(20, 201, 20)]
    assert len(set(wrote)) >= 5, "it had its turn while rows were poured"


@pytest.mark.parametrize(("goal_s", "pieces"), [(1e9, [10, 40, 40, 10]), (0.0, [10] * 10)])
async def test_a_piece_is_as_many_rows_as_fit_in_its_time(
    store: Store, monkeypatch: pytest.MonkeyPatch, goal_s: float, pieces: list[int]
) -> None:
    monkeypatch.setattr(lists, "PIECE", 10)
    monkeypatch.setattr(lists, "PIECE_MOST", 40)
    monkeypatch.setattr(turns, "SHARED_S", goal_s)
    rows = [NewContact(f"+86138{number:08}", "", number + 2) for number in range(100)]
    told = [0]
    await store.contacts.add("spring", [rows], lambda moved, _: told.append(moved))
    assert [after - before for before, after in pairwise(told)] == pieces


async def test_a_list_on_another_machine_is_given_time(store: Store, desk: Desk) -> None:
    async with store._database.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(imports)) == 0

    def begin(transaction: lists.Transaction) -> None:
        now = desk.clock.now()
        values = {"id": 7, "campaign": "spring", "state": lists.STAGING, "owner": "elsewhere:1"}
        transaction.connection.execute(imports.insert().values(**values, made_at=now, touched_at=now))

    await store.log.write(begin)
    assert await store.lists.finish() == 0
    desk.clock.advance(alive.DEAD_S + 1)
    assert await store.lists.finish() == 1
    assert await store.contacts.add("spring", [[NewContact("+8613800138000", "", 2)]]) == Added(1)
