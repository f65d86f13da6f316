"""Why a contact is called or not, from a store: where his number lies, and whose hours hold for it."""

from pathlib import Path
from typing import cast

import pytest

from campaigns.facts import AttemptEnded, AttemptStarted, ContactPromised
from campaigns.gate import CampaignState, Plan
from campaigns.ports import NewContact
from campaigns.rules.places import PlaceTable
from campaigns.rules.values import Region, Rules, Terms
from core.bus import Bus
from core.clock import VirtualClock
from core.ids import CountingEntropy, Ids
from ivr.hours_text import parse_hours
from service.calling import ConsoleCalling
from service.outbound import Outbound
from store.promising import Way
from store.store import Store

NINE = 1_773_104_400.0  # 2026-03-10 09:00 in Shanghai
LATE = parse_hours(["daily 11:00-20:00"], holidays="")
KNOWN = PlaceTable.of({"13899": "新疆喀什地区", "1866432": "广东省深圳市"})
WEST = Rules(regions=(Region("西部", (), LATE, ("新疆", "西藏")),), places=KNOWN)


class OneCampaign:
    """What is asked of ``Outbound`` here."""

    def __init__(self, rules: Rules) -> None:
        self._plan = Plan("visits", "carrier", "4008001234")
        self._rules = rules

    def plan(self, name: str) -> Plan:
        return self._plan

    def terms(self, name: str) -> Terms:
        return self._plan.terms(self._rules)

    def way(self, name: str) -> Way:
        return Way(self.terms(name), self._plan.retry)

    def state(self, name: str) -> CampaignState:
        return CampaignState.RUNNING


@pytest.mark.parametrize(
    ("number", "rules", "place", "region", "rule"),
    [
        ("+8613899112345", WEST, "新疆喀什地区", "西部", "region_hours"),
        ("+8618664321234", WEST, "广东深圳市", "", ""),
        ("+8619912345678", WEST, "", "", ""),
        ("+8613899112345", Rules(), "", "", ""),
        ("+8613899112345", Rules(regions=(Region("喀什", ("138991",), LATE),)), "", "喀什", "region_hours"),
    ],
)
async def test_it_says_where_the_number_lies(
    tmp_path: Path, number: str, rules: Rules, place: str, region: str, rule: str
) -> None:
    clock = VirtualClock(NINE)
    store = await Store.open(f"sqlite:///{tmp_path / 'line400.db'}", clock, Ids(clock, CountingEntropy()), Bus())
    await store.contacts.add("visits", [[NewContact(number, "", 1)]])
    outbound = cast("Outbound", OneCampaign(rules))
    view = await ConsoleCalling(store.calling, store.promises, outbound, clock).why("visits", 1)
    await store.close()
    assert view is not None and view.now is not None
    assert (view.place, view.region, view.now.rule) == (place, region, rule)


async def test_a_promise_takes_no_attempt_out_of_what_is_shown(tmp_path: Path) -> None:
    clock = VirtualClock(NINE)
    store = await Store.open(f"sqlite:///{tmp_path / 'line400.db'}", clock, Ids(clock, CountingEntropy()), Bus())
    await store.contacts.add("visits", [[NewContact("+8618664321234", "", 1)]])
    await store.log.commit("c-1", AttemptStarted("a-1", "visits", 1, "+8618664321234"))
    await store.log.commit("c-1", AttemptEnded("a-1", "visits", 1, "no_answer"))
    clock.advance(60)
    desk = ConsoleCalling(store.calling, store.promises, cast("Outbound", OneCampaign(Rules())), clock)
    assert await desk.promise(ContactPromised("visits", 1, NINE + 3600, "101"))
    view = await desk.why("visits", 1)
    await store.close()
    assert view is not None and (view.attempts, view.promised_at) == ([NINE], NINE + 3600)
    assert view.now is not None and view.now.rule == "", "it does not count against the call that he asked for"
