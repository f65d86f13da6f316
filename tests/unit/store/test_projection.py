"""What facts make of calls, as the console reads it."""

from dataclasses import replace

from sqlalchemy import insert

from acd.facts import AgentStateChanged, OfferEnded, OfferMade, QueueEntered, QueueLeft, WaitTold
from core.events import Event
from ivr.facts import InputFailed, MenuChosen, QuestionAnswered, VoicemailLeft
from store.changes import Change
from store.projection import changes, grouped
from store.rows import (
    AgentNow,
    CallFilter,
    ChoiceRow,
    DirectionRow,
    LegQualityRow,
    LegRow,
    OfferRow,
    QueueEntryRow,
    RecordingRow,
    TalkRow,
)
from store.schema import calls
from store.store import Store
from telephony.facts import (
    CallAnswered,
    CallEnded,
    CallStarted,
    LegAnswered,
    LegMeasured,
    LegOver,
    LegStarted,
    RecordingFinished,
    RecordingStarted,
    TalkEnded,
    TalkHeld,
    TalkResumed,
    TalkStarted,
)
from tests.unit.store.conftest import Desk

T0 = 1_700_000_000.0


async def whole_call(desk: Desk, store: Store, call_id: str = "c-1", queue: str = "sales", agent: str = "amy") -> None:
    """A caller presses 1, waits 12 s, talks 60 s of which 10 on hold, and hangs up."""
    entry, caller, phone, recording = (f"{kind}{call_id}" for kind in ("q", "l", "m", "r"))
    steps = [
        (0, CallStarted("inbound", "+8613800138000", "4008001234", "carrier")),
        (0, LegStarted(caller, "caller")),
        (1, CallAnswered()),
        (0, LegAnswered(caller)),
        (0, RecordingStarted(recording, f"2026/{recording}.wav", "caller", "agent")),
        (2, InputFailed("main", "no_input")),
        (3, MenuChosen("main", queue, "key")),
        (0, QuestionAnswered("plate", "7", "speech", "七")),
        (0, QueueEntered(entry, queue)),
        (1, WaitTold(entry, queue, 2, 30.0, 10.0, 60.0)),
        (1, WaitTold(entry, queue, 1, 20.0, 5.0, 40.0)),
        (3, OfferMade(f"o{call_id}", entry, queue, agent)),
        (0, LegStarted(phone, "agent", agent)),
        (7, LegAnswered(phone)),
        (0, OfferEnded(f"o{call_id}", entry, queue, agent, "accepted", 7.0)),
        (0, QueueLeft(entry, queue, "answered", 12.0, agent)),
        (0, TalkStarted(agent, queue)),
        (20, TalkHeld(agent)),
        (10, TalkResumed(agent)),
        (30, TalkEnded(agent, 50.0, 10.0, queue)),
        (0, LegOver(caller, "normal")),
        (0, LegOver(phone, "normal")),
        (0, RecordingFinished(recording, 77.0)),
        (0, LegMeasured(caller, "caller", "", "PCMA", 3850, 0, 0.0, 0.5, 4.37, 3840, 38, 0.01, 2.0, 4.29, 12.5)),
        (0, LegMeasured(phone, "agent", agent, "PCMU", 0, 0, 0.0, 0.0, None)),
        (0, CallEnded("normal", "caller")),
    ]
    for seconds, fact in steps:
        desk.clock.advance(seconds)
        store.log.post(call_id, fact)
    await store.log.flush()


async def test_who_answered_a_call_is_known_before_he_talks(store: Store) -> None:
    store.log.post("c-9", CallStarted("inbound", "13800138000", "4008001234"))
    store.log.post("c-9", QueueEntered("e-9", "sales"))
    store.log.post("c-9", QueueLeft("e-9", "sales", "answered", 3.0, "amy"))
    store.log.post("c-9", CallEnded("normal", "caller"))
    await store.log.flush()
    detail = await store.calls.get("c-9")
    assert detail is not None
    assert (detail.call.outcome, detail.call.agent, detail.call.talk_s) == ("answered", "amy", 0.0)


