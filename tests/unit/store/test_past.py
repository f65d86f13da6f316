"""What the log knows of a caller's past, as it is read when he arrives."""

import pytest
from sqlalchemy import text

from acd.facts import QueueEntered, QueueLeft
from campaigns.ports import NewContact
from desk.facts import TaskOpened
from service.callers import CallerRules, Callers
from store.rows import CallerPast
from store.store import Store
from telephony.facts import CallEnded, CallStarted, TalkEnded, TalkStarted
from tests.unit.store.conftest import Desk

WANG = "+8613800138000"
LI = "+8613900139000"


async def call(
    store: Store,
    desk: Desk,
    number: str,
    queue: str,
    *,
    talks_with: str = "",
    waits_s: float = 30.0,
    last_s: float = 60.0,
) -> str:
    """A call that is over: answered by ``talks_with``, else given up."""
    name = desk.ids.new("call")
    log = store.log
    await log.commit(name, CallStarted("inbound", number, "4008001234"))
    await log.commit(name, QueueEntered(f"e-{name}", queue))
    desk.clock.advance(waits_s)
    if talks_with:
        await log.commit(name, QueueLeft(f"e-{name}", queue, "answered", waits_s, talks_with))
        await log.commit(name, TalkStarted(talks_with, queue))
        desk.clock.advance(last_s)
        await log.commit(name, TalkEnded(talks_with, last_s, 0.0))
    else:
        await log.commit(name, QueueLeft(f"e-{name}", queue, "abandoned", waits_s))
    await log.commit(name, CallEnded("normal", "caller"))
    return name


async def past(store: Store, desk: Desk, number: str = WANG, *, but: str = "", days: float = 7.0) -> CallerPast:
    now = desk.clock.now()
    return await store.past.of(number, but, talks_since=now - 86400 * days, calls_since=now - 600)


async def test_nobody_knows_a_new_caller(desk: Desk, store: Store) -> None:
    await call(store, desk, LI, "sales", talks_with="101")
    assert await past(store, desk) == CallerPast()


async def test_with_whom_he_talked_last_in_each_queue(desk: Desk, store: Store) -> None:
    await call(store, desk, WANG, "sales", talks_with="101")
    await call(store, desk, WANG, "sales", talks_with="102")
    await call(store, desk, WANG, "service", talks_with="103")
    await call(store, desk, LI, "sales", talks_with="104")
    agents = (await past(store, desk)).agents
    assert {queue: agent for queue, (agent, _) in agents.items()} == {"sales": "102", "service": "103"}
    desk.clock.advance(8 * 86400)
    assert (await past(store, desk)).agents == {}, "too long ago"


async def test_since_when_he_has_waited_in_vain(desk: Desk, store: Store) -> None:
    began = desk.clock.now()
    await call(store, desk, WANG, "sales", waits_s=100.0)
    desk.clock.advance(50)
    await call(store, desk, WANG, "sales", waits_s=30.0)
    found = await past(store, desk)
    assert found.given_up == {"sales": began}, "the first of his tries counts"
    assert found.ended_at == desk.clock.now()
    desk.clock.advance(601)
    assert await past(store, desk) == CallerPast()


async def test_a_wait_that_was_answered_since_is_no_wait_to_go_on_with(desk: Desk, store: Store) -> None:
    await call(store, desk, WANG, "sales")
    await call(store, desk, WANG, "sales", talks_with="101")
    found = await past(store, desk)
    assert found.given_up == {}
    assert found.ended_at is not None


async def test_the_call_that_he_makes_now_is_not_his_past(desk: Desk, store: Store) -> None:
    name = await call(store, desk, WANG, "sales", talks_with="101")
    assert await past(store, desk, but=name) == CallerPast()


async def test_the_read_goes_by_the_number(desk: Desk, store: Store) -> None:
    """With millions of calls in the table it must not look at all of them."""
    async with store.past._database.reading() as connection:
        plan = await connection.execute(
            text("EXPLAIN QUERY PLAN SELECT id FROM calls WHERE ani = 'x' AND started_at >= 5 AND id != 'y'")
        )
        assert "ix_calls_ani_started_at" in str(plan.all())


async def test_who_looks_after_his_open_tasks_under_any_of_his_numbers(
    desk: Desk, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.contacts.add("spring", [[NewContact(WANG, "王", 2, {}, (LI,))]])
    first = await call(store, desk, WANG, "sales", talks_with="101")
    ours = desk.ids.new("call")
    await store.log.commit(ours, CallStarted("outbound", "4008001234", WANG))
    for name, on in (("t-1", first), ("t-2", ours), ("t-3", ours)):
        desk.clock.advance(1)
        await store.log.commit(on, TaskOpened(name, "low_rating", "sales", "101"))
    await store.desk.give_task("t-1", "102", "boss")
    await store.desk.give_task("t-2", "103", "boss")
    now = desk.clock.now()

    async def owners(number: str) -> tuple[str, ...]:
        return (await store.past.of(number, "", talks_since=now, calls_since=now, owners=True)).owners

    assert await owners(WANG) == ("103", "102"), "of the newest first"
    assert await owners(LI) == ("103", "102"), "his other number"
    assert await owners("+8613700137000") == ()
    monkeypatch.setattr("service.callers.PATIENCE_S", 30.0)
    rules = CallerRules(sticky_s={"sales": 86400.0}, owners={"sales": frozenset({"101", "102"})})
    terms = await Callers(desk.clock, store.past, rules).arrives(WANG, "c-now").terms("sales")
    assert (terms.agent, terms.then) == ("102", "101"), "103 takes no calls of this queue; 101 has talked with him"
    assert (await past(store, desk)).owners == (), "nobody has asked"
    await store.desk.close_task("t-2", "boss", "done")
    assert await owners(WANG) == ("102",)
    await store.desk.give_task("t-1", "", "boss")
    assert await owners(WANG) == ()
