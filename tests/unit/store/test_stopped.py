"""A campaign that was stopped for good takes nobody, by whichever door; nobody is promised a call that never comes."""

from collections.abc import Iterator

import pytest

from campaigns.facts import CampaignStateChanged, ContactPromised
from campaigns.holdout import Holdout
from campaigns.ports import NewContact
from campaigns.promised import PromisedCall
from campaigns.rules.values import Purpose, Rules, Terms
from core.errors import LocalProtocolError
from desk.selection import Condition, Reason
from store.holdouts import settle_holdout
from store.promising import Way
from store.store import Store
from store.writer import Transaction

HIS, OTHER = "+8613800000001", "+8613800000002"
STOPPED = r"已永久停止.* / .*stopped for good"


@pytest.fixture
async def stopped(store: Store) -> Store:
    """Campaign spring has one contact, and is over."""
    await store.contacts.add("spring", [[NewContact(HIS, "", 1)]])
    await store.log.commit("", CampaignStateChanged("spring", "stopped"))
    return store


async def people(store: Store) -> int:
    return (await store.contacts.counts("spring")).pending


async def test_a_file_is_not_taken_in_nor_looked_at_for_it(stopped: Store) -> None:
    with pytest.raises(LocalProtocolError, match=STOPPED):
        await stopped.contacts.add("spring", [[NewContact(OTHER, "", 1)]])
    with pytest.raises(LocalProtocolError, match=STOPPED):
        await stopped.contacts.overlap("spring", [NewContact(OTHER, "", 1)])
    with pytest.raises(LocalProtocolError, match=STOPPED):
        await stopped.campaigns.refuse_stopped("spring")
    assert await people(stopped) == 1
    await stopped.contacts.add("autumn", [[NewContact(OTHER, "", 1)]])


async def test_a_list_that_was_on_its_way_is_swept_away_when_it_is_stopped(store: Store) -> None:
    def batches() -> Iterator[list[NewContact]]:
        yield [NewContact(HIS, "", 1)]
        store.log.post("", CampaignStateChanged("spring", "stopped"))
        yield [NewContact(OTHER, "", 2)]

    await store.contacts.add("spring", [[NewContact("+8613800000003", "", 1)]])
    with pytest.raises(LocalProtocolError, match=STOPPED):
        await store.contacts.add("spring", batches())
    assert await people(store) == 1
    assert await store.lists.finish() == 0, "nothing is left of it"


async def test_rows_that_a_program_sends_are_not_taken(stopped: Store) -> None:
    with pytest.raises(LocalProtocolError, match=STOPPED):
        await stopped.sent_contacts.take("spring", [NewContact(OTHER, "", 1)], rejected=0, by="crm")
    assert await people(stopped) == 1


async def test_a_selection_is_not_led_into_it_and_one_that_lives_is_looked_at_no_more(store: Store) -> None:
    await store.selections.keep("all", (Condition(Reason.MODEL, names=("轩逸",)),), "")
    await store.contacts.add("spring", [[NewContact(HIS, "", 1)]])
    await store.feeds.connect("spring", "all", living=True, percent=0, key=bytes(16), by="wang")
    assert await store.feeds.living() == ("spring",)
    await store.log.commit("", CampaignStateChanged("spring", "stopped"))
    assert await store.feeds.living() == ()
    with pytest.raises(LocalProtocolError, match=STOPPED):
        await store.feeds.connect("spring", "all", living=True, percent=0, key=bytes(16), by="wang")


async def test_nobody_of_it_is_promised_a_call(stopped: Store) -> None:
    with pytest.raises(LocalProtocolError, match=STOPPED):
        await stopped.promises.promise(ContactPromised("spring", 1, 9e9))


@pytest.mark.parametrize("kind", ["refused", "listed"])
async def test_who_has_refused_is_promised_no_call_until_he_takes_that_back(store: Store, kind: str) -> None:
    await store.contacts.add("spring", [[NewContact(HIS, "", 1)]])
    await store.calling.bar([HIS], kind, "agent", "wang")
    with pytest.raises(
        LocalProtocolError, match=r"不能约定回电：.* / no call can be promised: .*(refused|do-not-call)"
    ):
        await store.promises.promise(ContactPromised("spring", 1, 9e9))
    listed = await store.calling.listed("spring", 1)
    assert listed is not None and listed.call_at is None
    await store.calling.free(HIS, kind, "wang", "he says so")
    assert await store.promises.promise(ContactPromised("spring", 1, 9e9))


async def test_a_promotion_without_consent_is_not_promised(store: Store) -> None:
    await store.contacts.add("spring", [[NewContact(HIS, "", 1)]])
    way = Way(Terms(Purpose.PROMOTION, rules=Rules(promotions=True)))
    with pytest.raises(LocalProtocolError, match="同意"):
        await store.promises.foresee(ContactPromised("spring", 1, 9e9), way)
    assert await store.promises.foresee(ContactPromised("spring", 1, 9e9), Way()) == PromisedCall(9e9, 9e9)
    listed = await store.calling.listed("spring", 1)
    assert listed is not None and listed.call_at is None, "it is foreseen, not made"


async def test_who_is_held_out_is_promised_no_call(store: Store) -> None:
    def hold(transaction: Transaction) -> None:
        settle_holdout(transaction.connection, Holdout("spring", 50, bytes(16)), "wang", 0.0)

    await store.log.write(hold)
    await store.contacts.add("spring", [[NewContact(f"+86138000000{at:02}", "", at) for at in range(1, 30)]])
    held = next(it.contact for it in await store.campaigns.results("spring") if it.result == "held_out")
    with pytest.raises(LocalProtocolError, match="对照组"):
        await store.promises.promise(ContactPromised("spring", held, 9e9))
