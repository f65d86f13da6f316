"""Surveys that supervisors write: judged like files, kept over a restart, asked by campaigns, spoken once recorded."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from campaigns.facts import CampaignStateChanged
from campaigns.gate import CampaignState
from campaigns.papers import Node, SurveyPaper
from campaigns.plan_facts import PromptHanded, SurveyMade, SurveyRemoved
from campaigns.scores import low_score
from console.campaign_views import PlanValue
from core.bus import Bus
from core.clock import VirtualClock
from core.errors import LocalProtocolError, ParseError
from core.events import Event
from core.ids import CountingEntropy, Ids
from ivr.prompts import Prompts, wav_fault
from service import from_config
from service.campaign_book import read_book
from service.campaign_check import judge
from service.config import read_config
from service.survey_desk import SurveyDesk
from service.survey_prompts import keep_prompt
from store.store import Store

NOON = 1_780_286_400.0
FILE = """
[[trunk]]
name = "carrier"
host = "203.0.113.5"
caller_ids = ["02155550100"]
[[survey]]
name = "ours"
file = "ours.toml"
[[campaign]]
name = "visits"
trunk = "carrier"
caller_id = "02155550100"
survey = "ours"
"""
OURS = """
start = "q"
[nodes.q]
kind = "yes_no"
text = "车还好吗？"
prompts = ["survey_explained"]
goto = "end"
fallback = "end"
[nodes.end]
kind = "hangup"
"""
HOW: Node = {"name": "how", "kind": "scale", "text": "满意吗？", "low": 1, "high": 5, "low_score": 3}
WHY: Node = {"name": "why", "kind": "speech", "text": "为什么？", "required": True}
BRANCHED: Node = {**HOW, "branches": [{"from": 4, "to": 5, "goto": "end"}]}
END: Node = {"name": "end", "kind": "hangup", "text": "再见。"}
PAPER = SurveyPaper("新车主", (BRANCHED, WHY, END))


def plan(mode: str, survey: str = "新车主") -> dict[str, PlanValue]:
    return {"name": "春季", "trunk": "carrier", "caller_id": "02155550100", "mode": mode, "survey": survey} | (
        {"queue": "sales"} if mode != "survey" else {}
    )


class House:
    """A desk over a real store."""

    def __init__(self, folder: Path) -> None:
        (folder / "line400.toml").write_text(FILE, encoding="utf-8")
        (folder / "ours.toml").write_text(OURS, encoding="utf-8")
        self.folder, self.config = folder, read_config(folder / "line400.toml", {}).config
        self.clock, self.heard, self.renewed = VirtualClock(NOON), list[Event](), 0

    async def open(self) -> None:
        bus = Bus()
        bus.subscribe(self.heard.append)
        ids = Ids(self.clock, CountingEntropy())
        self.store = await Store.open(f"sqlite:///{self.folder / 'line400.db'}", self.clock, ids, bus)
        self.book = await read_book(self.config, self.store)
        self.handed = from_config.handed_prompts(self.config)
        self.prompts = Prompts(handed=self.handed)
        self.desk = SurveyDesk(self.book, self.store, self.prompts, self.handed, self._renew)

    def _renew(self) -> None:
        self.renewed += 1

    async def campaign(self, name: str, values: dict[str, PlanValue]) -> None:
        await self.store.campaign_plans.make(name, values, "boss")
        self.book.kept = {one.name: one for one in await self.store.campaign_plans.all()}

    async def faults(self, mode: str, survey: str = "新车主") -> str:
        judged = judge(plan(mode, survey), self.config, self.book.surveys.made)
        return "; ".join(fault.en for fault in judged.faults)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    await house.open()
    yield house
    await house.store.close()


async def test_a_survey_is_written_asked_and_still_there_after_a_restart(house: House) -> None:
    assert "there is none of that name" in await house.faults("progressive")
    kept = await house.desk.keep(PAPER, "boss", after=0)
    assert (kept.source, kept.number, len(kept.versions), house.renewed) == ("page", 1, 1, 1)
    assert await house.faults("progressive") == ""
    again = await house.desk.keep(SurveyPaper("新车主", (HOW, WHY, END)), "chief", after=1)
    assert again.number == 2 and [one.by for one in again.versions] == ["chief", "boss"]
    older = await house.desk.paper("新车主", 1)
    assert older is not None and older.nodes[0]["branches"] == [{"from": 4, "to": 5, "goto": "end"}]
    assert [event.fact.number for event in house.heard if isinstance(event.fact, SurveyMade)] == [1, 2]
    await house.store.close()
    await house.open()
    assert await house.desk.paper("新车主") == again
    made = house.book.surveys.made["新车主"]
    assert made.questions == ("how", "why") and made.version == again.versions[0].form


async def test_what_has_not_changed_is_no_new_version(house: House) -> None:
    await house.desk.keep(PAPER, "boss", after=0)
    assert (await house.desk.keep(PAPER, "boss", after=1)).number == 1
    assert house.renewed == 1


async def test_surveys_of_files_are_shown_and_stay_as_they_are(house: House) -> None:
    listed = {one.name: one for one in await house.desk.all()}
    assert {name: one.source for name, one in listed.items()} == {
        "ours": "config", "after_sale": "shipped", "return_visit": "shipped", "service_due": "shipped",
    }  # fmt: skip
    assert listed["service_due"].notice
    assert listed["return_visit"].spoken and listed["return_visit"].questions == 4
    assert [(use.campaign, use.by) for use in listed["ours"].used] == [("visits", "voice")]
    ours = await house.desk.paper("ours")
    assert ours is not None and ours.nodes[0]["text"] == "车还好吗？" and ours.versions == []
    for name in ("ours", "return_visit"):
        with pytest.raises(LocalProtocolError, match="stands in a file"):
            await house.desk.keep(SurveyPaper(name, PAPER.nodes), "boss", after=0)
        with pytest.raises(LocalProtocolError, match="remove it there"):
            await house.desk.remove(name, "boss")
    copied = SurveyPaper("副本", tuple(ours.nodes))
    assert (await house.desk.keep(copied, "boss", after=0)).nodes == ours.nodes
    assert await house.desk.paper("none") is None and await house.desk.paper("ours", 1) is None


async def test_what_is_wrong_is_said_in_both_languages_at_its_item(house: House) -> None:
    wrong = SurveyPaper("新 车主", ({**HOW, "text": "", "high": 0}, {**WHY, "goto": "nowhere"}, END))
    found = await house.desk.check(wrong, new=True)
    told = {(one.node, one.key): (one.zh, one.en) for one in found.faults}
    assert told["", "name"][0].startswith("名称由汉字")
    assert told["how", "text"] == ("请填写要问的话", "Write what is asked")
    assert "大于下限" in told["how", "high"][0] and "above the lowest" in told["how", "high"][1]
    assert told["why", "goto"] == ("要去的那一项不存在", "There is no such item to go to")
    with pytest.raises(ParseError, match="请填写要问的话") as caught:
        await house.desk.keep(SurveyPaper("新车主", ({**HOW, "text": ""}, END)), "boss", after=0)
    assert caught.value.where == "how.text"
    last = await house.desk.check(SurveyPaper("新车主", (HOW,)), new=True)
    assert [one.zh for one in last.faults] == ["后面没有别的项了，请在最后加一个结束语"]
    lost = await house.desk.check(SurveyPaper("新车主", (HOW, END, {**END, "name": "lost"})), new=True)
    assert [(one.node, one.zh) for one in lost.warnings] == [("lost", "没有任何一项会来到这里")]
    assert (await house.desk.check(PAPER, new=True)).faults == []
    await house.desk.keep(PAPER, "boss", after=0)
    assert [one.key for one in (await house.desk.check(PAPER, new=True)).faults] == ["taken"]
    assert (await house.desk.check(PAPER, new=False)).faults == []


async def test_a_preview_shows_what_an_agent_would_see(house: House) -> None:
    first = await house.desk.preview(PAPER, {})
    assert [one.name for one in first.questions] == ["how", "why"] and first.missing == ["how", "why"]
    fine = await house.desk.preview(PAPER, {"how": "5", "why": "方便"})
    assert [one.name for one in fine.questions] == ["how"] and fine.result == "completed"
    poor = await house.desk.preview(PAPER, {"how": "2", "why": "太慢"})
    assert [one.value or one.text for one in poor.questions] == ["2", "太慢"] and poor.missing == []
    assert (await house.desk.preview(PAPER, {"how": "12", "none": "1"})).result == ""
    with pytest.raises(ParseError, match="text"):
        await house.desk.preview(SurveyPaper("x", ({**HOW, "text": ""}, END)), {})


async def test_the_score_that_opens_a_task_is_that_of_the_survey(house: House) -> None:
    await house.desk.keep(PAPER, "boss", after=0)
    made = house.book.surveys.made["新车主"]
    assert low_score(made, "how", "3") == "how 3/5" and low_score(made, "how", "4") == ""
    never = SurveyPaper("新车主", ({**HOW, "low_score": 0}, END))
    await house.desk.keep(never, "boss", after=1)
    assert low_score(house.book.surveys.made["新车主"], "how", "1") == ""


async def test_a_survey_that_a_campaign_asks_is_not_removed(house: House) -> None:
    await house.desk.keep(PAPER, "boss", after=0)
    await house.campaign("春季", plan("progressive"))
    await house.store.log.commit("", CampaignStateChanged("春季", CampaignState.FINISHED))
    [listed] = [one for one in await house.desk.all() if one.name == "新车主"]
    assert [(use.campaign, use.by) for use in listed.used] == [("春季", "agents")]
    with pytest.raises(LocalProtocolError, match="“春季”在用这份问卷"):
        await house.desk.remove("新车主", "boss")
    await house.store.log.commit("", CampaignStateChanged("春季", CampaignState.STOPPED))
    assert await house.desk.remove("新车主", "boss")
    assert "新车主" not in house.book.surveys.made and not await house.desk.remove("新车主", "boss")
    assert [event.fact for event in house.heard if isinstance(event.fact, SurveyRemoved)] == [
        SurveyRemoved("新车主", "boss")
    ]


def sound(rate_hz: int, seconds: float, loud: float = 0.5) -> bytes:
    """A tone of 1 kHz in stereo."""
    wave = loud * np.sin(2 * np.pi * 1000 * np.arange(int(rate_hz * seconds)) / rate_hz)
    file = io.BytesIO()
    soundfile.write(file, np.stack([wave, wave], axis=1), rate_hz, format="WAV")
    return file.getvalue()


async def test_with_recordings_a_voice_can_ask_it_too(house: House) -> None:
    await house.desk.keep(PAPER, "boss", after=0)
    assert "has no recording, so a voice cannot say it" in await house.faults("survey")
    gaps = (await house.desk.check(PAPER, new=False)).unspoken
    assert [(one.node, one.zh) for one in gaps] == [(name, "没有录音，语音不能播放") for name in ("how", "why", "end")]
    handed = await house.desk.hand_over(sound(44_100, 1.5), "boss")
    assert handed.seconds == 1.5 and house.desk.prompt(handed.name) is not None
    assert [event.fact for event in house.heard if isinstance(event.fact, PromptHanded)] == [
        PromptHanded(handed.name, 1.5, "boss")
    ]
    spoken = SurveyPaper("新车主", tuple({**node, "prompts": [handed.name]} for node in PAPER.nodes))
    assert (await house.desk.check(spoken, new=False)).unspoken == []
    await house.desk.keep(spoken, "boss", after=1)
    assert await house.faults("survey") == "", "what is checked knows the folder too"
    [listed] = [one for one in await house.desk.all() if one.name == "新车主"]
    assert listed.spoken
    missing = SurveyPaper("新车主", ({**HOW, "prompts": ["nobody_said_it"]}, END))
    [gone, _end] = (await house.desk.check(missing, new=False)).unspoken
    assert gone.zh == "没有录音文件：nobody_said_it"


async def test_a_voice_that_was_started_and_not_stopped_is_not_made_mute(house: House) -> None:
    handed = await house.desk.hand_over(sound(16_000, 1.0), "boss")
    spoken = tuple({**node, "prompts": [handed.name]} for node in PAPER.nodes)
    await house.desk.keep(SurveyPaper("新车主", spoken), "boss", after=0)
    for name in ("春季", "夏季", "秋季"):  # the last one is never started
        await house.campaign(name, {**plan("survey"), "name": name})
    await house.store.log.commit("", CampaignStateChanged("春季", CampaignState.RUNNING))
    mute = SurveyPaper("新车主", (*spoken[:2], {**END, "text": "谢谢，再见。"}))
    for state in (CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.FINISHED):
        await house.store.log.commit("", CampaignStateChanged("夏季", state))
        with pytest.raises(
            LocalProtocolError,
            match=r"任务“夏季”、“春季”用语音问.*录音：end；.* / .*'夏季', '春季', .*recordings of end, .*or stop it",
        ):
            await house.desk.keep(mute, "boss", after=1)
    await house.store.log.commit("", CampaignStateChanged("夏季", CampaignState.STOPPED))
    with pytest.raises(LocalProtocolError, match="任务“春季”用语音问"):
        await house.desk.keep(mute, "boss", after=1)
    await house.store.log.commit("", CampaignStateChanged("春季", CampaignState.STOPPED))
    assert (await house.desk.keep(mute, "boss", after=1)).number == 2


async def test_a_voice_that_is_mute_already_is_mended_step_by_step(house: House) -> None:
    await house.desk.keep(PAPER, "boss", after=0)
    await house.campaign("春季", plan("survey"))
    await house.store.log.commit("", CampaignStateChanged("春季", CampaignState.PAUSED))
    handed = await house.desk.hand_over(sound(16_000, 1.0), "boss")
    first = {**PAPER.nodes[0], "prompts": [handed.name]}
    assert (await house.desk.keep(SurveyPaper("新车主", (first, *PAPER.nodes[1:])), "boss", after=1)).number == 2


@pytest.mark.parametrize("rate_hz", [8000, 22_050, 48_000])
def test_a_recording_is_made_fit_for_the_telephone(tmp_path: Path, rate_hz: int) -> None:
    kept = keep_prompt(sound(rate_hz, 1.0), tmp_path)
    file = tmp_path / f"{kept.name}.wav"
    assert wav_fault(file) == "" and [path.name for path in tmp_path.iterdir()] == [file.name]
    heard, _rate = soundfile.read(file)
    assert abs(np.fft.rfft(heard[:8000])).argmax() == pytest.approx(1000, abs=1)
    assert heard[2000:6000].std() == pytest.approx(0.354, abs=0.01)
    assert keep_prompt(sound(rate_hz, 1.0), tmp_path) == kept, "the same is kept once"


@pytest.mark.parametrize(
    ("handed", "zh"),
    [
        (b"", "文件是空的"),
        (b"RIFF" + bytes(60), "不是能播放的录音"),
        (b"# no sound", "不是能播放的录音"),
        (sound(8000, 0.1), "只能是 0.2 到 60 秒"),
        (sound(8000, 61), "录音有 61.0 秒"),
        (sound(4000, 1), "采样率 4000 Hz"),
        (sound(16_000, 1, 0.001), "录音里没有声音"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, handed: bytes, zh: str) -> None:
    with pytest.raises(ParseError, match=zh):
        keep_prompt(handed, tmp_path)
    assert list(tmp_path.iterdir()) == []


async def test_a_campaign_that_names_no_survey_asks_the_usual_one(house: House) -> None:
    await house.store.campaign_plans.make("夏季", {"trunk": "carrier"}, "boss")
    await house.store.campaign_plans.make("秋季", {"trunk": "carrier", "mode": "preview"}, "boss")
    house.book.kept = {one.name: one for one in await house.store.campaign_plans.all()}
    [listed] = [one for one in await house.desk.all() if one.name == "return_visit"]
    assert [(use.campaign, use.by) for use in listed.used] == [("夏季", "voice")]
