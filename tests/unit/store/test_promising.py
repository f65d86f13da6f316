"""When whoever was promised a call is called: at the time, or at the first moment after it that all rules allow."""

import pytest

from campaigns.facts import ContactPromised
from campaigns.ports import NewContact
from campaigns.promised import PromisedCall
from campaigns.rules.values import Region, Rules, Terms
from core.errors import LocalProtocolError
from ivr.hours import Hours
from ivr.hours_text import parse_hours
from store.promising import Way
from store.store import Store
from tests.unit.store.conftest import Desk

NINE = 1_773_104_400.0  # 2026-03-10 09:00 in Shanghai
HOUR_S = 3600.0
NUMBER = "+8613800138000"


def hours(*spans: str) -> Hours:
    return parse_hours(list(spans), holidays="")


DAY = Terms(hours=hours("daily 9:00-12:00", "daily 13:30-20:00"))
WEST = Terms(hours=DAY.hours, rules=Rules(regions=(Region("西部", ("138",), hours("daily 11:00-21:00")),)))
HOUSE = Terms(rules=Rules(hours=hours("mon-fri 9:00-18:00")))


@pytest.mark.parametrize(
    ("terms", "after_h", "first_h", "rule"),
    [
        (Terms(), 11.5, 11.5, ""),
        (DAY, 2, 2, ""),
        (DAY, 3.25, 4.5, "list_hours"),
        (DAY, 11.5, 24, "list_hours"),
        (DAY, 18, 24, "list_hours"),
        (WEST, 25, 26, "region_hours"),
        (WEST, 11.5, 26, "list_hours"),
        (HOUSE, 5 * 24, 6 * 24, "house_hours"),
    ],
)
async def test_the_first_moment_is_told(
    desk: Desk, store: Store, terms: Terms, after_h: float, first_h: float, rule: str
) -> None:
    desk.clock.advance(NINE - desk.clock.now())
    await store.contacts.add("spring", [[NewContact(NUMBER, "", 1)]])
    call_at = NINE + after_h * HOUR_S
    wanted = ContactPromised("spring", 1, call_at)
    foreseen = await store.promises.foresee(wanted, Way(terms))
    assert foreseen == await store.promises.promise(wanted, Way(terms))
    assert foreseen is not None
    assert (foreseen.call_at, foreseen.first_at, foreseen.rule) == (call_at, NINE + first_h * HOUR_S, rule)
    assert bool(foreseen.zh) == bool(foreseen.en) == bool(rule)
    listed = await store.calling.listed("spring", 1)
    assert listed is not None and listed.call_at == call_at, "it is on record as it was made"


async def test_a_campaign_that_is_never_open_promises_nothing(desk: Desk, store: Store) -> None:
    await store.contacts.add("spring", [[NewContact(NUMBER, "", 1)]])
    call_at = desk.clock.now() + HOUR_S
    with pytest.raises(LocalProtocolError, match=r"呼叫时段.*calling hours"):
        await store.promises.promise(ContactPromised("spring", 1, call_at), Way(Terms(hours=Hours(((),) * 7))))
    assert await store.promises.foresee(ContactPromised("spring", 2, call_at), Way()) is None
    assert PromisedCall(call_at, call_at) == await store.promises.promise(ContactPromised("spring", 1, call_at))
