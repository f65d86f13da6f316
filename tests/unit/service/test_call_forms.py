"""Agents put answers down: kept one by one over a real store, changed, led on, told to campaign and tasks."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from campaigns.attempt import Result
from campaigns.facts import AttemptEnded, CampaignStateChanged, ContactPromised, SurveyAnswered
from campaigns.form_facts import AnswerTakenBack, AttemptResulted
from campaigns.ports import Contact, NewContact
from campaigns.rule_facts import NumberBarred
from campaigns.rules.values import Terms
from campaigns.script import Script
from campaigns.survey import Survey, find_survey, load_survey
from core.bus import Bus
from core.clock import VirtualClock
from core.errors import LocalProtocolError, ParseError
from core.events import Event, Fact
from core.ids import CountingEntropy, Ids
from desk.facts import TaskOpened
from ivr.hours_text import parse_hours
from service.call_forms import LATE_S, CallForms
from service.form_results import FormResults
from service.low_scores import LowScores
from store.promising import Way
from store.store import Store
from telephony.facts import CallEnded, CallStarted, TalkStarted

NUMBER = "+8613800138000"
SURVEY = find_survey("return_visit")


WHEN = """
start = "when"
[nodes.when]
kind = "menu"
keep = true
prompts = ["survey_intro"]
fallback = "bye"
[nodes.when.choices.now]
key = "1"
goto = "nps"
[nodes.when.choices.tomorrow]
key = "2"
moment = "明天上午"
goto = "promised"
[nodes.nps]
kind = "nps"
prompts = ["survey_nps"]
fallback = "bye"
goto = "bye"
[nodes.promised]
kind = "promise"
prompts = ["callback_promised"]
[nodes.bye]
kind = "hangup"
prompts = ["survey_end"]
"""


class Campaigns:
    """``spring`` has script and form, ``offers`` a script alone, ``voice`` is no agents' campaign."""

    asked = SURVEY
    calls = Way()

    def filled_in(self) -> frozenset[str]:
        return frozenset({"spring", "offers"})

    def script(self, name: str) -> Script:
        return Script("# 开场\n您好，{name}，您的{车型}怎么样？", "Hello {name}.") if name != "voice" else Script()

    def survey(self, name: str) -> Survey | None:
        return self.asked if name != "offers" else None

    def way(self, name: str) -> Way:
        return self.calls


class World:
    """Agent 101 talks with a contact of ``campaign`` in call c-1."""

    def __init__(self, store: Store, clock: VirtualClock, bus: Bus) -> None:
        self.store, self.clock, self.heard = store, clock, list[Event]()
        bus.subscribe(self.heard.append)
        self.results = FormResults(bus, store.log)
        log = LowScores(store.log, store.desk, lambda name: SURVEY)
        self.campaigns = Campaigns()
        self.forms = CallForms(
            store.call_forms,
            self.campaigns,
            store.calling,
            store.promises,
            log,
            self.results,
            clock,
            ZoneInfo("Asia/Shanghai"),
        )

    async def talk(self, campaign: str = "spring") -> Contact:
        await self.listed(campaign)
        contact = await self.store.contacts.claim(campaign, attempt="a-1", call_id="c-1")
        assert isinstance(contact, Contact)
        await self.call("c-1")
        return contact

    async def listed(self, campaign: str = "spring") -> None:
        await self.store.contacts.add(campaign, [[NewContact(NUMBER, "王先生", 2, {"车型": "轩逸"})]])
        await self.store.log.commit("", CampaignStateChanged(campaign, "running"))

    async def call(self, call_id: str) -> None:
        self.store.log.post(call_id, CallStarted("outbound", "4008001234", NUMBER))
        await self.store.log.commit(call_id, TalkStarted("101", "out"))

    async def over(self, contact: Contact, result: str) -> None:
        await self.store.log.commit("c-1", AttemptEnded("a-1", contact.campaign, contact.id, result))
        await self.store.log.commit("c-1", CallEnded("normal", "customer"))

    async def say(self, question: str, said: str, call_id: str = "c-1") -> str:
        view = await self.forms.answer("101", call_id, question, said, "wang")
        assert view is not None
        return view.result

    def told(self, kind: type[Fact]) -> list[Fact]:
        return [event.fact for event in self.heard if isinstance(event.fact, kind)]

    async def standing(self) -> tuple[str, str]:
        await self.store.log.flush()
        (row,) = await self.store.campaigns.results("spring")
        return row.state, row.result


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    clock, bus = VirtualClock(), Bus()
    store = await Store.open(f"sqlite:///{tmp_path / 'line400.db'}", clock, Ids(clock, CountingEntropy()), bus)
    async with store:
        yield World(store, clock, bus)


