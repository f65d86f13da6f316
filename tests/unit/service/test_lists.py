"""Lists handed over in the console: looked at and taken in by a process of its own, over a real database."""

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from campaigns import rows
from campaigns.list_file import Wanted
from console.list_views import ListView
from core.bus import Bus
from core.clock import VirtualClock
from core.errors import LocalProtocolError, ParseError, Unavailable
from core.ids import CountingEntropy, Ids
from service import lists
from service.lists import ListDesk
from store.store import Store

LIST = "姓名,手机,家里电话\n王,13800138000,021-58880000\n李,12,\n赵,13900139000,\n".encode("gb18030")


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


class Room:
    def __init__(self, folder: Path, store: Store) -> None:
        self.store = store
        self.folder = folder / "lists"
        self.clock = VirtualClock()
        self.campaigns = ["visits"]
        self.desk = ListDesk(
            self.folder, f"sqlite:///{folder}/line400.db", lambda: self.campaigns, self.clock, CountingEntropy()
        )

    async def receive(self, content: bytes = LIST) -> str:
        return (await self.desk.receive("visits", "名单.csv", "boss", pieces(content[:20], content[20:]))).id

    async def until_idle(self, list_id: str) -> ListView:
        async with asyncio.timeout(60):
            while True:
                view = self.desk.find(list_id)
                assert view is not None
                if view.state not in ("checking", "taking"):
                    return view
                await asyncio.sleep(0.02)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    clock = VirtualClock()
    async with await Store.open(
        f"sqlite:///{tmp_path}/line400.db", clock, Ids(clock, CountingEntropy()), Bus(), recordings=tmp_path
    ) as store:
        opened = Room(tmp_path, store)
        try:
            yield opened
        finally:
            await opened.desk.close()


async def test_a_list_is_looked_at_and_taken_in(room: Room) -> None:
    name = await room.receive()
    assert stat.S_IMODE((room.folder / f"{name}.list").stat().st_mode) == 0o600
    with pytest.raises(LocalProtocolError, match="checking now"):
        room.desk.take(name, "boss")
    view = await room.until_idle(name)
    assert view.state == "checked" and view.look is not None, view
    assert (view.look.encoding, view.look.numbers, view.look.name) == ("gb18030", ["手机", "家里电话"], "姓名")
    assert (view.look.rows, view.look.accepted, view.look.flaws) == (3, 2, {"not_a_number": 1})
    assert view.look.samples[0] == ["王", "13800138000", "021-58880000"]

    room.desk.check(name, Wanted(numbers=("家里电话", "手机"), encoding="gb18030"))
    view = await room.until_idle(name)
    assert view.state == "checked" and view.look is not None and view.look.kinds == {"fixed": 1, "mobile": 1}
    assert (await room.store.contacts.counts("visits")).pending == 0, "only looked at"

    room.campaigns = []
    with pytest.raises(LocalProtocolError, match=r"没有任务“visits” / there is no campaign 'visits' any more"):
        room.desk.take(name, "chief")
    room.campaigns = ["visits"]
    room.desk.take(name, "chief")
    assert room.desk.is_taking("visits") and not room.desk.is_taking("spring")
    view = await room.until_idle(name)
    assert not room.desk.is_taking("visits")
    assert view.state == "taken" and view.taken is not None, view
    assert (view.taken.accepted, view.taken.rejected, view.taken.file) == (2, 1, True)
    assert (await room.store.contacts.counts("visits")).pending == 2
    [fact] = [event for event in await room.store.events.after(0) if event.name == "campaign.imported"]
    assert fact.fields == {"campaign": "visits", "accepted": 2, "rejected": 1, "by": "chief"}
    rejects = room.desk.rejects(name)
    assert rejects is not None and "李,12" in rejects.read_text("utf-8-sig")
    assert await room.desk.forget(name) and not await room.desk.forget(name)
    assert list(room.folder.iterdir()) == []


async def test_what_cannot_be_read_is_told_and_a_process_that_dies_is_seen(room: Room) -> None:
    name = await room.receive("姓名,车型\n王,凯美瑞\n".encode())
    view = await room.until_idle(name)
    assert view.state == "failed" and "no column of phone numbers" in view.fault
    with pytest.raises(LocalProtocolError, match="look at it first"):
        room.desk.take(name, "boss")
    strange = await room.until_idle(await room.receive(b"\xff\x00\x81garbage\xff"))
    assert strange.fault.startswith(f"{strange.name}: 编码不是 UTF-8 或 GB18030"), strange.fault
    room.desk.check(name, Wanted(numbers=("车型",)))
    async with asyncio.timeout(60):
        while True:
            if (process := room.desk._jobs[name].process) is not None:
                process.kill()
                break
            await asyncio.sleep(0.01)
    view = await room.until_idle(name)
    assert view.state == "failed" and "died" in view.fault


async def test_there_are_bounds(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MAX_BYTES", 50)
    with pytest.raises(ParseError, match="larger than"):
        await room.receive()

    async def breaks() -> AsyncIterator[bytes]:
        yield b"x"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await room.desk.receive("visits", "x", "boss", breaks())
    assert list(room.folder.iterdir()) == [] and room.desk.lists() == []
    monkeypatch.setattr(lists, "MAX_BYTES", rows.MAX_BYTES)
    monkeypatch.setattr(lists, "MOST_AT_WORK", 1)
    name = await room.receive()
    with pytest.raises(Unavailable, match="wait until one of them is done"):
        await room.receive()
    await room.until_idle(name)
    room.clock.advance(lists.KEPT_S + 1)
    other = await room.receive()
    assert [view.id for view in room.desk.lists()] == [other], "the first had its day"
    assert [file.stem for file in room.folder.glob("*.list")] == [other]


async def test_what_the_dead_have_left_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Left:
        def __init__(self) -> None:
            self.asked = 0
            self.twice = asyncio.Event()

        async def finish(self) -> int:
            self.asked += 1
            if self.asked == 2:
                self.twice.set()
            return self.asked % 2

    monkeypatch.setattr(lists, "LOOK_EVERY_S", 0.01)
    left = Left()
    task = asyncio.create_task(lists.finish_lists(left))
    await asyncio.wait_for(left.twice.wait(), 10)
    task.cancel()
