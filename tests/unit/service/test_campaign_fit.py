"""A campaign that cannot be started as things stand is refused with the reason; one that is mended goes on."""

from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from campaigns.facts import CampaignStateChanged
from campaigns.papers import SurveyPaper
from campaigns.plan_facts import CampaignOrdered
from campaigns.ports import NewContact
from console.app import create_app
from console.campaign_views import PlanValue
from core.errors import ConfigError, LocalProtocolError
from service.campaign_check import judge
from service.campaign_fit import unfit
from service.cli_rehearse import rehearse
from service.config import read_config
from service.orders import carry_out, order
from service.sent import SentIntake
from store.survey_papers import KeptSurvey
from tests.unit.console.fakes import PASSWORD, make_house
from tests.unit.service.test_campaign_desk import FILE, NUMBERS, VALUES, House, house  # noqa: F401

NAME = "春季回访"


def paper(*prompts: str) -> KeptSurvey:
    ask = {"name": "how", "kind": "scale", "text": "满意吗？", "low": 1, "high": 5, "prompts": list(prompts)}
    end = {"name": "end", "kind": "hangup", "text": "再见。", "prompts": ["callback_confirmed"]}
    return KeptSurvey(SurveyPaper("新车主", (ask, end)), 1, "新车主@1", 0.0, "boss")


def now_asks(it: House, *prompts: str) -> None:
    """As ``service.survey_desk`` does after a change."""
    it.book.surveys.take([paper(*prompts)])
    it.renew()


async def test_a_paused_campaign_whose_survey_became_mute_says_so_and_goes_on_when_mended(house: House) -> None:  # noqa: F811
    now_asks(house, "callback_offer")
    await house.desk.make({**VALUES, "survey": "新车主"}, "boss")
    await house.fill(NAME, NUMBERS)
    assert await house.desk.order(NAME, "start", "boss")
    await house.until_dialled(1)
    await house.desk.order(NAME, "pause", "boss")
    now_asks(house, "gone")
    refusal = (
        r"任务“春季回访”现在不能拨打：问卷“新车主”不能用语音问：how 没有录音文件：gone。请补上录音或换一份问卷，再开始"
        r" / campaign '春季回访' cannot call: .*how lacks the recording gone; .*or give it another survey"
    )
    with pytest.raises(LocalProtocolError, match=refusal):
        await house.desk.order(NAME, "start", "boss")
    with pytest.raises(LocalProtocolError, match=refusal):
        await house.desk.rehearse(NAME)
    with pytest.raises(ConfigError, match="没有问卷“新车主”"):
        await rehearse(NAME, house.book.config, house.store, house.clock.now())
    with pytest.raises(LocalProtocolError, match="没有在进行"):
        await house.desk.order(NAME, "pause", "boss")
    await order(house.store.settings, NAME, "start")  # by the command line
    await carry_out(house.store.settings, house.desk, house.desk.names, house.store.log)
    await house.store.log.flush()
    assert "不能用语音问" in house.told(CampaignOrdered)[-1].refused  # type: ignore[attr-defined]

    house.book.surveys.take([paper("callback_offer")])  # the dialers have not heard of it
    assert await house.desk.order(NAME, "start", "boss")
    await house.store.log.flush()
    assert house.outbound.state(NAME) == "running"
    now_asks(house, "gone")
    await house.desk.order(NAME, "stop", "boss")
    await house.store.log.flush()
    states = [fact.state for fact in house.told(CampaignStateChanged)]  # type: ignore[attr-defined]
    assert states == ["running", "paused", "running", "paused", "stopped"], "it pauses where it may call no more"
    whys = [fact.why for fact in house.told(CampaignStateChanged)]  # type: ignore[attr-defined]
    assert whys[3].startswith("任务“春季回访”现在不能拨打：问卷“新车主”不能用语音问：how") and whys[:3] == ["", "", ""]


async def test_other_faults_are_told_too(house: House, tmp_path: Path) -> None:  # noqa: F811
    await house.desk.make(VALUES, "boss")
    assert (unfit(NAME, house.book), unfit("visits", house.book)) == ("", "")
    (tmp_path / "line400.toml").write_text(FILE.replace('"carrier"', '"other"'), encoding="utf-8")
    house.book.config = read_config(tmp_path / "line400.toml", {}).config
    assert "线路" in unfit(NAME, house.book) and "mend that first" in unfit(NAME, house.book)


