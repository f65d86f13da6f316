"""Campaigns of the house: started, paused, resumed, taken up after a restart, recorded where wanted."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from campaigns.facts import CampaignStateChanged
from campaigns.gate import Plan
from campaigns.pauses import GONE
from campaigns.ports import Contact, Counts, NotYet
from campaigns.rooms import Rooms
from campaigns.rules.values import Rules
from campaigns.survey import find_survey
from core.bus import MemoryLog
from core.errors import LocalProtocolError, Unavailable
from core.ids import CountingEntropy, Ids
from ivr.prompts import Prompts
from service.campaign_setups import CampaignSetup
from service.outbound import Outbound
from service.rule_book import RuleBook
from service.supervisor import Supervisor
from tests.unit.campaigns.doubles import FakeNetwork, MemoryContacts, busy
from tests.unit.ivr.doubles import FakeLeg, Timeline

SURVEY, ANOTHER = find_survey("return_visit"), find_survey("after_sale")
NUMBERS = [f"+86138001380{index:02}" for index in range(4)]


class Tape:
    """A recorder that notes what it records; ``broken``: it cannot."""

    def __init__(self) -> None:
        self.broken = False
        self.done: list[str] = []

    async def start(self, call_id: str, left: str, right: str, *, roles: tuple[str, str]) -> object:
        if self.broken:
            raise Unavailable("disk full")
        assert (right, roles) == ("", ("customer", "system"))
        self.done.append("start")
        return type("Recording", (), {"id": "r1"})

    async def finish(self, call_id: str, recording: object) -> float:
        self.done.append("finish")
        return 1.0


class House:
    """Two campaigns: ``visits`` is recorded, ``other`` is not."""

    def __init__(self) -> None:
        self.time = Timeline()
        self.log = MemoryLog(self.time.clock)
        self.contacts = MemoryContacts(self.log, self.time)
        self.network = FakeNetwork(self.time, self.log, self._leaves)
        self.tape = Tape()
        self.tasks = Supervisor()
        rooms = Rooms(
            outside=self.network,
            store=self.contacts,
            log=self.log,
            clock=self.time.clock,
            ids=Ids(self.time.clock, CountingEntropy()),
            prompts=Prompts(),
            ears=None,
            hours={},
        )
        self.setups = {
            name: CampaignSetup(Plan(name, "carrier", "4008001234", concurrency=1), SURVEY, record=name == "visits")
            for name in ("visits", "other")
        }
        self.outbound = Outbound(self.setups, rooms, self.tape, self.tasks)

    def _leaves(self, leg: FakeLeg, at: float) -> None:
        """Answers, listens for a moment and puts down."""
        self.time.call_at(at + 1.0, leg.hung_up_by_far_end)

    async def until(self, name: str, state: str) -> None:
        while self.outbound.state(name) != state:
            await self.time.settle()
            assert await self.time.step(), f"{name} never becomes {state}"


@pytest.fixture
async def house() -> House:
    return House()


async def test_a_list_is_called_to_its_end_and_recorded(house: House) -> None:
    house.contacts.fill("visits", NUMBERS[:2])
    assert house.outbound.state("visits") == ""
    await house.outbound.start("visits")
    await house.until("visits", "finished")
    await house.time.settle()
    assert [number for _, number in house.network.dialled] == NUMBERS[:2]
    assert house.tape.done == ["start", "finish"] * 2
    with pytest.raises(LocalProtocolError, match="no contact left"):
        await house.outbound.start("visits")
    house.contacts.fill("visits", NUMBERS[2:3])
    await house.outbound.start("visits")
    await house.until("visits", "finished")
    assert len(house.network.dialled) == 3, "a list that grew is gone on with"
    assert house.tasks.crashes == 0


@pytest.mark.parametrize(("campaign", "broken"), [("other", False), ("visits", True)])
async def test_without_a_recording_calls_go_on(house: House, campaign: str, broken: bool) -> None:
    house.tape.broken = broken
    house.contacts.fill(campaign, NUMBERS[:1])
    await house.outbound.start(campaign)
    await house.until(campaign, "finished")
    assert house.tape.done == []
    assert house.contacts.results == {1: "hung_up"}


async def test_two_orders_at_once_make_one_dialer(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(_campaign: str) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(house.contacts, "look_again", slow)
    house.contacts.fill("other", NUMBERS)
    await asyncio.gather(house.outbound.start("other"), house.outbound.start("other"))
    await house.time.settle()
    assert len(house.network.dialled) == 1, "it has one line"
    await house.until("other", "finished")
    assert len(house.network.dialled) == len(NUMBERS)


async def test_pause_and_resume(house: House) -> None:
    house.contacts.fill("other", NUMBERS)
    house.network.people = {number: busy() for number in NUMBERS}
    with pytest.raises(LocalProtocolError, match="not running"):
        house.outbound.pause("other")
    await house.outbound.start("other")
    while len(house.network.dialled) < 2:
        await house.time.settle()
        await house.time.step()
    house.outbound.pause("other")
    with pytest.raises(LocalProtocolError, match="not running"):
        house.outbound.pause("other")
    assert house.outbound.state("other") == "paused"
    while await house.time.step():
        pass
    assert len(house.network.dialled) == 2
    await house.outbound.start("other")
    await house.until("other", "finished")
    assert len(house.network.dialled) == 4


async def test_a_changed_survey_is_asked_from_the_next_start_on(house: House) -> None:
    house.contacts.fill("other", NUMBERS)
    house.network.people = {NUMBERS[1]: busy()}
    await house.outbound.start("other")
    while len(house.network.dialled) < 1:
        await house.time.settle()
        await house.time.step()
    changed = {name: replace(setup, survey=ANOTHER) for name, setup in house.setups.items()}
    house.outbound.change(changed, {})
    assert house.outbound.survey("other") == SURVEY, "as its calls are asked"
    assert house.outbound.survey("visits") == ANOTHER, "it was not started"
    house.outbound.pause("other")
    await house.outbound.start("other")
    assert house.outbound.survey("other") == SURVEY, "a call is up"
    house.outbound.pause("other")
    while await house.time.step():
        pass
    await house.outbound.start("other")
    assert house.outbound.survey("other") == ANOTHER
    await house.until("other", "finished")
    assert [number for _, number in house.network.dialled] == NUMBERS
    assert house.outbound.survey("other") == ANOTHER and house.tasks.crashes == 0


async def test_what_cannot_be_started_says_why(house: House) -> None:
    with pytest.raises(LocalProtocolError, match="no campaign is named 'third'"):
        await house.outbound.start("third")
    with pytest.raises(LocalProtocolError, match="import a list first"):
        await house.outbound.start("visits")


async def test_after_a_restart_what_ran_goes_on(house: House) -> None:
    house.contacts.fill("visits", NUMBERS[:1])
    states = (("visits", "running"), ("other", "paused"), ("gone", "running"), ("over", "finished"))
    for name, state in states:
        house.log.post("", CampaignStateChanged(name, state))
    await house.outbound.take_up()
    await house.until("visits", "finished")
    assert [house.outbound.state(name) for name in ("other", "gone", "over")] == ["", "", "finished"]
    assert CampaignStateChanged("gone", "paused", GONE) in house.log.facts(CampaignStateChanged)
    await asyncio.sleep(0)


async def test_what_cannot_call_is_known_and_waits(house: House) -> None:
    house.contacts.fill("other", NUMBERS[:1])
    await house.outbound.start("other")
    await house.until("other", "finished")
    cannot = {**house.setups, "other": replace(house.setups["other"], cannot="没有录音 / not recorded")}
    house.outbound.change(cannot, {})
    assert house.outbound.plan("other") and "other" in house.outbound.names and not house.outbound.able("other")
    with pytest.raises(LocalProtocolError, match="没有录音"):
        await house.outbound.start("other")
    await house.outbound.go_on("other")
    assert house.outbound.state("other") == "finished", "neither an order nor nobody makes it wait"
    house.contacts.fill("other", NUMBERS[1:2])
    await house.outbound.go_on("other")
    assert house.log.facts(CampaignStateChanged)[-1] == CampaignStateChanged(
        "other", "paused", "没有录音 / not recorded"
    )
    house.outbound.change(house.setups, {})
    await house.outbound.go_on("other")
    assert house.outbound.state("other") == "", "it waits for somebody who starts it"
    await house.outbound.start("other")
    await house.until("other", "finished")
    assert [number for _, number in house.network.dialled] == NUMBERS[:2]


@pytest.mark.parametrize("restarted", [False, True])
async def test_what_has_finished_goes_on_for_who_comes(house: House, restarted: bool) -> None:
    if restarted:
        house.log.post("", CampaignStateChanged("other", "finished"))
        await house.outbound.take_up()
    else:
        house.contacts.fill("other", NUMBERS[:1])
        await house.outbound.start("other")
        await house.until("other", "finished")
    await house.outbound.go_on("other")
    assert house.outbound.state("other") == "finished", "nobody is pending"
    house.contacts.fill("other", NUMBERS[1:2])
    await asyncio.gather(house.outbound.go_on("other"), house.outbound.go_on("other"))
    assert house.outbound.state("other") == "running"
    await house.until("other", "finished")
    assert [number for _, number in house.network.dialled].count(NUMBERS[1]) == 1


@pytest.mark.parametrize("late", [False, True])
async def test_who_comes_while_it_finishes_is_not_missed(
    house: House, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    claim, answered, going = house.contacts.claim, asyncio.Event(), asyncio.Event()

    async def slow(*args: Any, **kwargs: Any) -> Contact | NotYet | None:
        found = await claim(*args, **kwargs)
        if found is None and not answered.is_set():  # nobody is left; the dialer has not heard of it yet
            answered.set()
            await going.wait()
        return found

    monkeypatch.setattr(house.contacts, "claim", slow)
    house.contacts.fill("other", NUMBERS[:1])
    await house.outbound.start("other")
    while not answered.is_set():
        await house.time.settle()
        await house.time.step()
    house.contacts.fill("other", NUMBERS[1:2])
    if late:
        going.set()
        await house.time.settle()
        assert house.outbound.state("other") == "finished"
    await house.outbound.go_on("other")
    going.set()
    await house.until("other", "finished")
    assert [number for _, number in house.network.dialled] == NUMBERS[:2]
    told = [fact.state for fact in house.log.facts(CampaignStateChanged)]
    assert told == (["running", "finished"] * 2 if late else ["running", "finished"])


async def test_a_finished_campaign_whose_lists_are_full_is_not_begun_for_ever(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_args: object, **_kwargs: object) -> None:
        return None

    monkeypatch.setattr(house.contacts, "claim", full)
    house.contacts.fill("other", NUMBERS[:1])
    await house.outbound.start("other")
    await house.outbound.go_on("other")
    await house.time.settle()
    assert house.outbound.state("other") == "finished", "its quotas let nobody be called"
    assert [fact.state for fact in house.log.facts(CampaignStateChanged)] == ["running", "finished"]


@pytest.mark.parametrize("ordered", ["pause", "stop"])
async def test_nobody_who_comes_undoes_an_order(house: House, ordered: str) -> None:
    house.contacts.fill("other", NUMBERS[:2])
    await house.outbound.go_on("other")
    assert house.outbound.state("other") == "", "it was not started"
    await house.outbound.start("other")
    getattr(house.outbound, ordered)("other")
    stands = house.outbound.state("other")
    await house.outbound.go_on("other")
    await house.time.settle()
    assert house.outbound.state("other") == stands and house.network.dialled == []


async def test_a_stop_while_somebody_comes_holds(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.log.post("", CampaignStateChanged("other", "finished"))
    await house.outbound.take_up()
    house.outbound.change({"other": replace(house.setups["other"], cannot="没有录音 / not recorded")}, {})

    async def slow(_campaign: str) -> Counts:
        house.outbound.stop("other")
        return Counts(pending=1, dialling=0, done=0)

    monkeypatch.setattr(house.contacts, "counts", slow)
    await house.outbound.go_on("other")
    assert house.outbound.state("other") == "stopped"


async def test_what_may_call_nobody_stays_finished(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.log.post("", CampaignStateChanged("other", "finished"))
    await house.outbound.take_up()
    house.contacts.fill("other", NUMBERS[:1])
    strangers = RuleBook(Rules(caller_ids=frozenset({"4008009999"})))
    house.outbound._rooms = replace(house.outbound._rooms, rules=lambda: strangers.rules)
    await house.outbound.go_on("other")
    assert house.outbound.state("other") == "finished" and "does not go on" in caplog.text


async def test_while_the_house_is_stopped_who_comes_waits_for_its_next_start(house: House) -> None:
    house.log.post("", CampaignStateChanged("other", "finished"))
    await house.outbound.take_up()
    house.outbound.hold()
    house.contacts.fill("other", NUMBERS[:1])
    await house.outbound.go_on("other")
    await house.time.settle()
    assert house.network.dialled == [] and await house.contacts.running() == ["other"]


@pytest.mark.parametrize("restarted", [False, True])
async def test_what_has_finished_is_stopped_for_good(house: House, restarted: bool) -> None:
    house.contacts.fill("other", NUMBERS[:1])
    if restarted:
        house.log.post("", CampaignStateChanged("other", "finished"))
        await house.outbound.take_up()
    else:
        await house.outbound.start("other")
        await house.until("other", "finished")
    house.contacts.fill("other", NUMBERS[1:])
    house.outbound.stop("other")
    assert house.outbound.state("other") == "stopped"
    assert house.log.facts(CampaignStateChanged)[-1] == CampaignStateChanged("other", "stopped")
    dialled = len(house.network.dialled)
    with pytest.raises(LocalProtocolError, match="已停止"):  # as where somebody has come meanwhile
        await house.outbound.start("other")
    assert len(house.network.dialled) == dialled


async def test_a_campaign_that_may_call_nobody_is_not_started(house: House) -> None:
    house.contacts.fill("visits", NUMBERS)
    strangers = RuleBook(Rules(caller_ids=frozenset({"4008009999"})))
    house.outbound._rooms = replace(house.outbound._rooms, rules=lambda: strangers.rules)
    with pytest.raises(LocalProtocolError, match="caller id"):
        await house.outbound.start("visits")
    assert strangers.change(Rules())
    assert not strangers.change(Rules())
    await house.outbound.start("visits")
    assert house.outbound.terms("visits") == house.outbound._setups["visits"].plan.terms(Rules())
    assert house.outbound.terms("none") is None


async def test_what_may_not_go_on_after_a_restart_leaves_the_house_standing(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.log.post("", CampaignStateChanged("visits", "running"))  # its list is empty now
    await house.outbound.take_up()
    assert "does not go on" in caplog.text
    assert house.outbound.state("visits") == ""
    assert house.log.facts(CampaignStateChanged)[-1] == CampaignStateChanged("visits", "finished")
