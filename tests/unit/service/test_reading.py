"""Long questions are answered by processes of their own, over a real database."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from console.papers import behind, calls_list
from console.ports import CallFilter, Queries
from console.report_ports import FigureCell, ReportAsked
from core.bus import Bus
from core.clock import VirtualClock
from core.errors import ParseError, Unavailable
from core.ids import CountingEntropy, Ids
from service.reader import Library
from service.reading import ReadingRoom
from store.store import Store
from telephony.facts import CallStarted

LIST = partial(calls_list, which=CallFilter(), limit=10, offset=0, whole=True)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[ReadingRoom]:
    url, clock = f"sqlite:///{tmp_path}/line400.db", VirtualClock()
    async with await Store.open(url, clock, Ids(clock, CountingEntropy()), Bus(), recordings=tmp_path) as store:
        await store.log.commit("c-1", CallStarted("inbound", "+8613812345678", "4008005555", "carrier"))
        opened = ReadingRoom(Library(url, "Asia/Shanghai"), readers=1, most_waiting=3)
        try:
            yield opened
        finally:
            await opened.close()


async def whose(queries: Queries) -> int:
    return os.getpid()


async def test_questions_are_answered_elsewhere(room: ReadingRoom) -> None:
    reader = room.open()
    assert await room.ask(whose) == reader != os.getpid()
    assert os.getpriority(os.PRIO_PROCESS, reader) > os.getpriority(os.PRIO_PROCESS, 0)
    assert b'"id":"c-1"' in await room.ask(LIST)
    with pytest.raises(ParseError, match="no such figure"):
        await room.ask(partial(behind, cell=FigureCell("nonsense", ReportAsked(0.0, 1.0)), most=1))


async def answered_together(queries: Queries, folder: Path, name: str) -> int:
    """Who answers, once the other question of this kind is being answered too, by whoever that is."""
    (folder / name).touch()
    async with asyncio.timeout(20):
        while len(os.listdir(folder)) < 2:  # noqa: ASYNC110, PTH208 - written by another process
            await asyncio.sleep(0.01)
    return os.getpid()


async def test_no_second_reader_starts_before_the_first_has_answered(room: ReadingRoom, tmp_path: Path) -> None:
    two = ReadingRoom(room.library, readers=2)
    reader = two.open()
    try:
        assert await asyncio.gather(two.ask(whose), two.ask(whose)) == [reader, reader]
        folder = tmp_path / "asked"
        folder.mkdir()
        asked = [partial(answered_together, folder=folder, name=name) for name in ("one", "two")]
        assert len(set(await asyncio.gather(*map(two.ask, asked)))) == 2
    finally:
        await two.close()


async def zone(queries: Queries) -> str:
    return (await queries.reports.queues(ReportAsked(0.0, 1.0))).zone


async def test_what_is_read_may_change(room: ReadingRoom) -> None:
    assert await room.ask(zone) == "Asia/Shanghai"
    room.library = replace(room.library, zone="Asia/Urumqi")
    assert await room.ask(zone) == "Asia/Urumqi"


async def test_a_reader_that_dies_is_replaced_and_asked_again(room: ReadingRoom) -> None:
    reader = room.open()
    os.kill(reader, signal.SIGKILL)
    answers = await asyncio.gather(room.ask(whose), room.ask(whose))
    assert len(set(answers)) == 1 and answers[0] != reader


async def hasty(queries: Queries) -> Sequence[str]:
    os._exit(1)


async def test_a_question_that_kills_its_reader_is_given_up(room: ReadingRoom) -> None:
    with pytest.raises(Unavailable, match="died twice"):
        await room.ask(hasty)
    assert b"c-1" in await room.ask(LIST)


async def test_too_many_questions_are_told_so(room: ReadingRoom) -> None:
    asked = [asyncio.create_task(room.ask(LIST)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="too many"):
        await room.ask(LIST)
    assert all(b"c-1" in answer for answer in await asyncio.gather(*asked))