async def test_a_campaign_of_the_file_needs_its_survey_too(house: House, tmp_path: Path) -> None:  # noqa: F811
    mine = tmp_path / "ours.toml"
    written = 'start = "end"\n[nodes.end]\nkind = "hangup"\nresult = "completed"\nprompts = ["callback_offer"]\n'
    mine.write_text(written, encoding="utf-8")
    asks = f'survey = "ours"\n[[survey]]\nname = "ours"\nfile = "{mine}"\n'
    (tmp_path / "line400.toml").write_text(f"{FILE}{asks}", encoding="utf-8")
    house.book.config = read_config(tmp_path / "line400.toml", {}).config
    assert unfit("visits", house.book) == ""
    mine.write_text(written.replace("callback_offer", "gone"), encoding="utf-8")
    with pytest.raises(LocalProtocolError, match="end 没有录音文件：gone"):
        await house.desk.order("visits", "start", "boss")
    mine.unlink()
    assert "问卷“ours”的文件不在或有误" in unfit("visits", house.book)


async def test_leads_for_one_that_cannot_call_are_taken_and_wait(house: House, tmp_path: Path) -> None:  # noqa: F811
    """It has finished its list and its survey is mute: nobody who comes is refused or lost."""
    now_asks(house, "callback_offer")
    await house.desk.make({**VALUES, "survey": "新车主"}, "boss")
    await house.store.log.commit("", CampaignStateChanged(NAME, "finished"))
    now_asks(house, "gone")
    await house.outbound.take_up()
    work: list[Coroutine[None, None, object]] = []
    zone = ZoneInfo("Asia/Shanghai")
    intake = SentIntake(house.store, house.outbound, house.clock, zone, lambda _, one: work.append(one))
    deps = replace(make_house(tmp_path).deps, sent=intake, campaign_desk=house.desk)
    transport = httpx.ASGITransport(create_app(deps))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8400/api/v1") as client:
        boss = (await client.post("/session", json={"name": "boss", "password": PASSWORD, "bearer": True})).json()
        client.headers["Authorization"] = f"Bearer {boss['token']}"
        await _is_mute_and_mended(house, client, work)


async def _is_mute_and_mended(
    house: House,  # noqa: F811
    client: httpx.AsyncClient,
    work: list[Coroutine[None, None, object]],
) -> None:
    lead = {"rows": [{"number": NUMBERS[0], "name": "王"}]}
    assert (await client.post(f"/campaigns/{NAME}/contacts", json=lead)).status_code == 201
    await work.pop()
    for door in (client.post(f"/campaigns/{NAME}/start"), client.get(f"/campaigns/{NAME}/dry-run")):
        answer = await door
        assert answer.status_code == 409 and "how 没有录音文件：gone。请补上录音或换一份问卷" in answer.text
    await house.store.log.flush()
    found = await house.store.campaigns.get(NAME)
    assert found is not None and (found.state, found.pending) == ("paused", 1)
    assert found.why.startswith("任务“春季回访”现在不能拨打：问卷“新车主”不能用语音问：how 没有录音文件：gone")
    assert house.outbound.names == house.desk.names == ("visits", NAME)
    [plan] = [one for one in (await client.get("/campaign-plans")).json() if one["name"] == NAME]
    assert [one["zh"] for one in plan["faults"]] == ["问卷“新车主”不能用语音问：how 没有录音文件：gone"]

    house.book.surveys.take([paper("callback_offer")])
    assert (await client.post(f"/campaigns/{NAME}/start")).status_code == 204
    await house.until_dialled(1)


async def test_one_that_has_finished_is_stopped_for_good_though_it_cannot_call(house: House) -> None:  # noqa: F811
    now_asks(house, "callback_offer")
    await house.desk.make({**VALUES, "survey": "新车主"}, "boss")
    await house.store.log.commit("", CampaignStateChanged(NAME, "finished"))
    now_asks(house, "gone")
    await order(house.store.settings, NAME, "stop")  # by the command line
    await carry_out(house.store.settings, house.desk, house.desk.names, house.store.log)
    await house.store.log.flush()
    assert house.told(CampaignOrdered) == [CampaignOrdered(NAME, "stop", "")]
    found = await house.store.campaigns.get(NAME)
    assert found is not None and found.state == "stopped"
    with pytest.raises(LocalProtocolError, match="永久停止"):
        await house.store.sent_contacts.take(NAME, [NewContact(NUMBERS[0], "王", 1)])
    for what in ("start", "pause", "stop"):
        with pytest.raises(LocalProtocolError):
            await house.desk.order(NAME, what, "boss")  # type: ignore[arg-type]


async def test_each_fault_of_a_survey_is_a_sentence_of_its_own(house: House) -> None:  # noqa: F811
    now_asks(house, "gone")

    def told(**values: PlanValue) -> list[str]:
        return [it.zh for it in judge({**VALUES, **values}, house.book.config, house.book.surveys.made).faults]

    assert told(survey="没有的") == ["没有问卷“没有的”"]
    assert told(survey="新车主") == ["问卷“新车主”不能用语音问：how 没有录音文件：gone"]
    assert "“service_due”是不提问的通知，坐席用不上；请写话术，或改用自动语音" in told(
        survey="service_due", mode="preview"
    )
