"""Callers of the 400 line who name a time: a campaign calls them then."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from campaigns.facts import AttemptEnded, AttemptStarted, CampaignStateChanged, ContactPromised
from campaigns.ports import Contact, NewContact, NotYet
from campaigns.rules.values import Terms
from core.bus import Bus
from core.clock import VirtualClock
from core.errors import Unavailable
from core.events import Event
from core.ids import CountingEntropy, Ids
from ivr.flow import ToPromise
from ivr.hours_text import parse_hours
from service.promised_calls import PromisedCalls
from store.promising import Way
from store.store import Store
from telephony.facts import TalkStarted

NOON = 1_780_286_400.0
HIS = "+8613800138000"
TO = ToPromise("visits", same_agent=True)


@dataclass
class Campaigns:
    """One campaign."""

    gone_on: int = 0
    calls: Way = field(default_factory=Way)

    def way(self, name: str) -> Way:
        return self.calls

    async def go_on(self, name: str) -> None:
        self.gone_on += 1


@dataclass
class House:
    """A store and who takes promises down."""

    store: Store
    promised: PromisedCalls
    campaigns: Campaigns
    clock: VirtualClock
    heard: list[Event] = field(default_factory=list)

    def promises(self) -> list[ContactPromised]:
        return [event.fact for event in self.heard if isinstance(event.fact, ContactPromised)]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    clock, bus = VirtualClock(NOON), Bus()
    store = await Store.open(f"sqlite:///{tmp_path / 'line400.db'}", clock, Ids(clock, CountingEntropy()), bus)
    campaigns = Campaigns()
    promised = PromisedCalls(store.promises, store.sent_contacts, campaigns)
    made = House(store, promised, campaigns, clock)
    bus.subscribe(made.heard.append)
    yield made
    await store.close()


async def test_a_contact_is_called_by_the_agent_who_talked_with_him(house: House) -> None:
    store = house.store
    await store.contacts.add("visits", [[NewContact("+8613900139000", "", 1), NewContact(HIS, "王", 2)]])
    store.log.post("c-1", AttemptStarted("a-1", "visits", 2, HIS))
    store.log.post("c-1", TalkStarted("102", "outbound"))
    await store.log.commit("c-1", AttemptEnded("a-1", "visits", 2, "talked"))
    assert await house.promised.keep("13800138000", TO, NOON + 3600, "一个小时后打给我")
    assert await house.promised.keep(HIS, ToPromise("visits"), NOON + 7200, "")
    await store.log.flush()
    assert house.promises() == [
        ContactPromised("visits", 2, NOON + 3600, "102", note="一个小时后打给我"),
        ContactPromised("visits", 2, NOON + 7200),
    ]
    listed = await store.calling.listed("visits", 2)
    assert listed is not None and (listed.state, listed.call_at) == ("pending", NOON + 7200)


async def test_who_is_not_in_the_campaign_joins_it(house: House) -> None:
    assert await house.promised.keep("13800138000", TO, NOON + 3600, "")
    await house.store.log.flush()
    [promise] = house.promises()
    listed = await house.store.calling.listed("visits", promise.contact)
    assert listed is not None and (listed.number, promise.agent) == (HIS, "")
    assert not await house.promised.keep("anonymous", TO, NOON + 3600, ""), "nobody can be called without a number"


async def test_all_who_join_are_one_list_of_promised_calls(house: House) -> None:
    store, numbers = house.store, [f"+86138001380{at:02}" for at in range(7)]

    async def promise(number: str) -> None:
        assert await house.promised.keep(number, TO, NOON + 3600, "")

    async def lists() -> list[tuple[str, int]]:
        return [(one.kind, one.rows) for one in await store.list_shares.of("visits")]

    for number in numbers[:3]:
        await promise(number)
    assert await lists() == [("promised", 3)]
    await store.sent_contacts.take("visits", [NewContact(numbers[3], "", 1)])
    await promise(numbers[4])
    assert await lists() == [("promised", 3), ("sent", 2)], "leads are a list of their own; who calls then joins it"
    await store.contacts.add("visits", [[NewContact(numbers[5], "", 1)]])
    await promise(numbers[6])
    await promise(numbers[0])  # once more
    assert await lists() == [("promised", 3), ("sent", 2), ("file", 1), ("promised", 1)]
    await store.log.flush()
    assert len(house.promises()) == 6


async def test_while_a_long_list_moves_in_nobody_is_promised_a_call(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def busy(*_: object, **__: object) -> None:
        raise Unavailable("a long list is on its way into it")

    monkeypatch.setattr(house.store.sent_contacts, "take", busy)
    assert not await house.promised.keep(HIS, TO, NOON + 3600, "")
    assert "cannot be promised a call" in caplog.text


async def test_the_campaign_goes_on_for_him(house: House) -> None:
    assert not await house.promised.keep("", TO, NOON + 3600, "")
    assert house.campaigns.gone_on == 0
    assert await house.promised.keep(HIS, TO, NOON + 3600, "")
    assert house.campaigns.gone_on == 1


async def test_who_has_refused_or_whose_campaign_is_over_is_promised_nothing(house: House) -> None:
    await house.store.calling.bar([HIS], "refused", "key", "")
    assert not await house.promised.keep(HIS, TO, NOON + 3600, "")
    await house.store.log.commit("", CampaignStateChanged("visits", "stopped"))
    assert not await house.promised.keep("+8613900139000", TO, NOON + 3600, "")
    await house.store.log.flush()
    assert house.promises() == []


async def test_a_time_at_which_nobody_is_called_is_kept_at_the_first_moment_after_it(house: House) -> None:
    terms = Terms(hours=parse_hours(["daily 9:00-20:00"], holidays=""))
    house.campaigns.calls = Way(terms)
    assert await house.promised.keep(HIS, TO, NOON + 8.5 * 3600, "今晚八点半")
    await house.store.log.flush()
    [promise] = house.promises()
    assert promise.call_at == NOON + 8.5 * 3600, "what he was promised is on record as it was said"
    house.clock.advance(8.5 * 3600)
    for _ in range(2):  # he is decided about, then passed over
        found = await house.store.contacts.claim("visits", attempt="a-1", call_id="c-1", terms=terms)
    assert found == NotYet(NOON + 21 * 3600)
    house.clock.advance(12.5 * 3600)
    called = await house.store.contacts.claim("visits", attempt="a-2", call_id="c-2", terms=terms)
    assert isinstance(called, Contact) and called.id == promise.contact