async def test_script_and_questions_then_each_answer_is_kept(world: World) -> None:
    contact = await world.talk()
    view = await world.forms.of("c-1")
    assert view is not None
    assert [(part.kind, part.text) for part in view.script] == [
        ("heading", "开场"), ("paragraph", "您好，王先生，您的轩逸怎么样？")
    ]  # fmt: skip
    assert [part.text for part in view.script_en] == ["Hello 王先生."]
    assert [(it.name, it.kind, it.needed, it.answered) for it in view.questions][1:3] == [
        ("quality", "scale", True, False), ("nps", "nps", True, False)
    ]  # fmt: skip
    assert [(it.value, it.bars) for it in view.questions[0].options] == [("yes", False), ("no", False), ("never", True)]
    assert (view.agents, view.until, view.result, view.missing) == (["101"], None, "", ["quality", "nps"])
    assert await world.say("quality", "4") == "partial"
    assert world.results.of("a-1") is Result.PARTIAL
    assert await world.say("nps", "9") == "completed"
    assert world.results.of("a-1") is Result.COMPLETED
    assert await world.say("reason", "服务热情") == "completed"
    facts = world.told(SurveyAnswered)
    assert facts[0] == SurveyAnswered("spring", contact.id, "a-1", "quality", "4", "agent", form=SURVEY.version)
    assert [(it.question, it.text) for it in facts if isinstance(it, SurveyAnswered)][2] == ("reason", "服务热情")
    again = await world.forms.of("c-1")
    assert again is not None and [it.value or it.text for it in again.questions] == ["", "4", "9", "服务热情"]
    await world.say("nps", "9")
    assert len(world.told(SurveyAnswered)) == 3, "the same answer is no other"


async def test_another_answer_leads_another_way(world: World) -> None:
    await world.talk()
    for question, said in (("quality", "4"), ("nps", "3"), ("reason_of_low", "等太久")):
        await world.say(question, said)
    assert [(it.kind, it.detail) for it in world.told(TaskOpened) if isinstance(it, TaskOpened)] == [
        ("low_survey", "nps 3/10")
    ]  # fmt: skip
    again = LowScores(world.store.log, world.store.desk, lambda name: SURVEY)
    renewed = CallForms(  # the service was started again
        world.store.call_forms, world.campaigns, world.store.calling, world.store.promises, again,
        world.results, world.clock, ZoneInfo("Asia/Shanghai"),
    )  # fmt: skip
    await renewed.answer("101", "c-1", "nps", "2", "wang")
    assert len(world.told(TaskOpened)) == 1
    await world.say("nps", "9")
    assert [it.question for it in world.told(AnswerTakenBack) if isinstance(it, AnswerTakenBack)] == ["reason_of_low"]
    view = await world.forms.of("c-1")
    assert view is not None and [it.name for it in view.questions] == ["may_i", "quality", "nps", "reason"]
    taken = await world.forms.take_back("101", "c-1", "nps")
    assert taken is not None and (taken.missing, taken.result) == (["nps"], "partial")
    await world.forms.take_back("101", "c-1", "nps")
    assert len(world.told(AnswerTakenBack)) == 2, "what has no answer is not taken back"
    assert world.results.of("a-1") is Result.PARTIAL


@pytest.mark.parametrize(
    ("question", "said", "where"),
    [
        ("nps", "11", "answer"),
        ("quality", "很好", "answer"),
        ("reason_of_low", "慢", "question"),
        ("x", "1", "question"),
    ],
)
async def test_what_is_no_answer_is_named(world: World, question: str, said: str, where: str) -> None:
    await world.talk()
    with pytest.raises(ParseError) as error:
        await world.say(question, said)
    assert error.value.where == where
    assert world.told(SurveyAnswered) == []


async def test_never_call_again_bars_the_number_once(world: World) -> None:
    await world.talk()
    assert await world.say("may_i", "never") == "refused"
    (barred,) = world.told(NumberBarred)
    assert isinstance(barred, NumberBarred)
    assert (barred.campaign, barred.contact) == ("spring", 1)
    assert (barred.number, barred.kind, barred.how, barred.by) == (NUMBER, "refused", "agent", "wang")
    await world.say("may_i", "yes")
    await world.say("may_i", "never")
    assert len(world.told(NumberBarred)) == 1


