"""Recordings that prove who may be called outlive the retention, for as long as what they prove holds and then some."""

import pytest

from archive.facts import RecordingDeleted, RecordingHeld, RecordingReleased
from archive.jobs import DAY_S, KeepRules
from campaigns.rule_facts import ConsentGiven
from core.errors import LocalProtocolError, ParseError
from store.consents import NotTaken
from store.evidence import OF_CONSENT, OF_REFUSAL
from store.store import Store
from telephony.facts import CallStarted
from tests.unit.store.conftest import Desk
from tests.unit.store.test_keeping import Bench

NUMBER = "+8613800138000"
KEEP = KeepRules(keep_days=30)


@pytest.fixture
def bench(desk: Desk, store: Store) -> Bench:
    return Bench(desk, store)


async def agree(bench: Bench, evidence: str, number: str = NUMBER) -> None:
    given = ConsentGiven(number, "promotion", "spoken", evidence, bench.desk.clock.now(), "boss")
    await bench.store.calling.agree(given)


async def prune(bench: Bench, days: float) -> list[str]:
    """Let ``days`` pass; the recordings that are there after the retention has looked."""
    bench.desk.clock.advance(days * DAY_S)
    await bench.jobs(KEEP).work_off()
    return [name.partition(".")[0] for name in bench.files()]


@pytest.mark.parametrize("evidence", ["c-r-1", "r-1"])
async def test_what_proves_a_consent_stays_until_long_after_it_was_withdrawn(bench: Bench, evidence: str) -> None:
    for name in ("r-1", "r-2"):
        await bench.record(name)
    await agree(bench, evidence)
    assert bench.facts(RecordingHeld) == [RecordingHeld("r-1", "boss", OF_CONSENT)]
    assert await prune(bench, 31) == ["r-1"]
    assert await prune(bench, 3650) == ["r-1"]
    await bench.store.calling.disagree(NUMBER, "promotion", "boss", "客户撤回")
    assert await prune(bench, 29.9) == ["r-1"], "by what right was he called last month?"
    assert bench.facts(RecordingReleased) == []
    assert await prune(bench, 0.2) == []
    assert bench.facts(RecordingReleased) == [RecordingReleased("r-1", "line400")]
    assert RecordingDeleted("r-1", "line400", "retention") in bench.facts(RecordingDeleted)


async def test_of_several_consents_the_last_one_counts(bench: Bench) -> None:
    await bench.record("r-1")
    await agree(bench, "c-r-1")
    await agree(bench, "r-1", "+8613800138001")
    assert len(bench.facts(RecordingHeld)) == 1
    await bench.store.calling.disagree(NUMBER, "promotion", "boss", "客户撤回")
    assert await prune(bench, 100) == ["r-1"]
    await bench.store.calling.disagree("+8613800138001", "promotion", "boss", "客户撤回")
    assert await prune(bench, 31) == []


async def test_what_is_recorded_after_the_consent_is_held_instead_of_deleted(bench: Bench) -> None:
    bench.store.log.post("c-r-1", CallStarted("inbound", "", ""))
    await agree(bench, "c-r-1")  # its call is still up
    await bench.record("r-1")
    assert bench.facts(RecordingHeld) == []
    with pytest.raises(LocalProtocolError, match="proves a consent"):
        await bench.store.keeping.delete("r-1", "admin", "wish")
    assert await prune(bench, 31) == ["r-1"]
    assert bench.facts(RecordingHeld) == [RecordingHeld("r-1", "line400", OF_CONSENT)]
    assert await prune(bench, 1) == ["r-1"]
    assert len(bench.facts(RecordingHeld)) == 1, "it is not looked at again"


async def test_many_consents_at_once_hold_the_recordings_of_their_calls_once(bench: Bench) -> None:
    await bench.record("r-1")
    given = [
        ConsentGiven(f"+861380013800{index}", "promotion", "spoken", evidence, 1.7e9, "boss")
        for index, evidence in enumerate(["c-r-1", "r-1", "c-r-1", "c-gone"])
    ]
    assert await bench.store.consents.take(given) == {3: NotTaken.NO_CALL}
    assert bench.facts(RecordingHeld) == [RecordingHeld("r-1", "boss", OF_CONSENT)]


async def test_a_recording_that_is_gone_is_no_evidence(bench: Bench) -> None:
    await bench.record("r-1")
    await bench.store.keeping.delete("r-1", "admin", "wish")
    for evidence in ("r-1", "r-unknown"):
        with pytest.raises(LocalProtocolError, match="there is no recording"):
            await agree(bench, evidence)
    with pytest.raises(ParseError, match="there is no call c-gone"):
        await agree(bench, "c-gone")
    assert await bench.store.calling.consents(limit=9) == ()


async def test_the_call_of_a_refusal_stays_while_the_refusal_does(bench: Bench) -> None:
    for name in ("r-1", "r-2"):
        await bench.record(name)
    await bench.store.calling.bar([NUMBER], "refused", "agent", "101", call_id="c-r-1")
    await bench.store.calling.bar([NUMBER], "listed", "agent", "101", call_id="c-r-2")
    assert await prune(bench, 31) == ["r-1"]
    assert bench.facts(RecordingHeld) == [RecordingHeld("r-1", "line400", OF_REFUSAL)]
    await bench.store.calling.free(NUMBER, "refused", "boss", "客户要求恢复")
    assert await prune(bench, 29) == ["r-1"]
    assert await prune(bench, 2) == []


async def test_who_holds_it_for_another_reason_lets_go_of_it_himself(bench: Bench) -> None:
    await bench.record("r-1")
    await agree(bench, "c-r-1")
    await bench.store.keeping.hold("r-1", "anna", "complaint 17")
    await bench.store.calling.disagree(NUMBER, "promotion", "boss", "客户撤回")
    assert await prune(bench, 100) == ["r-1"]
    await bench.store.keeping.release("r-1", "anna")
    assert await prune(bench, 1) == []
