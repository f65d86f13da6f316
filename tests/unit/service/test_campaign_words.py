"""What agents say of campaigns' calls by the rules of the configuration, on a real store."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from campaigns.facts import AttemptEnded, AttemptStarted, ContactPromised, ContactSettled
from campaigns.gate import Plan
from campaigns.ports import NewContact
from campaigns.promised import PromisedCall
from campaigns.retry import RetryPlan
from campaigns.rules.values import Terms
from core.bus import Bus
from core.clock import VirtualClock
from core.errors import LocalProtocolError, ParseError
from core.events import Event, Fact
from core.ids import CountingEntropy, Ids
from desk.dispositions import Disposition, Then, coded, filled
from desk.facts import CallDisposed
from ivr.hours_text import parse_hours
from service.campaign_words import CampaignWords
from store.promising import Way
from store.store import Store

NOON = 1_780_286_400.0  # 2026-06-01 12:00 in Shanghai
CODES = (
    Disposition("later", "约定再打", "Call again", then=Then.CALL_AGAIN),
    Disposition("busy", "在忙", "Busy", then=Then.RETRY, again="2 h"),
    Disposition("deal", "有意向", "Interested", agreed=True),
)


@dataclass
class Campaigns:
    """The campaigns of a house, of which one has a plan."""

    gone_on: list[str] = field(default_factory=list)
    calls: Way = field(default_factory=Way)

    def plan(self, name: str) -> Plan | None:
        return Plan(name, "carrier", "4008001234", retry=RetryPlan()) if name == "spring" else None

    def way(self, name: str) -> Way:
        return self.calls

    async def go_on(self, name: str) -> None:
        self.gone_on.append(name)


@dataclass
class Desk:
    """A store with one contact who was talked with."""

    store: Store
    campaigns: Campaigns
    words: CampaignWords
    heard: list[Event]

    async def say(self, code: str, call: str = "c-1", **told: str) -> PromisedCall | None:
        said = filled(CODES, "outbound", code, told)
        fact = CallDisposed("101", "outbound", code, "wang", date=said.date)
        promised = await self.words.say(call, fact, coded(CODES, "outbound", code))
        await self.store.log.flush()
        return promised

    def told(self, *kinds: type[Fact]) -> list[Fact]:
        return [event.fact for event in self.heard if isinstance(event.fact, kinds)]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    clock, bus = VirtualClock(NOON), Bus()
    heard: list[Event] = []
    bus.subscribe(heard.append)
    store = await Store.open(f"sqlite:///{tmp_path / 'line400.db'}", clock, Ids(clock, CountingEntropy()), bus)
    await store.contacts.add("spring", [[NewContact("+8613800138000", "王", 1)]])
    store.log.post("c-1", AttemptStarted("a-1", "spring", 1, "+8613800138000"))
    await store.log.commit("c-1", AttemptEnded("a-1", "spring", 1, "talked"))
    campaigns = Campaigns()
    yield Desk(store, campaigns, CampaignWords(store.settling, campaigns, clock, ZoneInfo("Asia/Shanghai")), heard)
    await store.close()


async def test_a_code_that_promises_a_call_does(desk: Desk) -> None:
    at = NOON + 27.5 * 3600
    assert await desk.say("later", date="2026-06-02T15:30") == PromisedCall(at, at)
    assert desk.told(CallDisposed, ContactSettled, ContactPromised) == [
        CallDisposed("101", "outbound", "later", "wang", date="2026-06-02 15:30"),
        ContactSettled("spring", 1, "a-1", "later", "call_again", by="wang"),
        ContactPromised("spring", 1, at, "101", "wang"),
    ]
    listed = await desk.store.calling.listed("spring", 1)
    assert listed is not None and (listed.state, listed.not_before, listed.agent) == ("pending", at, "101")


async def test_who_is_promised_a_call_when_nobody_is_called_is_called_at_the_first_moment(desk: Desk) -> None:
    desk.campaigns.calls = Way(Terms(hours=parse_hours(["daily 9:00-12:00", "daily 13:30-20:00"], holidays="")))
    promised = await desk.say("later", date="2026-06-02 12:15")
    assert promised is not None and (promised.call_at, promised.rule) == (NOON + 24.25 * 3600, "list_hours")
    assert promised.first_at == NOON + 25.5 * 3600 and "呼叫时段" in promised.zh and "hours" in promised.en
    assert len(desk.told(ContactPromised)) == 1, "it is kept all the same"
    assert await desk.say("deal") is None


@pytest.mark.parametrize("wrong", ["", "2026-06-02", "2026-06-01 11:00", "2026-09-01 10:00", "tomorrow"])
async def test_a_promise_needs_a_time_to_come(desk: Desk, wrong: str) -> None:
    with pytest.raises(ParseError) as caught:
        await desk.say("later", date=wrong)
    assert caught.value.where == "date"
    assert desk.told(CallDisposed) == [], "nothing is kept"


async def test_who_agrees_is_noted_and_who_is_busy_tried_again(desk: Desk) -> None:
    await desk.say("busy")
    await desk.say("deal")
    assert desk.told(ContactSettled) == [
        ContactSettled("spring", 1, "a-1", "busy", "retry", again_at=NOON + 7200, by="wang"),
        ContactSettled("spring", 1, "a-1", "deal", "finished", agreed=True, by="wang"),
    ]


async def test_a_campaign_goes_on_for_him(desk: Desk) -> None:
    await desk.say("deal")
    assert desk.campaigns.gone_on == []
    await desk.say("busy")
    assert desk.campaigns.gone_on == ["spring"]


async def test_calls_of_no_campaign_have_no_rule(desk: Desk) -> None:
    await desk.say("busy", call="c-inbound")
    assert (desk.told(ContactSettled), desk.campaigns.gone_on) == ([], [])


async def test_who_has_refused_is_promised_no_call_and_the_code_is_not_kept(desk: Desk) -> None:
    await desk.store.calling.bar(["+8613800138000"], "refused", "key", "")
    with pytest.raises(LocalProtocolError, match="客户已拒绝来电"):
        await desk.say("later", date="2026-06-02T15:30")
    assert not desk.told(CallDisposed, ContactSettled, ContactPromised)
