"""Ratings and tasks in the store: the first word stands, and what is closed is closed."""

import asyncio

import pytest

from core.errors import LocalProtocolError
from core.events import Event
from desk.facts import RatingAsked, RatingGiven, TaskClosed, TaskOpened, TaskTaken
from desk.tasks import Whose
from store.projection import changes
from store.store import Store
from telephony.facts import CallStarted
from tests.unit.store.conftest import Desk

WANG = "+8613800138000"


async def low_score(store: Store, desk: Desk, call: str, score: int = 1) -> str:
    """A call whose caller was not satisfied; the task."""
    task = desk.ids.new("task")
    await store.log.commit(call, CallStarted("inbound", WANG, "4008001234"))
    await store.log.commit(call, RatingAsked("sales", "101"))
    await store.log.commit(call, RatingGiven("sales", "101", score, 5))
    await store.log.commit(call, TaskOpened(task, "low_rating", "sales", "101", f"{score}/5"))
    return task


async def test_a_task_is_opened_and_closed_once(desk: Desk, store: Store) -> None:
    first = await low_score(store, desk, "c-1")
    desk.clock.advance(60)
    second = await low_score(store, desk, "c-2")
    opened = await store.desk.tasks(closed=False, limit=10)
    assert [(task.id, task.call_id, task.number, task.detail) for task in opened] == [
        (first, "c-1", WANG, "1/5"),
        (second, "c-2", WANG, "1/5"),
    ]
    assert await store.desk.open_tasks() == 2
    done = await store.desk.close_task(first, "boss", "已道歉")
    assert done is not None and (done.closed_by, done.note, done.closed_at) == ("boss", "已道歉", desk.clock.now())
    assert await store.desk.open_tasks() == 1
    assert await store.desk.tasks(closed=True, limit=10) == (done,)
    with pytest.raises(LocalProtocolError, match="closed by boss already"):
        await store.desk.close_task(first, "other", "again")
    assert await store.desk.tasks(closed=True, limit=10) == (done,)
    assert await store.desk.close_task("t-none", "boss", "x") is None


async def test_a_task_is_taken_given_and_given_back(desk: Desk, store: Store) -> None:
    task = await low_score(store, desk, "c-1")
    taken = await store.desk.give_task(task, "102", "li", ("", "102"))
    assert taken is not None and taken.owner == "102"
    with pytest.raises(LocalProtocolError, match="102 has task"):
        await store.desk.give_task(task, "103", "chen", ("", "103"))
    given = await store.desk.give_task(task, "103", "boss")
    assert given is not None and given.owner == "103"
    assert await store.desk.give_task(task, "103", "boss") == given
    back = await store.desk.give_task(task, "", "chen", ("", "103"))
    assert back is not None and back.owner == ""
    said = [event.fact for event in desk.heard if isinstance(event.fact, TaskTaken)]
    assert [(one.owner, one.by) for one in said] == [("102", "li"), ("103", "boss"), ("", "chen")]
    await store.desk.close_task(task, "boss", "done")
    with pytest.raises(LocalProtocolError, match="closed by boss already"):
        await store.desk.give_task(task, "102", "li")
    assert await store.desk.give_task("t-none", "102", "li") is None


async def test_of_two_who_take_a_task_at_once_one_has_it(desk: Desk, store: Store) -> None:
    task = await low_score(store, desk, "c-1")
    both = [store.desk.give_task(task, name, name, ("", name)) for name in ("102", "103")]
    done = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(isinstance(one, LocalProtocolError) for one in done) == [False, True]


async def test_tasks_of_one_and_those_that_he_may_take(desk: Desk, store: Store) -> None:
    mine, others, free = [await low_score(store, desk, f"c-{number}") for number in range(3)]
    await store.desk.give_task(mine, "102", "li")
    await store.desk.give_task(others, "103", "boss")
    wanted: list[tuple[Whose, set[str]]] = [
        (Whose(), {mine, others, free}),
        (Whose("102"), {mine}),
        (Whose("102", free=True), {mine, free}),
        (Whose("101", free=True), set()),  # they are about his own talks
    ]
    for whose, expected in wanted:
        found = await store.desk.tasks(closed=False, limit=10, whose=whose)
        assert {task.id for task in found} == expected and all(whose.holds(task) for task in found)
        assert await store.desk.open_tasks(whose) == len(expected)


async def test_a_note_holds_nothing_that_a_database_does_not_take(desk: Desk) -> None:
    """As every other text: PostgreSQL refuses NUL, and both halves of surrogate pairs."""
    closed = Event("e-1", 1.0, "c-1", TaskClosed("t-1", "boss", "已\0道歉\ud800"))
    [change] = changes(closed)
    assert change.values["new_note"] == "已道歉?"


async def test_lists_are_cut_into_pages(desk: Desk, store: Store) -> None:
    ids = []
    for number in range(5):
        desk.clock.advance(1)
        ids.append(await low_score(store, desk, f"c-{number}"))
    assert [task.id for task in await store.desk.tasks(closed=False, limit=2, offset=2)] == ids[2:4]


async def test_ratings_of_a_period(desk: Desk, store: Store) -> None:
    begin = desk.clock.now()
    await low_score(store, desk, "c-1", 2)
    await low_score(store, desk, "c-2", 5)
    await store.log.commit("c-3", RatingAsked("sales", "102"))
    desk.clock.advance(3600)
    await low_score(store, desk, "c-4", 3)
    report = await store.desk.ratings(begin, begin + 3600)
    assert (report.total.asked, report.total.rated, report.total.mean, report.total.csat) == (3, 2, 3.5, 0.5)
    assert [(item.name, item.asked) for item in report.agents] == [("101", 2), ("102", 1)]
    assert (await store.desk.ratings(begin, begin + 3601)).total.rated == 3
    assert (await store.desk.ratings(begin - 10, begin)).total.asked == 0