async def test_who_is_to_be_called_at_a_time_is_promised_that(world: World, tmp_path: Path) -> None:
    path = tmp_path / "when.toml"
    path.write_text(WHEN, encoding="utf-8")
    world.campaigns.asked = load_survey(path)
    contact = await world.talk()
    world.clock.advance(20)
    view = await world.forms.of("c-1")
    assert view is not None
    assert [(it.value, it.promises) for it in view.questions[0].options] == [("now", False), ("tomorrow", True)]
    world.campaigns.calls = Way(Terms(hours=parse_hours(["daily 14:00-20:00"], holidays="")))
    view = await world.forms.answer("101", "c-1", "when", "tomorrow", "wang")
    assert view is not None and view.result == "postponed" and view.promised is not None
    told = view.promised
    assert (told.first_at - told.call_at, told.rule) == (4 * 3600, "list_hours"), "the agent is told at once"
    again = await world.forms.answer("101", "c-1", "when", "tomorrow", "wang")
    assert again is not None and (again.result, again.promised) == ("postponed", None)
    (promise,) = world.told(ContactPromised)
    assert isinstance(promise, ContactPromised)
    assert (promise.agent, promise.by, promise.note) == ("101", "wang", "明天上午")
    at = datetime.fromtimestamp(promise.call_at, ZoneInfo("Asia/Shanghai"))
    assert (at.hour, promise.call_at > world.clock.now(), told.call_at) == (10, True, promise.call_at)
    await world.over(contact, world.results.of("a-1").value)
    assert await world.standing() == ("pending", "")


async def test_who_has_refused_calls_is_promised_none_and_the_answer_is_not_taken(world: World, tmp_path: Path) -> None:
    path = tmp_path / "when.toml"
    path.write_text(WHEN, encoding="utf-8")
    world.campaigns.asked = load_survey(path)
    await world.talk()
    await world.store.calling.bar([NUMBER], "refused", "key", "")
    with pytest.raises(LocalProtocolError, match="客户已拒绝来电"):
        await world.say("when", "tomorrow")
    view = await world.forms.of("c-1")
    assert view is not None and not view.questions[0].answered
    assert not world.told(ContactPromised)


async def test_in_the_wrap_up_it_still_counts(world: World) -> None:
    contact = await world.talk()
    await world.say("quality", "4")
    await world.over(contact, "partial")
    assert await world.standing() == ("done", "partial")
    world.clock.advance(LATE_S - 1)
    assert await world.say("nps", "9") == "completed"
    assert await world.standing() == ("done", "completed")
    await world.forms.take_back("101", "c-1", "nps")
    assert await world.standing() == ("done", "completed"), "what was finished is not unfinished again"
    world.clock.advance(2)
    with pytest.raises(LocalProtocolError, match="over long ago"):
        await world.say("nps", "8")


async def test_finished_between_the_end_of_the_talk_and_of_the_attempt(world: World) -> None:
    contact = await world.talk()
    await world.say("quality", "4")
    heard = world.results.of("a-1")  # the talk has ended here
    await world.say("nps", "9")
    await world.over(contact, heard.value)
    assert await world.standing() == ("done", "completed")
    (late,) = [it for it in world.told(AttemptResulted) if isinstance(it, AttemptResulted) and it.late]
    assert isinstance(late, AttemptResulted) and (late.result, late.agent) == ("completed", "101")


async def test_by_hand_only_a_finished_form_ends_it(world: World) -> None:
    await world.listed()
    await world.call("c-9")
    view = await world.forms.of("c-9")
    assert view is not None and view.by_hand
    await world.say("quality", "5", "c-9")
    assert await world.standing() == ("pending", "")
    await world.say("nps", "10", "c-9")
    assert await world.standing() == ("done", "completed")


async def test_calls_without_a_form(world: World) -> None:
    assert await world.forms.of("c-none") is None
    with pytest.raises(LocalProtocolError, match="no form"):
        await world.say("nps", "9", "c-none")
    await world.talk("offers")
    view = await world.forms.of("c-1")
    assert view is not None and (view.questions, view.missing, view.survey) == ([], [], "")
    with pytest.raises(LocalProtocolError, match="no form"):
        await world.say("nps", "9")


async def test_a_campaign_of_voices_has_none(world: World) -> None:
    await world.talk("voice")
    assert await world.forms.of("c-1") is None
