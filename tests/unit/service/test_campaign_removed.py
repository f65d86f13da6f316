"""A campaign made by mistake is removed: nobody comes into it then, and another one may have its name."""

import asyncio
from collections.abc import Iterator

import pytest

from campaigns.facts import CampaignStateChanged
from campaigns.plan_facts import CampaignOrdered, CampaignRemoved
from core.errors import ConfigError, LocalProtocolError
from service.cli_campaign import chosen
from service.cli_rehearse import rehearse
from service.orders import START, carry_out, order
from store.campaign_plans import CampaignPlans
from tests.unit.service.test_campaign_desk import NUMBERS, VALUES, House, house  # noqa: F401

NAME = "春季回访"


async def test_it_is_gone_and_its_name_is_free(house: House) -> None:  # noqa: F811
    await house.desk.make(VALUES, "boss")
    await house.desk.order(NAME, "stop", "boss")
    assert house.outbound.state(NAME) == "stopped"
    assert await house.desk.remove(NAME, "chief")
    assert house.told(CampaignRemoved) == [CampaignRemoved(NAME, "chief")]
    assert house.outbound.names == house.desk.names == ("visits",)
    assert (house.outbound.state(NAME), house.outbound.plan(NAME)) == ("", None)
    assert await house.desk.rehearse(NAME) is None
    assert not await house.desk.order(NAME, "start", "boss")
    assert await house.desk.change(NAME, VALUES, "boss") is None
    assert not await house.desk.remove(NAME, "chief")
    assert [plan.name for plan in await house.desk.plans()] == ["visits"]
    with pytest.raises(LocalProtocolError, match="no campaign is named"):
        await house.desk.start(NAME)
    with pytest.raises(LocalProtocolError, match="there is no campaign"):
        await house.desk.stop(NAME)
    assert (await house.desk.make(VALUES, "boss")).made_by == "boss"
    await house.fill(NAME, NUMBERS[:1])
    await house.desk.order(NAME, "start", "boss")
    await house.until_dialled(1)


async def test_who_stays_is_told_why(house: House) -> None:  # noqa: F811
    with pytest.raises(LocalProtocolError, match=r"在配置文件里，请在那里删除 / .*remove it there"):
        await house.desk.remove("visits", "boss")
    await house.desk.make(VALUES, "boss")
    house.desk.arriving = lambda name: name == NAME
    with pytest.raises(LocalProtocolError, match="on its way into it"):
        await house.desk.remove(NAME, "boss")
    house.desk.arriving = lambda name: False
    await house.fill(NAME, NUMBERS[:2])
    await house.desk.order(NAME, "start", "boss")
    await house.until_dialled(1)
    with pytest.raises(LocalProtocolError, match=r"正在进行，不能删除；不再需要请停止它 / .*stop it instead"):
        await house.desk.remove(NAME, "boss")
    assert (house.outbound.state(NAME), house.told(CampaignRemoved)) == ("running", [])
    assert [fact.state for fact in house.told(CampaignStateChanged)] == ["running"]  # type: ignore[attr-defined]


@pytest.fixture
def unseen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whoever has come in is seen only by the transaction that would remove."""

    async def refuse_to_remove(self: CampaignPlans, name: str) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(CampaignPlans, "refuse_to_remove", refuse_to_remove)
    yield


@pytest.mark.usefixtures("unseen")
async def test_whoever_came_in_at_the_last_moment_is_not_lost(house: House) -> None:  # noqa: F811
    await house.desk.make(VALUES, "boss")
    await house.fill(NAME, NUMBERS[:1])
    with pytest.raises(LocalProtocolError, match="has contacts"):
        await house.desk.remove(NAME, "boss")
    assert NAME in house.outbound.names and NAME in house.book.kept
    await house.desk.order(NAME, "start", "boss")
    await house.until_dialled(1)


async def test_an_order_of_the_command_line_does_not_outlive_it(house: House) -> None:  # noqa: F811
    await house.desk.make(VALUES, "boss")
    await order(house.store.settings, NAME, START)  # the service has not looked yet
    await house.desk.remove(NAME, "boss")
    with pytest.raises(ConfigError, match=f"there is no \\[\\[campaign\\]\\] '{NAME}'; known are: visits"):
        chosen(house.book.config, NAME, *[plan.name for plan in await house.store.campaign_plans.all()])
    with pytest.raises(ConfigError, match="there is no campaign"):
        await rehearse(NAME, house.book.config, house.store, house.clock.now())
    await house.desk.make(VALUES, "boss")
    await carry_out(house.store.settings, house.desk, house.desk.names, house.store.log)
    await house.store.log.flush()
    assert house.told(CampaignOrdered) == []
