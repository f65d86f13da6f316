"""Many consents at once."""

import pytest
from sqlalchemy.exc import IntegrityError

from archive.facts import RecordingHeld
from campaigns.rule_facts import ConsentGiven
from store.consents import NotTaken
from store.store import Store
from telephony.facts import CallStarted, RecordingStarted
from tests.unit.store.conftest import Desk

NUMBERS = [f"+861380000{index:04}" for index in range(2500)]


def given(number: str, evidence: str = "form 7", at: float = 1.7e9) -> ConsentGiven:
    return ConsentGiven(number, "promotion", "online", evidence, at, "boss")


async def test_thousands_go_on_record_once_and_into_the_chain(store: Store) -> None:
    wanted = [given(number) for number in NUMBERS]
    assert await store.consents.look(wanted) == {}
    assert await store.calling.consents(limit=1) == (), "looking changes nothing"
    assert await store.consents.take(wanted) == {}
    verified = await store.ledger.verify()
    assert (verified.lines, verified.broken_at) == (2500, None)
    again = await store.consents.take([given(NUMBERS[0], at=1.7e9 + 60), *wanted])
    assert again == dict.fromkeys(range(1, 2501), NotTaken.KNOWN), "another moment is another consent"
    assert (await store.ledger.verify()).lines == 2501


async def test_a_list_that_comes_again_revives_nothing_that_was_withdrawn(store: Store) -> None:
    await store.consents.take([given(NUMBERS[0])])
    await store.calling.disagree(NUMBERS[0], "promotion", "boss", "客户撤回")
    assert await store.consents.take([given(NUMBERS[0])]) == {0: NotTaken.WITHDRAWN}
    assert await store.consents.take([given(NUMBERS[0], "form 8")]) == {}


async def test_recordings_that_are_evidence_are_held_and_must_be_there(desk: Desk, store: Store) -> None:
    store.log.post("c-1", CallStarted("inbound", NUMBERS[0], "4008001234"))
    store.log.post("c-1", RecordingStarted("r-1", "day/r-1.wav", "caller", "agent"))
    await store.log.flush()
    wanted = [given(NUMBERS[0], "r-gone"), given(NUMBERS[1], "r-1"), given(NUMBERS[2], "r-1")]
    assert await store.consents.look(wanted) == {0: NotTaken.NO_RECORDING}
    assert await store.consents.take(wanted) == {0: NotTaken.NO_RECORDING}
    held = [event for event in desk.heard if isinstance(event.fact, RecordingHeld)]
    assert [event.call_id for event in held] == ["c-1"], "once"
    [row] = await store.keeping.held()
    assert (row.id, row.held_by) == ("r-1", "boss")


async def test_all_or_none(store: Store) -> None:
    broken = given(NUMBERS[1], at=None)  # type: ignore[arg-type]
    with pytest.raises(IntegrityError):
        await store.consents.take([given(NUMBERS[0]), broken])
    assert await store.calling.consents(limit=1) == ()
    assert (await store.ledger.verify()).lines == 0
