"""The ledger: one chain of all that was decided and put on record, whatever is changed in it is found."""

import json

import pytest
from sqlalchemy import Connection, text

from campaigns.facts import AttemptEnded
from campaigns.ports import NewContact
from campaigns.rule_facts import ConsentGiven
from core.events import pack
from store.ledger import GENESIS, NAMES, Verified, check_line, hash_of
from store.store import Store
from tests.unit.store.conftest import Desk

NUMBERS = [f"+86138000000{index:02}" for index in range(5)]


async def live(store: Store, *, start: int = 0) -> None:
    """Five calls, of which one is not made, with a refusal and a consent in between."""
    await store.contacts.add("spring", [[NewContact(number, "张三", at) for at, number in enumerate(NUMBERS, 2)]])
    await store.calling.bar([NUMBERS[0]], "refused", "agent", "wang", "“别再打了”")
    await store.calling.agree(ConsentGiven(NUMBERS[1], "promotion", "written", "合同 7", 1.7e9, "boss"))
    for turn in range(start, start + 3):
        claimed = await store.contacts.claim("spring", attempt=f"a-{turn}", call_id=f"c-{turn}")
        if claimed is not None:
            ended = AttemptEnded(f"a-{turn}", "spring", claimed.id, "busy")  # type: ignore[union-attr]
            await store.log.commit(f"c-{turn}", ended)


async def tamper(desk: Desk, statement: str, **values: str) -> None:
    def work(connection: Connection) -> None:
        connection.execute(text(statement), values)

    async with await desk.open() as other:
        await other._database.write(work)  # past the log, as somebody with the file in his hands would


async def test_each_line_holds_the_hash_of_the_one_before(desk: Desk, store: Store) -> None:
    await live(store)
    found = await store.ledger.verify()
    facts = [event for event in desk.heard if event.fact.name in NAMES]
    assert (found.lines, found.broken_at) == (len(facts), None) and found.lines == 6
    assert await store.ledger.holds(found.head) and not await store.ledger.holds("0f" * 32)
    async with store._database.reading() as connection:
        rows = (await connection.execute(text("SELECT line, text, hash FROM ledger ORDER BY line"))).all()
    before = GENESIS
    for row, event in zip(rows, facts, strict=True):
        said = json.loads(row.text)
        assert (said["before"], said["event"], said["at"]) == (before, event.id, event.at)
        assert said["fact"] == json.loads(json.dumps(pack(event.fact)))
        assert row.text == json.dumps(said, sort_keys=True, separators=(",", ":"))
        before = row.hash
    assert before == found.head


async def test_a_new_process_goes_on_with_the_chain(desk: Desk) -> None:
    for turn in range(3):
        async with await desk.open() as opened:
            await live(opened, start=10 * turn)
    async with await desk.open() as opened, await desk.open() as beside:
        await opened.calling.bar([NUMBERS[2]], "listed", "import", "boss")
        await beside.calling.bar([NUMBERS[3]], "listed", "import", "boss")
        assert (await opened.ledger.verify()).broken_at is None


@pytest.mark.parametrize(
    "statement, line, why",
    [
        ("UPDATE ledger SET text = replace(text, 'wang', 'boss') WHERE line = 1", 1, "another"),
        ("DELETE FROM ledger WHERE line = 3", 3, "missing"),
        ("DELETE FROM ledger WHERE line = 6", 7, "cut off"),
        ("UPDATE ledger SET hash = '00' WHERE line = 2", 2, "another"),
        ("UPDATE ledger SET event = 'e-0' WHERE line = 4", 4, "its event"),
        ("UPDATE events SET data = replace(data, 'wang', 'boss') WHERE name = 'number.barred'", 1, "something else"),
        ("UPDATE events SET at = at + 1 WHERE name = 'consent.given'", 2, "something else"),
        ("DELETE FROM events WHERE name = 'consent.given'", 2, "does not hold"),
    ],
)
async def test_what_was_changed_is_found(desk: Desk, store: Store, statement: str, line: int, why: str) -> None:
    await live(store)
    await tamper(desk, statement)
    found = await store.ledger.verify()
    if why == "cut off":
        line = found.lines + 1
    assert found.broken_at == line and why in found.why


async def test_a_line_that_was_made_anew_with_its_hash_breaks_the_next_one(desk: Desk, store: Store) -> None:
    await live(store)
    async with store._database.reading() as connection:
        first = (await connection.execute(text("SELECT text FROM ledger WHERE line = 1"))).scalar_one()
    forged = first.replace("wang", "boss")
    change = "UPDATE ledger SET text = :forged, hash = :hashed WHERE line = 1"
    await tamper(desk, change, forged=forged, hashed=hash_of(forged))
    await tamper(desk, "UPDATE events SET data = replace(data, 'wang', 'boss') WHERE name = 'number.barred'")
    found = await store.ledger.verify()
    assert (found.broken_at, found.why) == (2, "it does not follow the line before it")


async def test_both_ends_cut_off_are_known_by_a_head_that_was_noted(desk: Desk, store: Store) -> None:
    await live(store)
    noted = (await store.ledger.verify()).head
    last = "(SELECT event FROM ledger ORDER BY line DESC LIMIT 1)"
    await tamper(desk, f"DELETE FROM events WHERE id = {last}")
    await tamper(desk, "DELETE FROM ledger WHERE line = (SELECT max(line) FROM ledger)")
    assert (await store.ledger.verify()).broken_at is None
    assert not await store.ledger.holds(noted)


def test_text_that_is_not_in_its_one_form_is_no_line() -> None:
    loose = '{"before": "0"}'
    assert "canonical" in check_line(1, "e-1", loose, hash_of(loose), Verified(0, GENESIS)).why
    broken = "{"
    assert "no JSON" in check_line(1, "e-1", broken, hash_of(broken), Verified(0, GENESIS)).why
