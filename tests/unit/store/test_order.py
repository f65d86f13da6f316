"""Whatever happens in whichever order: groups of facts make the same tables as one by one, and recovery ends all
that is open.
"""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, create_engine, select

from acd.callback_facts import CallbackDialled, CallbackEnded, CallbackHastened, CallbackMissed, CallbackPromised
from acd.facts import AgentStateChanged, OfferEnded, OfferMade, QueueEntered, QueueLeft, WaitTold
from archive.facts import RecordingDeleted, RecordingHeld, RecordingKept, RecordingNotKept, RecordingReleased
from core.clock import VirtualClock
from core.events import Event, Fact
from core.ids import CountingEntropy, Ids
from reports.model import Bucket, ReportQuery
from reports.queues import queue_report
from reports.rows import EntryRow
from store import schema
from store.projection import append, project
from store.recovery import end_all
from store.writer import Transaction
from telephony.facts import (
    CallAnswered,
    CallEnded,
    CallStarted,
    LegOver,
    LegStarted,
    RecordingFinished,
    RecordingGap,
    RecordingStarted,
    TalkEnded,
    TalkHeld,
    TalkResumed,
    TalkStarted,
)

AGENTS = ("amy", "bob")


@pytest.fixture(scope="module")
def engines() -> Iterator[tuple[Engine, Engine]]:
    """Two empty databases in memory; each history is rolled back."""
    made = create_engine("sqlite://"), create_engine("sqlite://")
    for engine in made:
        schema.metadata.create_all(engine)
    yield made
    for engine in made:
        engine.dispose()


def facts_of(call: str, agent: str) -> list[Fact]:
    """A call's facts in an order that can be; a test cuts it anywhere."""
    entry, offer, leg, recording, promise = (f"{kind}-{call}" for kind in "qolrb")
    return [
        CallStarted("inbound", "", ""),
        LegStarted(leg, "caller"),
        CallAnswered(),
        CallbackPromised(promise, "sales", "", entry, 0.0, 9.0, ("english:3",)),
        CallbackDialled(promise, "sales", "", agent, 1),
        CallbackMissed(promise, "sales", "busy", 1, 5.0, 486),
        CallbackHastened(promise, "sales", "anna"),
        CallbackEnded(promise, "sales", "unreached"),
        RecordingStarted(recording, f"{recording}.wav", "caller", "agent"),
        QueueEntered(entry, "sales"),
        WaitTold(entry, "sales", 1, 20.0, 5.0, 40.0),
        OfferMade(offer, entry, "sales", agent),
        AgentStateChanged(agent, "ringing"),
        OfferEnded(offer, entry, "sales", agent, "accepted", 2.0),
        QueueLeft(entry, "sales", "answered", 4.0, agent),
        AgentStateChanged(agent, "talking"),
        TalkStarted(agent, "sales"),
        TalkHeld(agent),
        TalkResumed(agent),
        TalkHeld(agent),
        TalkEnded(agent, 10.0, 2.0, "sales"),
        LegOver(leg, "normal"),
        RecordingFinished(recording, 20.0),
        CallEnded("normal", "caller"),
        RecordingGap(recording, 1.0, 2.0, "paused"),
        RecordingHeld(recording, "anna"),
        RecordingKept(recording, f"{recording}.flac", "flac", 9, "00", "11"),
        RecordingReleased(recording, "anna"),
        RecordingNotKept(recording, "never", True),
        RecordingDeleted(recording, "line400", "retention"),
    ]


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Up to six calls, each cut somewhere, their facts interleaved."""
    lengths = draw(st.lists(st.integers(1, 30), min_size=1, max_size=6))
    left = {f"c{number}": facts_of(f"c{number}", AGENTS[number % 2])[:length] for number, length in enumerate(lengths)}
    events: list[Event] = []
    while left:
        call = draw(st.sampled_from(sorted(left)))
        events.append(Event(f"e-{len(events)}", 1000.0 + len(events), call, left[call].pop(0)))
        if not left[call]:
            del left[call]
    return events


def contents(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    return {
        name: sorted(map(tuple, connection.execute(select(table))), key=repr)
        for name, table in schema.metadata.tables.items()
    }


def waiting_and_rest(connection: Connection) -> list[EntryRow]:
    table = schema.queue_entries
    return [
        EntryRow(row.id, row.call_id, row.queue, row.entered_at, row.outcome, row.wait_s, row.agent)
        for row in connection.execute(select(table))
    ]


@settings(max_examples=40, deadline=None)
@given(histories())
def test_groups_and_single_facts_make_the_same_tables_and_recovery_ends_everything(
    engines: tuple[Engine, Engine], history: list[Event]
) -> None:
    at_once, one_by_one = engines
    with at_once.connect() as whole, one_by_one.connect() as single, whole.begin() as one, single.begin() as other:
        project(whole, append(whole, history))
        for event in history:
            project(single, append(single, [event]))
        assert contents(whole) == contents(single)

        clock = VirtualClock(5000.0)
        transaction = Transaction(whole, clock, Ids(clock, CountingEntropy()))
        recovered = end_all(transaction)
        project(whole, append(whole, transaction.said))
        assert recovered.died_at == history[-1].at
        for table, column in (
            (schema.calls, schema.calls.c.ended_at),
            (schema.legs, schema.legs.c.ended_at),
            (schema.queue_entries, schema.queue_entries.c.left_at),
            (schema.offers, schema.offers.c.ended_at),
            (schema.talks, schema.talks.c.ended_at),
            (schema.callback_tries, schema.callback_tries.c.ended_at),
        ):
            assert whole.execute(select(table).where(column.is_(None))).all() == []
        again = Transaction(whole, clock, Ids(clock, CountingEntropy()))
        end_all(again)
        assert again.said == []
        total = queue_report(ReportQuery(0.0, 1e10, Bucket.TOTAL), waiting_and_rest(whole), 5000.0).total.counts
        assert total.waiting == 0
        assert total.offered == total.answered + total.interrupted
        assert total.interrupted == recovered.entries
        one.rollback()
        other.rollback()