async def test_one_call_with_all_its_parts(desk: Desk, store: Store) -> None:
    await whole_call(desk, store)
    detail = await store.calls.get("c-1")
    assert detail is not None
    call = detail.call
    assert (call.direction, call.ani, call.dnis, call.trunk) == ("inbound", "+8613800138000", "4008001234", "carrier")
    assert (call.started_at, call.answered_at, call.ended_at) == (T0, T0 + 1, T0 + 78)
    assert (call.queue, call.outcome, call.wait_s) == ("sales", "answered", 12.0)
    assert (call.agent, call.talk_s, call.recordings, call.transcription) == ("amy", 50.0, ("rc-1",), "waiting")
    assert detail.legs == (
        LegRow("lc-1", "caller", "", T0, T0 + 1, T0 + 78, "normal", 0),
        LegRow("mc-1", "agent", "amy", T0 + 11, T0 + 18, T0 + 78, "normal", 0),
    )
    assert detail.qualities == (
        LegQualityRow(
            "lc-1",
            "caller",
            "",
            "PCMA",
            DirectionRow(3850, 0, 0.0, 0.5, 4.37),
            DirectionRow(3840, 38, 0.01, 2.0, 4.29),
            12.5,
        ),
        LegQualityRow("mc-1", "agent", "amy", "PCMU", DirectionRow(0, 0, 0.0, 0.0, None), None, None),
    )
    assert call.mos == 4.29
    entry = QueueEntryRow("qc-1", "sales", T0 + 6, T0 + 18, "answered", "amy", 12.0, 2, 30.0, 10.0, 60.0)
    assert detail.entries == (entry,)
    assert detail.offers == (OfferRow("oc-1", "qc-1", "sales", "amy", T0 + 11, T0 + 18, "accepted", 7.0),)
    assert detail.talks == (TalkRow("amy", "sales", T0 + 18, T0 + 78, 50.0, 10.0),)
    recording = RecordingRow("rc-1", "c-1", "2026/rc-1.wav", "caller", "agent", T0 + 1, 77.0, False, "waiting", "", "")
    recording = replace(recording, keeping="waiting")
    assert detail.recordings == (recording,)
    assert await store.calls.recording("rc-1") == recording
    assert detail.choices == (
        ChoiceRow(T0 + 3, "main", "failed", "", "no_input"),
        ChoiceRow(T0 + 6, "main", "chosen", "sales", "key"),
        ChoiceRow(T0 + 6, "plate", "answered", "7", "speech"),
    )
    assert len(detail.timeline) == 26
    assert detail.timeline == await store.events.of_call("c-1")


async def test_what_is_unknown_is_none(store: Store) -> None:
    assert await store.calls.get("c-9") is None
    assert await store.calls.recording("r-9") is None
    assert await store.transcripts.get("r-9") is None
    assert (await store.calls.list()).calls == ()


async def test_the_first_word_stands(desk: Desk, store: Store) -> None:
    """A call ends once, an entry leaves once: a second fact is kept in the log and changes nothing."""
    await whole_call(desk, store)
    before = await store.calls.get("c-1")
    desk.clock.advance(5)
    store.log.post("c-1", QueueLeft("qc-1", "sales", "abandoned", 99.0))
    store.log.post("c-1", OfferEnded("oc-1", "qc-1", "sales", "amy", "refused", 9.0))
    store.log.post("c-1", CallEnded("error", "system"))
    await store.log.flush()
    after = await store.calls.get("c-1")
    assert before is not None
    assert after is not None
    assert (after.call, after.entries, after.offers) == (before.call, before.entries, before.offers)
    assert len(after.timeline) == len(before.timeline) + 3


async def test_a_voice_mail_names_its_box(desk: Desk, store: Store) -> None:
    store.log.post("c-1", CallStarted("inbound", "", ""))
    store.log.post("c-1", RecordingStarted("r-1", "r-1.wav", "caller", "system"))
    store.log.post("c-1", RecordingFinished("r-1", 8.0))
    store.log.post("c-1", VoicemailLeft("r-1", "sales", 8.0))
    await store.log.flush()
    recording = await store.calls.recording("r-1")
    assert recording is not None
    assert recording.box == "sales"


