"""Long lists of consents go on record in whole or not at all, whenever their process dies."""

from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import func, select

from campaigns.rule_facts import ConsentGiven
from core.errors import ParseError
from store import consent_lists
from store.alive import DEAD_S
from store.consent_lists import ListedConsent
from store.consents import NotTaken
from store.schema_rules import consent_lists as lists
from store.schema_rules import staged_consents
from store.store import Store
from telephony.facts import CallStarted, RecordingStarted
from tests.unit.store.conftest import Desk
from tests.unit.store.test_consents import given

ROWS = [ListedConsent(line, given(f"+861380000{line:04}")) for line in range(2, 1202)]


class DiedError(Exception):
    """The process did."""


def batches(rows: Sequence[ListedConsent] = ROWS) -> Iterator[Sequence[ListedConsent]]:
    for start in range(0, len(rows), 500):
        yield rows[start : start + 500]


async def left_behind(store: Store) -> tuple[int, int]:
    """Lists and rows that are on their way."""
    async with store._database.reading() as connection:
        found = [await connection.scalar(select(func.count()).select_from(table)) for table in (lists, staged_consents)]
    return found[0] or 0, found[1] or 0


async def lines_of(store: Store) -> int:
    verified = await store.ledger.verify()
    assert verified.broken_at is None, verified.why
    return verified.lines


async def test_a_list_goes_on_record_in_pieces_and_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consent_lists, "PIECE_MOST", 200)
    told: list[tuple[int, int]] = []
    assert await store.consent_lists.take(batches(), "boss", lambda done, of: told.append((done, of))) == {}
    assert told == [(done, 1200) for done in range(200, 1201, 200)]
    assert await lines_of(store) == 1200
    [first] = await store.calling.consents(number=ROWS[0].consent.number, limit=2)
    assert (first.by, first.how, first.given_at) == ("boss", "online", 1.7e9)
    more = [*ROWS, ListedConsent(2000, given("+8613900139000"))]
    left = await store.consent_lists.take(batches(more), "boss")
    assert left == dict.fromkeys(range(2, 1202), NotTaken.KNOWN)
    assert await lines_of(store) == 1201
    assert await left_behind(store) == (0, 0)


async def test_a_list_that_breaks_off_leaves_nothing(store: Store) -> None:
    def broken() -> Iterator[Sequence[ListedConsent]]:
        yield ROWS[:500]
        raise ParseError("is not utf-8", where="line 502")

    with pytest.raises(ParseError, match="line 502"):
        await store.consent_lists.take(broken(), "boss")
    assert (await lines_of(store), await left_behind(store)) == (0, (0, 0))


async def test_what_was_decided_is_finished_by_the_next(
    desk: Desk, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consent_lists, "PIECE_MOST", 200)

    def dies(done: int, _of: int) -> None:
        if done == 400:
            raise DiedError

    with pytest.raises(DiedError):
        await store.consent_lists.take(batches(), "boss", dies)
    assert (await lines_of(store), await left_behind(store)) == (400, (1, 800))
    assert await store.consent_lists.finish() == 0, "he lives, as far as anybody knows"
    await store.consents.take([ROWS[-1].consent])
    desk.clock.advance(DEAD_S + 1)
    assert await store.consent_lists.finish() == 1
    assert (await lines_of(store), await left_behind(store)) == (1200, (0, 0)), "one came by another way meanwhile"


async def test_what_was_not_decided_is_swept_away(desk: Desk, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def dies(_mine: int) -> None:
        raise DiedError

    def broken() -> Iterator[Sequence[ListedConsent]]:
        yield ROWS[:500]
        raise ParseError("is not utf-8", where="line 502")

    with monkeypatch.context() as dead:
        dead.setattr(store.consent_lists, "_drop", dies)
        with pytest.raises(DiedError):
            await store.consent_lists.take(broken(), "boss")
    assert await left_behind(store) == (1, 500)
    desk.clock.advance(DEAD_S + 1)
    assert await store.consent_lists.finish() == 1
    assert (await lines_of(store), await left_behind(store)) == (0, (0, 0))


async def test_recordings_that_are_evidence_are_held(store: Store) -> None:
    store.log.post("c-1", CallStarted("inbound", "+8613800138000", "4008001234"))
    store.log.post("c-1", RecordingStarted("r-1", "day/r-1.wav", "caller", "agent"))
    await store.log.flush()
    rows = [
        ListedConsent(2, given("+8613800138000", "r-1")),
        ListedConsent(3, ConsentGiven("+8613900139000", "promotion", "spoken", "r-gone", 1.7e9, "boss")),
    ]
    assert await store.consent_lists.take([rows], "boss") == {3: NotTaken.NO_RECORDING}
    assert [row.id for row in await store.keeping.held()] == ["r-1"]
