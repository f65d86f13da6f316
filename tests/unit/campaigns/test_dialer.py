"""Campaigns from the first dial to the last, on virtual time. Each prompt lasts two seconds, ringing three."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from asr.progress.verdict import What
from campaigns.attempt import Announced
from campaigns.dialer import Dialer
from campaigns.facts import AttemptEnded, AttemptStarted, CampaignStateChanged, ContactPromised, SurveyAnswered
from campaigns.gate import CampaignState, Plan
from campaigns.pauses import BROKEN, trunk_failed
from campaigns.ports import Contact, Counts, NotYet
from campaigns.retry import RetryPlan
from campaigns.rooms import Rooms
from campaigns.rule_facts import NumberBarred
from campaigns.rules.values import Purpose, Rules
from campaigns.survey import SHIPPED, Survey, find_survey
from campaigns.survey_talk import SurveyTalk
from core.bus import MemoryLog
from core.errors import CallRejected, NotAllowed, TransactionTimeout, Unavailable
from core.ids import CountingEntropy, Ids
from ivr.hours_text import parse_hours
from ivr.prompts import Prompts
from telephony.facts import CallAnswered, CallEnded, CallStarted
from telephony.ports import EndReason, Leg
from tests.unit.campaigns.doubles import FakeNetwork, MemoryContacts, answers_all, busy, trunk_down
from tests.unit.ivr.doubles import FakeLeg, Timeline

SURVEY = find_survey("return_visit")
PROMPTS = Prompts()
SHANGHAI = ZoneInfo("Asia/Shanghai")
PLAN = Plan("visits", "carrier", "02155550100", concurrency=2)
NUMBERS = [f"+86138001380{index:02}" for index in range(20)]


class Hearer:
    """Hears before the answer, or after it, what the test says of a call; by the order of the calls."""

    def __init__(self, *heard: tuple[str, What]) -> None:
        self._heard = list(heard)
        self._after: dict[str, What] = {}

    async def reach(self, dialling: Awaitable[Leg], call_id: str) -> Leg:
        when, what = self._heard.pop(0)
        if when == "before":
            call = asyncio.ensure_future(dialling)
            await asyncio.sleep(0)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            raise Announced(what)
        self._after[call_id] = what
        return await dialling

    async def answered_by(self, leg: Leg) -> What:
        return self._after[leg.call_id]


class House:
    """A dialer with everything around it."""

    def __init__(
        self,
        plan: Plan = PLAN,
        *,
        contacts: int = 4,
        survey: Survey = SURVEY,
        start: float = 1.7e9,
        listener: "Hearer | None" = None,
    ) -> None:
        self.time = Timeline(start)
        self.log = MemoryLog(self.time.clock)
        self.contacts = MemoryContacts(self.log, self.time)
        self.contacts.fill(plan.name, NUMBERS[:contacts])
        self.network = FakeNetwork(self.time, self.log, answers_all)
        self.recorded: list[str] = []
        rooms = Rooms(
            outside=self.network,
            store=self.contacts,
            log=self.log,
            clock=self.time.clock,
            ids=Ids(self.time.clock, CountingEntropy()),
            prompts=PROMPTS,
            ears=None,
            hours={},
            listener=listener,
            rules=lambda: self.rules,
        )
        self.rules = Rules()
        talk = SurveyTalk(survey, rooms, around=self._around, sleep=self.time.sleep)
        self.dialer = Dialer(plan, talk, rooms, sleep=self.time.sleep)

    @contextlib.asynccontextmanager
    async def _around(self, leg: Leg, contact: Contact) -> AsyncIterator[None]:
        self.recorded.append(f"start {contact.id}")
        try:
            yield
        finally:
            self.recorded.append(f"stop {contact.id}")

    def run(self) -> Coroutine[object, object, CampaignState]:
        return self.time.run(self.dialer.run())

    def results(self) -> list[str]:
        return [self.contacts.results.get(index + 1, "") for index in range(len(self.contacts.states))]

    def attempts_per_contact(self) -> dict[int, int]:
        counted: dict[int, int] = {}
        for event in self.log.events:
            if isinstance(event.fact, AttemptStarted):
                counted[event.fact.contact] = counted.get(event.fact.contact, 0) + 1
        return counted

    def dialled(self) -> list[str]:
        return [number for _, number in self.network.dialled]


async def test_a_list_is_worked_through_within_the_limit() -> None:
    house = House(contacts=7)
    assert await house.run() is CampaignState.FINISHED
    assert house.results() == ["completed"] * 7
    assert house.dialled() == NUMBERS[:7]
    assert house.network.most_up == 2
    assert house.network.up == 0
    assert await house.contacts.counts("visits") == Counts(0, 0, 7)
    assert house.recorded.count("start 3") == house.recorded.count("stop 3") == 1
    states = [fact.state for fact in house.log.facts(CampaignStateChanged)]
    assert states == ["running", "finished"]
    one = [event.fact for event in house.log.events if event.call_id == house.network.legs[0].call_id]
    assert isinstance(one[0], AttemptStarted)
    assert one[1] == CallStarted("outbound", "02155550100", NUMBERS[0], "carrier")
    assert CallAnswered() in one
    answers = [(fact.question, fact.value) for fact in one if isinstance(fact, SurveyAnswered)]
    assert answers == [("may_i", "yes"), ("quality", "5"), ("nps", "10")]
    assert one[-2] == CallEnded("normal", "system")
    assert isinstance(one[-1], AttemptEnded)


async def test_hang_up_in_the_middle_keeps_what_was_answered() -> None:
    house = House(contacts=4)

    def after_quality(leg: FakeLeg, at: float) -> None:
        leg.press("1", at=at + 2.1)
        leg.press("2", at=at + 4.2)
        leg.leaves(at=at + 5.0)

    def at_once(leg: FakeLeg, at: float) -> None:
        leg.leaves(at=at + 1.0)

    def after_consent(leg: FakeLeg, at: float) -> None:
        leg.press("1", at=at + 2.1)
        leg.leaves(at=at + 3.0)

    def during_goodbye(leg: FakeLeg, at: float) -> None:
        answers_all(leg, at)
        leg.leaves(at=at + 6.8)

    for number, person in zip(NUMBERS, (after_quality, at_once, after_consent, during_goodbye), strict=False):
        house.network.people[number] = person
    await house.run()
    assert house.results() == ["partial", "hung_up", "hung_up", "completed"]
    kept = [(fact.contact, fact.question, fact.value) for fact in house.log.facts(SurveyAnswered)]
    assert (1, "quality", "2") in kept
    assert {fact.by for fact in house.log.facts(CallEnded)} == {"customer"}
    assert house.network.up == 0
    assert sorted(house.recorded) == sorted(
        f"{word} {contact}" for word in ("start", "stop") for contact in (1, 2, 3, 4)
    )


async def test_each_way_of_not_reaching_someone_has_its_result() -> None:
    refusals: list[tuple[Exception, str, int]] = [
        (busy(), "busy", 486),
        (TransactionTimeout("rang in vain"), "no_answer", 0),
        (CallRejected(480, cause=20), "unreachable", 480),
        (CallRejected(603), "refused", 603),
        (CallRejected(404, "Not Found", cause=1), "empty_number", 404),
        (CallRejected(404, "Not Found"), "failed", 404),
        (CallRejected(500, cause=17), "busy", 500),  # the cause knows better than the status
        (CallRejected(488), "failed", 488),
    ]
    house = House(contacts=len(refusals))
    for number, (error, _, _) in zip(NUMBERS, refusals, strict=False):
        house.network.people[number] = error
    assert await house.run() is CampaignState.FINISHED
    ended = {fact.contact: (fact.result, fact.status) for fact in house.log.facts(AttemptEnded)}
    assert [ended[index + 1] for index in range(len(refusals))] == [(result, status) for _, result, status in refusals]
    assert set(house.attempts_per_contact().values()) == {1}
    assert len(house.log.facts(CallEnded)) == len(refusals)
    assert not house.log.facts(CallAnswered)


async def test_a_media_worker_that_dies_is_not_the_contact_hanging_up() -> None:
    house = House(contacts=2)

    def audio_is_lost(leg: FakeLeg, at: float) -> None:
        leg.press("1", at=at + 2.1)
        house.time.call_at(at + 3.0, lambda: leg.ends(EndReason.MEDIA_LOST))

    async def no_audio(*_: object, **__: object) -> bool:
        raise Unavailable("media worker 1 has died")

    house.network.people[NUMBERS[0]] = audio_is_lost
    house.network.people[NUMBERS[1]] = lambda leg, at: setattr(leg, "play", no_audio)
    assert await house.run() is CampaignState.FINISHED
    assert house.results() == ["interrupted", "interrupted"]
    assert [fact.state for fact in house.log.facts(CampaignStateChanged)] == ["running", "finished"]


async def test_what_is_heard_ends_the_attempt_or_lets_the_person_talk() -> None:
    heard = (
        ("before", What.POWERED_OFF), ("before", What.EMPTY_NUMBER), ("after", What.VOICEMAIL), ("after", What.BEEP),
        ("after", What.ASSISTANT), ("after", What.FAX), ("after", What.PERSON), ("before", What.BUSY),
    )  # fmt: skip
    house = House(replace(PLAN, concurrency=1), contacts=len(heard), listener=Hearer(*heard))
    await house.run()
    assert house.results() == [
        "powered_off", "empty_number", "voicemail", "voicemail", "assistant", "fax", "completed", "busy",
    ]  # fmt: skip
    assert house.network.up == 0
    assert house.recorded == ["start 7", "stop 7"]  # only a person is talked to
    assert [fact.reason for fact in house.log.facts(CallEnded)] == [
        "unavailable", "not_found", "normal", "normal", "normal", "normal", "normal", "busy",
    ]  # fmt: skip
    assert len(house.log.facts(CallAnswered)) == 5
    assert max(house.attempts_per_contact().values()) == 1


async def test_declined_and_silent_people() -> None:
    house = House(contacts=2)
    house.network.people[NUMBERS[0]] = lambda leg, at: leg.press("2", at=at + 2.1)
    house.network.people[NUMBERS[1]] = lambda leg, at: None
    await house.run()
    assert house.results() == ["refused", "no_reply"]


async def test_pause_stops_new_dials_at_once_and_leaves_calls_alone() -> None:
    house = House(contacts=5)
    task = asyncio.ensure_future(house.time.run(house.dialer.run()))
    house.time.call_at(1.0, house.dialer.pause)  # two are ringing
    house.time.call_at(100.0, house.dialer.resume)
    assert await task is CampaignState.FINISHED
    at = [moment for moment, _ in house.network.dialled]
    assert at[:2] == [0.0, 0.0]
    assert min(at[2:]) == 100.0
    assert house.results() == ["completed"] * 5
    assert [fact.state for fact in house.log.facts(CampaignStateChanged)] == [
        "running",
        "paused",
        "running",
        "finished",
    ]


async def test_pause_while_a_claim_is_written_gives_the_contact_back() -> None:
    house = House(contacts=1)
    house.contacts.claim_s = 0.5
    task = asyncio.ensure_future(house.time.run(house.dialer.run()))
    house.time.call_at(0.2, house.dialer.pause)
    house.time.call_at(50.0, house.dialer.resume)
    assert await task is CampaignState.FINISHED
    assert [fact.result for fact in house.log.facts(AttemptEnded)] == ["withdrawn", "completed"]
    assert [moment for moment, _ in house.network.dialled] == [50.5]


async def test_pause_while_the_store_says_that_nothing_is_left() -> None:
    house = House(contacts=0)
    house.contacts.claim_s = 0.5
    task = asyncio.ensure_future(house.time.run(house.dialer.run()))
    house.time.call_at(0.2, house.dialer.pause)
    house.time.call_at(1.0, lambda: house.contacts.fill("visits", NUMBERS[:1]))
    house.time.call_at(2.0, house.dialer.resume)
    assert await task is CampaignState.FINISHED
    assert house.results() == ["completed"]


async def test_stop_lets_calls_end_and_leaves_the_rest() -> None:
    house = House(contacts=5)
    task = asyncio.ensure_future(house.time.run(house.dialer.run()))
    house.time.call_at(4.0, house.dialer.stop)
    assert await task is CampaignState.STOPPED
    assert house.results() == ["completed", "completed", "", "", ""]
    assert await house.contacts.counts("visits") == Counts(3, 0, 2)
    house.dialer.resume()  # over is over
    assert house.dialer.state is CampaignState.STOPPED


async def test_stop_with_hang_up_ends_ringing_and_talking_at_once() -> None:
    house = House(contacts=5)
    house.network.people[NUMBERS[1]] = TransactionTimeout("rings long")
    task = asyncio.ensure_future(house.time.run(house.dialer.run()))
    house.time.call_at(5.2, lambda: house.dialer.stop(hang_up=True))
    assert await task is CampaignState.STOPPED
    assert house.time.at < 6.0
    assert house.results() == ["interrupted", "interrupted", "", "", ""]
    assert house.network.up == 0
    assert house.network.legs[0].hang_ups == 1
    assert [(fact.contact, fact.question) for fact in house.log.facts(SurveyAnswered)] == [(1, "may_i")]


async def test_cancelled_run_leaves_no_call_and_stays_running_for_the_next_start() -> None:
    house = House(contacts=5)
    run = asyncio.ensure_future(house.dialer.run())
    await house.time.settle()
    while house.time.at < 4.0:
        await house.time.step()
    run.cancel()
    await house.time.settle()
    assert run.cancelled()
    assert house.network.up == 0
    assert house.results()[:2] == ["interrupted", "interrupted"]
    assert await house.contacts.running() == ["visits"]
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize("passing", [False, True])
async def test_a_number_that_may_not_be_called_fails_and_a_cap_holds_the_list(passing: bool) -> None:
    house = House(contacts=20)
    for number in NUMBERS:
        house.network.people[number] = NotAllowed("too dear", passing=passing)
    if passing:
        task = asyncio.ensure_future(house.time.run(house.dialer.run()))
        house.time.call_at(10_000.0, house.dialer.stop)
        assert await task is CampaignState.STOPPED
        assert house.results().count("failed") == 5
    else:
        assert await house.run() is CampaignState.FINISHED
        assert house.results().count("failed") == 20
    ended = house.log.facts(CallEnded)
    assert {fact.reason for fact in ended} == {"unavailable"}  # type: ignore[attr-defined]


async def test_a_dead_trunk_does_not_use_up_the_list() -> None:
    house = House(contacts=20)
    for number in NUMBERS:
        house.network.people[number] = trunk_down()
    task = asyncio.ensure_future(house.time.run(house.dialer.run()))

    def mend() -> None:
        house.network.people.clear()
        house.dialer.resume()

    house.time.call_at(10_000.0, mend)
    assert await task is CampaignState.FINISHED
    results = house.results()
    assert results.count("failed") == 5
    assert results.count("completed") == 15
    at = [moment for moment, _ in house.network.dialled]
    assert at[:5] == [0.0, 0.0, 10.2, 30.4, 70.6]  # two at a time, then one, waiting twice as long after each fault
    assert min(at[5:]) >= 10_000.0
    paused = [fact.why for fact in house.log.facts(CampaignStateChanged) if fact.state == "paused"]
    assert paused == [trunk_failed("carrier", 5)]
    assert (
        paused[0].startswith("线路“carrier”连续 5 次失败") and " / trunk carrier failed 5 times in a row" in paused[0]
    )
    assert set(house.attempts_per_contact().values()) == {1}


async def test_one_fault_of_the_trunk_is_forgotten_after_a_good_call() -> None:
    house = House(contacts=4)
    house.network.people[NUMBERS[0]] = CallRejected(503, "Service Unavailable")
    assert await house.run() is CampaignState.FINISHED
    assert house.results() == ["failed", "completed", "completed", "completed"]


async def test_calls_only_within_hours() -> None:
    hours = parse_hours(["daily 09:00-12:00 13:30-20:00"], holidays="")
    noon = 1_700_020_800.0  # 12:00 in Shanghai
    plan = replace(PLAN, hours=hours, concurrency=1)
    house = House(plan, contacts=2, start=noon - 5)
    assert await house.run() is CampaignState.FINISHED
    at = [moment for moment, _ in house.network.dialled]
    assert at == [0.0, 5400.0 + 5]  # the second after lunch


async def test_while_nobody_may_be_called_it_looks_once_a_minute_and_no_sooner() -> None:
    house = House(contacts=1)
    start = house.time.clock.now()
    house.contacts.not_yet = NotYet(start + 150.0)
    task = asyncio.ensure_future(house.time.run(house.dialer.run()))
    house.time.call_at(149.0, lambda: setattr(house.contacts, "not_yet", None))
    assert await task is CampaignState.FINISHED
    assert [moment for moment, _ in house.network.dialled] == [150.0]
    assert len(house.contacts.terms) == 6, "at 0, 60, 120 s; at 150 s the contact and nobody more; when he had hung up"


async def test_who_has_just_come_in_is_called_at_once() -> None:
    house = House(contacts=1)
    house.contacts.not_yet = NotYet(house.time.clock.now() + 600.0)

    def came() -> None:
        house.contacts.not_yet = None
        house.dialer.look()

    house.time.call_at(14.0, came)
    assert await house.run() is CampaignState.FINISHED
    assert [moment for moment, _ in house.network.dialled] == [14.0]


async def test_contacts_are_asked_for_by_the_rules_that_hold_at_the_moment() -> None:
    plan = replace(PLAN, purpose=Purpose.PROMOTION, concurrency=1)
    house = House(plan, contacts=2)
    house.rules = Rules(a_day=2)
    house.time.call_at(1.0, lambda: setattr(house, "rules", Rules(a_day=5)))
    await house.run()
    asked = [(terms.purpose, terms.caller_id, terms.rules.a_day) for terms in house.contacts.terms]
    assert asked[:2] == [("promotion", "02155550100", 2), ("promotion", "02155550100", 5)]


async def test_do_not_call_me_again_bars_the_number() -> None:
    house = House(contacts=2)
    house.network.people[NUMBERS[0]] = lambda leg, at: leg.press("9", at=at + 2.1)
    await house.run()
    assert house.results() == ["refused", "completed"]
    [bar] = house.log.facts(NumberBarred)
    assert bar == NumberBarred(NUMBERS[0], "refused", "key", campaign="visits", contact=1)


async def test_who_says_when_he_would_rather_be_called_is_promised_that(tmp_path: Path) -> None:
    text = (SHIPPED / "return_visit.toml").read_text(encoding="utf-8")
    later = '[nodes.may_i.choices.later]\nkey = "3"\nmoment = "明天上午"\ngoto = "promised"\n'
    file = tmp_path / "visit.toml"
    file.write_text(text.replace("[nodes.may_i.choices.no]", f"{later}[nodes.may_i.choices.no]"), encoding="utf-8")
    house = House(contacts=2, survey=find_survey("visit", {"visit": file}))
    house.network.people[NUMBERS[0]] = lambda leg, at: leg.press("3", at=at + 2.1)
    await house.run()
    assert house.results() == ["postponed", "completed"]
    [promise] = house.log.facts(ContactPromised)
    began = datetime.fromtimestamp(house.time.start, SHANGHAI)
    ten = began.replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(1)
    assert promise == ContactPromised("visits", 1, ten.timestamp(), note="明天上午")
    ended = next(fact for fact in house.log.facts(AttemptEnded) if fact.contact == 1)
    assert ended.again_at is None, "the promise says when"


async def test_who_was_busy_is_dialled_again_and_the_list_is_not_finished_before() -> None:
    house = House(replace(PLAN, retry=RetryPlan(attempts=2)), contacts=2)
    house.network.people[NUMBERS[0]] = busy()
    assert await house.run() is CampaignState.FINISHED
    assert [at for at, number in house.network.dialled if number == NUMBERS[0]] == [0.0, 600.2]
    assert house.results() == ["busy", "completed"]
    ended = [(fact.result, fact.again_at) for fact in house.log.facts(AttemptEnded) if fact.contact == 1]
    assert ended == [("busy", 1.7e9 + 600.2), ("busy", None)]


async def test_nothing_to_do_is_finished() -> None:
    house = House(contacts=0)
    assert await house.run() is CampaignState.FINISHED
    assert house.network.dialled == []


async def test_a_fault_of_ours_pauses_the_campaign_instead_of_burning_the_list(
    caplog: pytest.LogCaptureFixture,
) -> None:
    house = House(replace(PLAN, concurrency=1), contacts=5)

    def breaks(leg: FakeLeg, at: float) -> None:
        raise KeyError("a fault in our own code")

    house.network.people[NUMBERS[1]] = breaks
    task = asyncio.ensure_future(house.time.run(house.dialer.run()))
    house.time.call_at(500.0, house.dialer.stop)
    await task
    assert house.results() == ["completed", "interrupted", "", "", ""]
    assert "broke off" in caplog.text
    assert NUMBERS[1] not in caplog.text
    changed = [(fact.state, fact.why) for fact in house.log.facts(CampaignStateChanged)]
    assert changed == [("running", ""), ("paused", BROKEN), ("stopped", "")]
