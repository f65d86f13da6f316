"""A campaign that cannot be started as things stand is refused with the reason; one that is mended goes on."""

from pathlib import Path

import pytest

from campaigns.facts import CampaignStateChanged
from campaigns.papers import SurveyPaper
from campaigns.pauses import GONE
from campaigns.plan_facts import CampaignOrdered
from core.errors import ConfigError, LocalProtocolError
from service.campaign_fit import unfit
from service.cli_rehearse import rehearse
from service.config import read_config
from service.orders import carry_out, order
from store.survey_papers import KeptSurvey
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
        r"任务“春季回访”现在不能开始：问卷“新车主”不能用语音问：how 没有录音文件：gone。请补上录音或换一份问卷，再开始"
        r" / campaign '春季回访' cannot be started: .*no prompt 'gone'; .*or give it another survey"
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
    assert whys == ["", "", "", GONE, ""]


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
    assert "没有问卷“ours”" in unfit("visits", house.book)
