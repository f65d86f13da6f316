"""A start after a death: everything that was going on ends once, at the moment of the death, in order."""

from acd.facts import AgentStateChanged, OfferEnded, OfferMade, QueueEntered, QueueLeft
from campaigns.facts import AttemptEnded, AttemptStarted
from campaigns.ports import Contact, Counts, NewContact
from campaigns.preview_facts import PreviewDialled, PreviewShown
from reports.model import Bucket, ReportQuery
from store.heartbeat import KEY
from store.rows import UnfinishedRecording
from store.store import Store
from telephony.facts import (
    CallEnded,
    CallStarted,
    LegOver,
    LegStarted,
    RecordingStarted,
    TalkEnded,
    TalkHeld,
    TalkStarted,
)
from tests.unit.store.conftest import Desk

T0 = 1_700_000_000.0


async def die_in_the_middle(desk: Desk) -> None:
    """One caller waits while amy is rung; bob talks to another, on hold for the last 4 s; a contact is being
    dialled.
    """
    opened = await desk.open()
    await opened.contacts.add(
        "spring", [[NewContact("+8613800138000", "Li", 2), NewContact("+8613800138001", "Wu", 3)]]
    )
    log = opened.log
    log.post("c-1", CallStarted("inbound", "", ""))
    log.post("c-1", LegStarted("l-1", "caller"))
    log.post("c-1", QueueEntered("q-1", "sales"))
    log.post("c-2", CallStarted("inbound", "", ""))
    log.post("c-2", RecordingStarted("r-2", "r-2.wav", "caller", "agent"))
    log.post("c-2", TalkStarted("bob", "sales"))
    log.post("", AgentStateChanged("bob", "talking"))
    log.post("", AgentStateChanged("cid", "available"))
    log.post("", AgentStateChanged("cid", "offline"))
    assert await opened.contacts.claim("spring", attempt="a-1", call_id="c-3") is not None
    desk.clock.advance(10)
    log.post("c-1", OfferMade("o-1", "q-1", "sales", "amy"))
    log.post("c-2", TalkHeld("bob"))
    desk.clock.advance(4)
    await opened.settings.put(KEY, repr(desk.clock.now()))
    await opened.close()  # close says nothing about calls: the file looks as after kill -9
    desk.clock.advance(36_000)
    desk.heard.clear()


async def test_everything_ends_once_and_in_order(desk: Desk) -> None:
    """freeswitch#1973: rows of calls and agents were left over after a crash."""
    await die_in_the_middle(desk)
    async with await desk.open() as store:
        recovered = await store.recover()
        assert recovered.died_at == T0 + 14
        assert [event.fact for event in desk.heard] == [
            OfferEnded("o-1", "q-1", "sales", "amy", "withdrawn", 4.0),
            QueueLeft("q-1", "sales", "interrupted", 14.0),
            TalkEnded("bob", 10.0, 4.0, "sales"),
            AttemptEnded("a-1", "spring", 1, "interrupted"),
            LegOver("l-1", "interrupted"),
            CallEnded("interrupted", "system"),
            CallEnded("interrupted", "system"),
            AgentStateChanged("bob", "offline", "interrupted"),
        ]
        assert {event.at for event in desk.heard} == {T0 + 14}
        assert [event.call_id for event in desk.heard if isinstance(event.fact, CallEnded)] == ["c-1", "c-2"]
        unfinished = UnfinishedRecording("r-2", "c-2", "r-2.wav", "caller", "agent", T0)
        assert recovered.recordings == (unfinished,)
        assert await store.unfinished_recordings() == (unfinished,)
        assert await store.transcripts.pending() == ()


async def test_a_second_recovery_finds_nothing(desk: Desk) -> None:
    await die_in_the_middle(desk)
    async with await desk.open() as store:
        await store.recover()
        desk.heard.clear()
        again = await store.recover()
        assert (again.calls, again.entries, again.offers, again.talks, again.legs, again.attempts, again.agents) == (
            0,
        ) * 7
        assert desk.heard == []


async def test_the_identity_holds_after_recovery(desk: Desk) -> None:
    await die_in_the_middle(desk)
    async with await desk.open() as store:
        query = ReportQuery(T0 - 1, T0 + 100, Bucket.TOTAL)
        before = await store.reports.queues(query)
        assert (before.total.counts.offered, before.total.counts.waiting) == (1, 1)
        await store.recover()
        after = (await store.reports.queues(query)).total.counts
        assert (after.offered, after.abandoned, after.interrupted, after.waiting) == (1, 1, 1, 0)


async def test_a_contact_that_was_being_dialled_is_never_dialled_again(desk: Desk) -> None:
    await die_in_the_middle(desk)
    async with await desk.open() as store:
        await store.recover()
        assert await store.contacts.counts("spring") == Counts(pending=1, dialling=0, done=1)
        second = await store.contacts.claim("spring", attempt="a-2", call_id="c-4")
        assert second is not None
        assert second.name == "Wu"
        assert await store.contacts.claim("spring", attempt="a-3", call_id="c-5") is None
        first, _ = await store.campaigns.results("spring")
        assert (first.result, first.call_id) == ("interrupted", "c-3")


async def test_who_was_only_shown_to_an_agent_waits_as_before(desk: Desk) -> None:
    """Not one packet was sent to him; whom the agent had dialled is tried."""
    store = await desk.open()
    await store.contacts.add("spring", [[NewContact("+8613800138000", "Li", 2), NewContact("+8613800138001", "Wu", 3)]])
    for turn in (1, 2):
        assert await store.contacts.claim("spring", attempt=f"a-{turn}", call_id=f"c-{turn}") is not None
        await store.log.commit(f"c-{turn}", PreviewShown("spring", turn, f"a-{turn}", "amy", T0 + 60))
    await store.log.commit("c-2", PreviewDialled("spring", 2, "a-2", "amy"))
    await store.close()
    desk.heard.clear()
    async with await desk.open() as store:
        await store.recover()
        assert [event.fact for event in desk.heard] == [
            AttemptEnded("a-1", "spring", 1, "withdrawn"),
            AttemptEnded("a-2", "spring", 2, "interrupted"),
        ]
        assert await store.contacts.counts("spring") == Counts(pending=1, dialling=0, done=1)
        again = await store.contacts.claim("spring", attempt="a-3", call_id="c-3")
        assert isinstance(again, Contact) and (again.name, again.past.tried) == ("Li", ())


async def test_opening_alone_ends_nothing(desk: Desk) -> None:
    """A report on the command line opens the store of a service that is running."""
    await die_in_the_middle(desk)
    async with await desk.open() as store:
        assert desk.heard == []
        assert isinstance(store, Store)
        assert (await store.calls.list()).calls[0].ended_at is None
        assert AttemptStarted.name in {event.name for event in await store.events.after(0)}