async def test_the_list_is_paged_newest_first(desk: Desk, store: Store) -> None:
    for number in range(5):
        desk.clock.advance(1)
        store.log.post(f"c-{number}", CallStarted("inbound", "", ""))
    await store.log.flush()
    first = await store.calls.list(limit=2)
    second = await store.calls.list(limit=2, offset=2)
    third = await store.calls.list(limit=2, offset=4)
    assert [call.id for page in (first, second, third) for call in page.calls] == ["c-4", "c-3", "c-2", "c-1", "c-0"]
    assert {page.total for page in (first, second, third)} == {5}


async def test_filters(desk: Desk, store: Store) -> None:
    await whole_call(desk, store, "c-1", "sales", "amy")
    await whole_call(desk, store, "c-2", "service", "bob")
    store.log.post("c-3", CallStarted("outbound", "4008001234", "+8613900139000"))
    store.log.post("c-3", QueueEntered("q-3", "100%_true"))
    await store.log.flush()

    async def found(which: CallFilter) -> list[str]:
        page = await store.calls.list(which)
        assert page.total == len(page.calls)
        return [call.id for call in page.calls]

    assert await found(CallFilter()) == ["c-3", "c-2", "c-1"]
    assert await found(CallFilter(since=T0 + 1)) == ["c-3", "c-2"]
    assert await found(CallFilter(until=T0 + 78)) == ["c-1"]
    assert await found(CallFilter(queue="service")) == ["c-2"]
    assert await found(CallFilter(agent="amy")) == ["c-1"]
    assert await found(CallFilter(direction="outbound")) == ["c-3"]
    assert await found(CallFilter(number="13900")) == ["c-3"]
    assert await found(CallFilter(number="%")) == []
    assert await found(CallFilter(queue="sales", agent="bob")) == []
    assert await found(CallFilter(outcome="waiting")) == ["c-3"]
    assert await found(CallFilter(outcome="answered")) == ["c-2", "c-1"]
    assert await found(CallFilter(up=True)) == ["c-3"]
    assert await found(CallFilter(up=False)) == ["c-2", "c-1"]


async def test_agents_now(desk: Desk, store: Store) -> None:
    store.log.post("", AgentStateChanged("bob", "available"))
    store.log.post("", AgentStateChanged("amy", "available"))
    desk.clock.advance(3)
    store.log.post("", AgentStateChanged("amy", "paused", "lunch", T0 + 1800))
    await store.log.flush()
    assert await store.agents.now() == (
        AgentNow("amy", "paused", "lunch", T0 + 3, T0 + 1800),
        AgentNow("bob", "available", "", T0),
    )


def test_grouping_keeps_the_order_of_each_row_and_saves_statements() -> None:
    """Twenty calls with two talks each, told in turns, become few statements that apply to each row as before."""
    told = [
        Event(f"e-{number}", float(number), f"c-{number % 20}", fact)
        for number, fact in enumerate(
            fact
            for fact in (
                CallStarted("inbound", "", ""),
                TalkStarted("amy"),
                TalkHeld("amy"),
                TalkResumed("amy"),
                TalkHeld("amy"),
                TalkEnded("amy", 1.0, 1.0),
                TalkStarted("amy"),
                TalkEnded("amy", 2.0, 0.0),
                CallEnded("normal", "caller"),
            )
            for _ in range(20)
        )
    ]
    todo = [change for event in told for change in changes(event)]
    groups = grouped(todo)
    assert len(todo) == 180
    assert len(groups) == 9
    flat = [(id(statement), values) for statement, group in groups for values in group]
    for row in {change.row for change in todo}:
        mine = [(id(change.statement), change.values) for change in todo if change.row == row]
        assert [item for item in flat if item in mine] == mine


def test_only_values_of_equal_names_run_together() -> None:
    """The database takes the names of the first for all."""
    statement = insert(calls)
    alike = [Change(statement, {"id": "a", "reason": ""}), Change(statement, {"id": "b", "reason": ""})]
    other = Change(statement, {"id": "c"})
    assert [values for _, values in grouped([alike[0], other, alike[1]])] == [
        [change.values for change in alike],
        [other.values],
    ]
