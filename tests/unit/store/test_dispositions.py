"""What came of calls in the store: the last word of a talk stands, and is found and counted."""

from acd.facts import CallUndisposed
from desk.facts import CallDisposed
from reports.dispositions import CodeCount
from store.rows import CallFilter
from store.store import Store
from telephony.facts import CallStarted, TalkEnded, TalkStarted
from tests.unit.store.conftest import Desk


async def called(store: Store, *calls: str) -> None:
    for call in calls:
        await store.log.commit(call, CallStarted("inbound", "+8613800138000", "4008001234"))


async def test_the_last_word_of_a_talk_stands_and_all_are_kept(desk: Desk, store: Store) -> None:
    await called(store, "c-1")
    # In one batch: their order must hold.
    store.log.post("c-1", CallUndisposed("101", "sales"))
    store.log.post("c-1", CallDisposed("101", "sales", "wrong", "boss"))
    await store.log.commit("c-1", CallDisposed("101", "sales", "deal", "boss", note="下周来", customer="王先生"))
    detail = await store.calls.get("c-1")
    assert detail is not None
    assert [(row.code, row.by, row.stands) for row in detail.dispositions] == [
        ("", "", False), ("wrong", "boss", False), ("deal", "boss", True)
    ]  # fmt: skip
    assert (detail.dispositions[2].note, detail.dispositions[2].customer) == ("下周来", "王先生")
    assert detail.call.disposition == "deal"


async def test_two_agents_of_a_call_say_one_each(store: Store) -> None:
    await called(store, "c-1")
    await store.log.commit("c-1", CallDisposed("101", "sales", "passed", "wang"))
    await store.log.commit("c-1", CallDisposed("102", "service", "booked", "li"))
    detail = await store.calls.get("c-1")
    assert detail is not None
    assert [row.code for row in detail.dispositions if row.stands] == ["passed", "booked"]
    assert detail.call.disposition == "booked"


async def test_calls_are_found_by_it(store: Store) -> None:
    await called(store, "c-1", "c-2", "c-3", "c-4")
    await store.log.commit("c-1", CallDisposed("101", "sales", "deal", "wang"))
    await store.log.commit("c-2", CallUndisposed("101", "sales"))
    await store.log.commit("c-3", CallDisposed("101", "sales", "deal", "wang"))
    await store.log.commit("c-3", CallDisposed("101", "sales", "wrong", "boss"))

    async def found(disposition: str) -> list[str]:
        return [row.id for row in (await store.calls.list(CallFilter(disposition=disposition))).calls]

    assert (await found("deal"), await found("wrong"), await found("missing")) == (["c-1"], ["c-3"], ["c-2"])
    assert [row.disposition for row in (await store.calls.list()).calls] == [None, "wrong", "", "deal"]


async def test_those_of_the_period_are_counted(desk: Desk, store: Store) -> None:
    since = desk.clock.now()
    await called(store, "c-0", "c-1", "c-2", "c-3")
    await store.log.commit("c-0", CallDisposed("101", "sales", "deal", "wang"))
    await store.log.commit("c-1", CallDisposed("101", "sales", "wrong", "wang"))
    await store.log.commit("c-1", CallDisposed("101", "sales", "deal", "wang"))
    await store.log.commit("c-2", CallDisposed("102", "service", "wrong", "li"))
    await store.log.commit("c-3", CallUndisposed("102", "service"))
    until = desk.clock.now() + 1.0
    desk.clock.advance(60.0)
    await store.log.commit("c-0", CallDisposed("101", "sales", "other", "boss"))  # beyond the period
    report = await store.dispositions.report(since, until)
    assert report.total.codes == (CodeCount("deal", 1, 0.5), CodeCount("wrong", 1, 0.5))
    assert [(one.name, one.given, one.missing) for one in report.queues] == [("sales", 1, 0), ("service", 1, 1)]
    assert [(one.name, one.given, one.missing) for one in report.agents] == [("101", 1, 0), ("102", 1, 1)]


async def test_a_talk_is_known_for_a_while_after_its_end(desk: Desk, store: Store) -> None:
    await called(store, "c-1")
    await store.log.commit("c-1", TalkStarted("101", "sales"))
    since = desk.clock.now()
    assert await store.dispositions.talked_since("101", "c-1", since) is None, "it goes on"
    await store.log.commit("c-1", TalkEnded("101", 5.0, 0.0, "sales"))
    assert await store.dispositions.talked_since("101", "c-1", since) == "sales"
    assert await store.dispositions.talked_since("102", "c-1", since) is None
    assert await store.dispositions.talked_since("101", "c-1", since + 3600) is None
