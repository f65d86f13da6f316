"""A campaign of which nothing has come is removed as if it had never been; any other one stays."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import func, insert, select

from campaigns.facts import CampaignStateChanged
from campaigns.plan_facts import CampaignRemoved
from campaigns.ports import NewContact
from core.errors import LocalProtocolError
from desk.selection import Condition, Reason
from store.lists import STAGING
from store.schema import campaigns
from store.schema_campaigns import campaign_plans
from store.schema_people import imports
from store.schema_selections import chosen, feeds, holdouts
from store.store import Store
from store.writer import Transaction
from tests.unit.store.conftest import Desk

PLAN = {"trunk": "carrier"}
KEY = bytes(range(16))
MEANT = [Condition(Reason.VISITED, 0, 180, negated=True)]


async def counted(store: Store) -> dict[str, int]:
    """Rows of all that knows of campaigns, where there are any."""

    def work(transaction: Transaction) -> dict[str, int]:
        tables = (campaigns, campaign_plans, feeds, holdouts, chosen, imports)
        found = {each.name: transaction.connection.scalar(select(func.count()).select_from(each)) for each in tables}
        return {name: count for name, count in found.items() if count}

    return await store.log.write(work)


async def list_on_its_way(store: Store) -> None:
    row = {"id": 1, "campaign": "spring", "state": STAGING, "owner": "1@here", "made_at": 0.0, "touched_at": 0.0}
    await store.log.write(lambda transaction: transaction.connection.execute(insert(imports).values(**row)) and None)


async def contact(store: Store) -> None:
    await store.contacts.add("spring", [[NewContact("+8613800138000", "客户", 2)]])


async def contact_of_one_that_was_stopped(store: Store) -> None:
    await contact(store)
    await store.log.commit("", CampaignStateChanged("spring", "stopped"))


async def held_out(store: Store) -> None:
    await store.selections.keep("久未进店", MEANT, "boss")
    await store.feeds.connect("spring", "久未进店", living=False, percent=50, key=KEY, by="boss")
    numbers = [f"+861380013{place:04}" for place in range(40)]
    await store.contacts.add("spring", [[NewContact(each, "", at) for at, each in enumerate(numbers, 2)]])


async def living(store: Store) -> None:
    await store.selections.keep("久未进店", MEANT, "boss")
    await store.feeds.connect("spring", "久未进店", living=True, percent=None, key=KEY, by="boss")


async def asked_for(store: Store) -> None:
    await store.selections.keep("打过的", [Condition(Reason.CAMPAIGN, names=("spring",))], "boss")


def in_state(state: str) -> Callable[[Store], Awaitable[None]]:
    async def change(store: Store) -> None:
        await store.log.commit("", CampaignStateChanged("spring", state))

    return change


@dataclass(frozen=True)
class Case:
    came: Callable[[Store], Awaitable[None]]
    words: str


@pytest.mark.parametrize(
    "case",
    [
        Case(contact, r"有名单.*请停止它 / .*has contacts.*stop it instead"),
        Case(contact_of_one_that_was_stopped, r"有名单.*不能删除 / .*their results are kept$"),
        Case(held_out, "has contacts"),
        Case(living, r"选择“久未进店”自动选入.* / .*end that first"),
        Case(asked_for, r"选择“打过的”的条件用到.* / .*asked for by selection '打过的'"),
        Case(list_on_its_way, r"正有名单导入.* / .*on its way into it"),
        Case(in_state("running"), r"正在进行，不能删除.* / .*is running"),
        Case(in_state("paused"), "was started"),
        Case(in_state("finished"), "was started"),
    ],
)
async def test_one_of_which_something_has_come_stays_as_it_is(store: Store, desk: Desk, case: Case) -> None:
    await store.campaign_plans.make("spring", PLAN, "boss")
    await case.came(store)
    before = await counted(store)
    with pytest.raises(LocalProtocolError, match=case.words):
        await store.campaign_plans.refuse_to_remove("spring")
    with pytest.raises(LocalProtocolError, match=case.words):
        await store.campaign_plans.remove("spring", "chief")
    assert await counted(store) == before
    assert not any(isinstance(event.fact, CampaignRemoved) for event in desk.heard)


async def test_nothing_is_left_of_another_one_and_its_name_is_free(store: Store, desk: Desk) -> None:
    await store.campaign_plans.make("summer", PLAN, "boss")
    others = await counted(store)
    await store.campaign_plans.make("spring", PLAN, "boss")
    await store.selections.keep("久未进店", MEANT, "boss")
    await store.feeds.connect("spring", "久未进店", living=True, percent=10, key=KEY, by="boss")
    await store.feeds.disconnect("spring")
    await store.log.commit("", CampaignStateChanged("spring", "stopped"))
    assert await counted(store) == {"campaigns": 2, "campaign_plans": 2, "feeds": 1, "holdouts": 1}
    assert await store.campaign_plans.remove("spring", "chief")
    assert await counted(store) == others
    assert [event.fact for event in desk.heard if isinstance(event.fact, CampaignRemoved)] == [
        CampaignRemoved("spring", "chief")
    ]
    assert not await store.campaign_plans.remove("spring", "chief"), "there is none any more"
    await store.campaign_plans.make("spring", {"trunk": "other"}, "boss")
    found = await store.campaigns.get("spring")
    assert found is not None and found.state == "", "it is not the one that was stopped"
    await contact(store)


async def test_one_that_stands_in_no_list_of_ours_is_not_removed(store: Store) -> None:
    assert not await store.campaign_plans.remove("none", "chief")
    await store.log.commit("", CampaignRemoved("none", "chief"))  # nor does the fact disturb anybody
