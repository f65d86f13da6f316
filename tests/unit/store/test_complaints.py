"""Complaints of other systems' users about reports; all of them are in docs/parity.md."""

from acd.facts import QueueEntered, QueueLeft
from core.events import Fact
from reports.model import Bucket, ReportQuery
from store.store import Store
from telephony.facts import (
    CallEnded,
    CallStarted,
    TalkEnded,
    TalkHeld,
    TalkResumed,
    TalkStarted,
    TransferCompleted,
    TransferStarted,
)
from tests.unit.store.conftest import Desk

T0 = 1_700_000_000.0
WANG = "+8613800138000"


async def _happens(desk: Desk, store: Store, steps: list[tuple[float, str, Fact]]) -> None:
    """Each of ``steps`` so many seconds after the one before."""
    for seconds, call_id, fact in steps:
        desk.clock.advance(seconds)
        store.log.post(call_id, fact)
    await store.log.flush()


def _answered(call: str, agent: str) -> list[tuple[float, str, Fact]]:
    return [
        (0, call, CallStarted("inbound", WANG, "4008001234")),
        (0, call, QueueEntered(f"q-{call}", "sales")),
        (10, call, QueueLeft(f"q-{call}", "sales", "answered", 10.0, agent)),
    ]


async def test_a_transferred_talk_counts_each_second_once(desk: Desk, store: Store) -> None:
    """FreePBX#124: the talk time of a transferred call was that of all its parts, for each of them."""
    await _happens(desk, store, [
        *_answered("c-1", "amy"),
        (0, "c-1", TalkStarted("amy", "sales")),
        (50, "c-1", TalkHeld("amy")),
        (10, "c-1", TransferStarted("attended", "amy", "bob")),
        (0, "c-1", TalkResumed("amy")),
        (0, "c-1", TalkEnded("amy", 50.0, 10.0, "sales")),
        (0, "c-1", TalkStarted("bob")),
        (0, "c-1", TransferCompleted("attended", "amy", "bob", "bob")),
        (30, "c-1", TalkEnded("bob", 30.0, 0.0)),
        (0, "c-1", CallEnded("normal", "caller")),
    ])  # fmt: skip
    amy, bob = (await store.reports.agents(T0, T0 + 3600)).agents
    assert [(it.agent, it.calls, it.talk_s, it.hold_s) for it in (amy, bob)] == [
        ("amy", 1, 50.0, 10.0), ("bob", 1, 30.0, 0.0),
    ]  # fmt: skip
    detail = await store.calls.get("c-1")
    assert detail is not None
    assert [(talk.agent, talk.talk_s, talk.hold_s) for talk in detail.talks] == [
        ("amy", 50.0, 10.0), ("bob", 30.0, 0.0),
    ]  # fmt: skip
    assert detail.call.talk_s == 80.0, "the call lasted 100 s, 10 of them in the queue and 10 on hold"
    counts = (await store.reports.queues(ReportQuery(T0, T0 + 3600, Bucket.TOTAL))).total.counts
    assert (counts.offered, counts.answered) == (1, 1)


async def test_who_was_answered_is_never_among_the_abandoned(desk: Desk) -> None:
    """Issabel#41: answered calls were shown as abandoned: those that were hung up at once, passed on, or cut."""
    store = await desk.open()
    await _happens(desk, store, [
        *_answered("c-1", "amy"),  # hung up at the moment of the answer: they never talked
        (0, "c-1", CallEnded("normal", "caller")),
        *_answered("c-2", "amy"),  # hung up after a word
        (0, "c-2", TalkStarted("amy", "sales")),
        (0.1, "c-2", TalkEnded("amy", 0.1, 0.0, "sales")),
        (0, "c-2", CallEnded("normal", "agent")),
        *_answered("c-3", "amy"),  # passed on to another queue, where he gives up: answered here, abandoned there
        (0, "c-3", TalkStarted("amy", "sales")),
        (20, "c-3", TalkEnded("amy", 20.0, 0.0, "sales")),
        (0, "c-3", QueueEntered("q-there", "parts")),
        (40, "c-3", QueueLeft("q-there", "parts", "abandoned", 40.0)),
        (0, "c-3", CallEnded("normal", "caller")),
        *_answered("c-4", "bob"),  # and while these talk, control dies
        (0, "c-4", TalkStarted("bob", "sales")),
    ])  # fmt: skip
    await store.close()
    async with await desk.open() as again:
        await again.recover()
        report = await again.reports.queues(ReportQuery(T0, T0 + 3600, Bucket.TOTAL))
        counts = {cell.queue: cell.counts for cell in report.queues}
        counted = {queue: (it.offered, it.answered, it.abandoned) for queue, it in counts.items()}
        assert counted == {"sales": (4, 4, 0), "parts": (1, 0, 1)}
        gone = await again.abandoned.of(T0, T0 + 3600)
        assert [(it.abandoned.call_id, it.abandoned.queue) for it in gone] == [("c-3", "parts")]
        rows = {call: detail.call for call in ("c-1", "c-2", "c-4") if (detail := await again.calls.get(call))}
        assert {call: row.outcome for call, row in rows.items()} == dict.fromkeys(("c-1", "c-2", "c-4"), "answered")
