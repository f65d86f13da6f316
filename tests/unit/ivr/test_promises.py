"""Callers who say when they would rather be called: at any menu or question, or by a choice that means a time."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from campaigns.survey import find_survey
from core.errors import ConfigError
from ivr.check import check_promises
from ivr.facts import FlowLeft, InputFailed, MenuChosen
from ivr.flow import FlowResult, ToPromise, ToQueue
from ivr.load import load_flow
from tests.unit.ivr.test_runner import Call

FLOW = """\
start = "ask"
[nodes.ask]
kind = "menu"
prompts = ["menu_main"]
fallback = "sales"
tries = 2
choices.sales = { key = "1", phrases = ["销售"], goto = "sales" }
choices.later = { key = "2", goto = "when" }
call_again = "promised"
[nodes.when]
kind = "menu"
prompts = ["callback_when"]
fallback = "sales"
call_again = "promised"
choices.today = { key = "1", moment = "今天早上", goto = "promised" }
choices.tomorrow = { key = "2", moment = "明天上午", goto = "promised" }
[nodes.promised]
kind = "promise"
campaign = "visits"
same_agent = true
prompts = ["callback_promised"]
[nodes.sales]
kind = "queue"
queue = "sales"
"""
TO = ToPromise("visits", same_agent=True)


@pytest.fixture
def call(tmp_path: Path) -> Call:
    file = tmp_path / "ask.toml"
    file.write_text(FLOW, encoding="utf-8")
    return Call(load_flow(file))  # it is 06:13:20 on a Wednesday in Shanghai


def local(result: FlowResult) -> str:
    assert result.call_at is not None
    return datetime.fromtimestamp(result.call_at, ZoneInfo("Asia/Shanghai")).strftime("%a %H:%M")


async def test_he_says_it_instead_of_an_answer(call: Call) -> None:
    call.ears.says("我在开会，明天下午再打给我吧", at=0.5)
    result = await call.run()
    assert (result.outcome, result.wished, local(result)) == (TO, "我在开会，明天下午再打给我吧", "Thu 15:00")
    assert result.result == "call_again"
    assert call.leg.prompts == ["menu_main", "callback_promised"] and call.leg.cut == ["menu_main"]
    assert call.facts()[1:] == [MenuChosen("ask", "call_again", "speech"), FlowLeft("ask", "promise", "visits")]


async def test_what_is_no_time_means_what_it_did(call: Call) -> None:
    call.ears.says("销售", at=0.5)
    result = await call.run()
    assert (result.outcome, result.call_at) == (ToQueue("sales"), None)


async def test_he_is_asked_and_presses_a_key(call: Call) -> None:
    call.leg.press("2", at=2.5)
    call.leg.press("2", at=5.0)
    result = await call.run()
    assert (result.outcome, result.wished, local(result)) == (TO, "明天上午", "Thu 10:00")
    assert [fact.choice for fact in call.facts() if isinstance(fact, MenuChosen)] == ["later", "tomorrow"]


async def test_he_is_asked_and_says_it(call: Call) -> None:
    call.leg.press("2", at=2.5)
    call.ears.says("下周三下午三点", at=5.0)
    assert local(await call.run()) == "Wed 15:00"


async def test_a_time_that_has_passed_is_asked_for_again(tmp_path: Path) -> None:
    file = tmp_path / "ask.toml"
    file.write_text(FLOW.replace("今天早上", "今天早上六点"), encoding="utf-8")
    late = Call(load_flow(file))
    late.leg.press("2", at=2.5)
    late.leg.press("1", at=5.0)
    late.leg.press("2", at=8.0)
    assert local(await late.run()) == "Thu 10:00"
    assert InputFailed("when", "invalid") in late.facts()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('moment = "明天上午"', 'moment = "改天"', "choices.tomorrow.moment: '改天' is no time"),
        ('moment = "明天上午", ', "", "nodes.promised: callers come here who have not said when"),
        ('fallback = "sales"\ntries', 'fallback = "promised"\ntries', "callers come here who have not said when"),
        ('call_again = "promised"\n[nodes.when]', 'call_again = "promise"\n[nodes.when]', "there is no node 'promise'"),
    ],
)
def test_what_cannot_be_is_named(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in FLOW
    file = tmp_path / "ask.toml"
    file.write_text(FLOW.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_flow(file)
    assert expected in caught.value.problems[0]


def test_the_campaign_of_a_flow_must_be_there(tmp_path: Path) -> None:
    file = tmp_path / "ask.toml"
    file.write_text(FLOW, encoding="utf-8")
    flow = load_flow(file)
    assert check_promises(flow, ["visits"]) == []
    [fault] = check_promises(flow, ["visit"])
    assert "nodes.promised: no campaign 'visits', did you mean visit?" in fault
    file.write_text(FLOW.replace('campaign = "visits"\n', ""), encoding="utf-8")
    [fault] = check_promises(load_flow(file), ["visits"])
    assert "campaign is missing" in fault


def test_a_survey_s_promise_is_of_its_own_campaign(tmp_path: Path) -> None:
    file = tmp_path / "ask.toml"
    question = '[nodes.how]\nkind = "nps"\nprompts = ["survey_nps"]\ngoto = "bye"\nfallback = "bye"\n'
    text = FLOW.replace('queue = "sales"', "").replace('kind = "queue"', 'kind = "hangup"') + question
    text += '[nodes.bye]\nkind = "hangup"\nresult = "call_again"\n'
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        find_survey("ask", {"ask": file})
    assert [problem.partition(": ")[2] for problem in caught.value.problems] == [
        "node promised: the campaign that has called him is to call again; leave campaign out",
        "node bye: call_again is the result of kind promise, and of no other",
    ]
    file.write_text(text.replace('campaign = "visits"\n', "").replace('result = "call_again"', ""), encoding="utf-8")
    assert find_survey("ask", {"ask": file}).questions == ("how",)
