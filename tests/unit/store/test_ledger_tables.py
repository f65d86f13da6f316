"""The tables by which calls are decided are held against the ledger."""

import pytest

from campaigns.facts import ContactPromised
from store import ledger, ledger_tables
from store.store import Store
from tests.unit.store.conftest import Desk
from tests.unit.store.test_consents import given
from tests.unit.store.test_ledger import NUMBERS, live, tamper


async def lived(store: Store) -> None:
    """Some of everything, some of it taken back and put again."""
    await live(store)
    await store.promises.promise(ContactPromised("spring", 5, 1.8e9, "", "boss", "晚上"))
    for number in NUMBERS[2:4]:
        await store.consents.take([given(number), given(number, "form 8")])
        await store.calling.disagree(number, "promotion", "boss", "客户撤回")
    await store.consents.take([given(NUMBERS[2], "form 9")])
    await store.calling.bar(NUMBERS, "listed", "import", "boss")
    await store.calling.free(NUMBERS[0], "refused", "boss", "本人要求")
    await store.calling.bar([NUMBERS[0]], "refused", "person", "boss")


async def test_what_was_not_touched_agrees(store: Store) -> None:
    await lived(store)
    found = await store.ledger.verify()
    assert found.whole, found


@pytest.mark.parametrize(
    ("statement", "differing", "about", "why"),
    [
        ("DELETE FROM number_bars", 7, "+86138****0000", "the row is missing"),
        ("UPDATE consents SET withdrawn_at = NULL", 4, "+86138****0002", "withdrawn_at is None, by the ledger"),
        ("UPDATE number_bars SET freed_at = 1 WHERE kind = 'listed'", 5, "+86138****0000", "freed_at is 1.0"),
        ("UPDATE number_bars SET number = '+8613900139000' WHERE kind = 'refused' AND freed_at IS NULL", 1,
         "+86138****0000", "number is +86139****9000"),
        ("UPDATE consents SET purpose = 'service' WHERE evidence = 'form 9'", 1,
         "+86138****0002", "purpose is 'service'"),
        ("UPDATE consents SET evidence = 'form 10' WHERE evidence = 'form 9'", 1,
         "+86138****0002", "evidence is another"),
        ("INSERT INTO consents SELECT 100000, number, purpose, how, evidence, given_at, at, by, NULL, '', '' "
         "FROM consents WHERE evidence = 'form 9'", 1, "+86138****0002", "no line of the ledger"),
        ("INSERT INTO consents SELECT 1, number, purpose, how, evidence, given_at, at, by, NULL, '', '' "
         "FROM consents WHERE evidence = 'form 9'", 1, "+86138****0002", "no line of the ledger"),
        ("UPDATE decisions SET allowed = 1 WHERE NOT allowed", 1, "contact 1", "allowed is True, by the ledger False"),
        ("DELETE FROM promises", 1, "contact 5", "the row is missing"),
        ("UPDATE promises SET open = 0", 0, "", ""),
    ],
)  # fmt: skip
async def test_what_was_changed_is_named(
    desk: Desk, store: Store, statement: str, differing: int, about: str, why: str
) -> None:
    await lived(store)
    before = await store.ledger.verify()
    await tamper(desk, statement)
    found = await store.ledger.verify()
    assert (found.lines, found.head, found.broken_at) == (before.lines, before.head, None), "the chain is whole"
    assert found.differing == differing and found.whole == (differing == 0)
    if differing:
        assert found.first[0].about == about and why in found.first[0].why, found.first


async def test_a_long_list_is_looked_at_piece_by_piece(
    desk: Desk, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "PIECE", 100)
    monkeypatch.setattr(ledger, "_PIECE", ledger._PIECE.limit(100))
    numbers = [f"+861380000{index:04}" for index in range(730)]
    await store.calling.bar(numbers, "listed", "import", "boss")
    assert (await store.ledger.verify()).whole
    await tamper(desk, "DELETE FROM number_bars WHERE seq % 2 = 0")
    found = await store.ledger.verify()
    assert found.differing == 365 and len(found.first) == ledger_tables.MOST
