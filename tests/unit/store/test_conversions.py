"""Who came and bought after a campaign reached him, out of the store."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from campaigns.facts import AttemptEnded, AttemptStarted, ContactSettled
from campaigns.holdout import HELD_OUT
from campaigns.ports import NewContact
from desk.facts import InterestSaid
from desk.records import Ownership, Sale, Vehicle, Visit
from store.schema import contacts
from store.store import Store
from telephony.facts import CallAnswered, CallStarted
from tests.unit.store.conftest import Desk

NINE = 1_780_275_600.0  # 2026-06-01 09:00 in Shanghai
LATE = NINE + 14.5 * 3600  # at 23:30; in UTC it is the same day, an hour later it is not
SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST = date(2026, 6, 1)


def number(at: int) -> str:
    return f"+861380013800{at}"


def owned(at: int, until: str = "") -> Ownership:
    return Ownership(Vehicle(plate=f"沪A{at}"), number(at), "", "2020-01-01", until)


def day_of(at: float) -> date:
    return datetime.fromtimestamp(at, SHANGHAI).date()


async def called(desk: Desk, store: Store, contact: int, result: str, at: float = NINE, *, up: bool = True) -> None:
    desk.clock._now = at
    call, attempt = f"c-{contact}-{at}", f"a-{contact}-{at}"
    store.log.post(call, AttemptStarted(attempt, "spring", contact, number(contact)))
    store.log.post(call, CallStarted("outbound", "4008001234", number(contact)))
    if up:
        store.log.post(call, CallAnswered())
    await store.log.commit(call, AttemptEnded(attempt, "spring", contact, result))


def came(contact: int, after: int) -> Visit:
    return Visit(f"沪A{contact}", (FIRST + timedelta(after)).isoformat(), "保养")


async def test_visits_and_sales_of_those_who_were_reached(desk: Desk, store: Store) -> None:
    desk.clock._now = NINE
    await store.contacts.add("spring", [[NewContact(number(at), "", at) for at in range(1, 9)]])
    await store.records.take([owned(at) for at in range(1, 9)])
    await called(desk, store, 1, "no_answer", up=False)
    await called(desk, store, 1, "talked", NINE + 86_400)  # reached on the second day
    await called(desk, store, 2, "completed", LATE)
    await called(desk, store, 3, "refused")  # declined in the call: a person
    await called(desk, store, 4, "refused", up=False)  # his phone did
    await called(desk, store, 5, "voicemail")
    await called(desk, store, 6, "hung_up")
    await called(desk, store, 7, "talked", NINE + 20 * 86_400)
    for contact, at in ((1, NINE + 86_400), (6, NINE)):
        store.log.post("", ContactSettled("spring", contact, f"a-{contact}-{at}", "deal", agreed=True))
    store.log.post("", ContactSettled("spring", 6, f"a-6-{NINE}", "wrong"))  # he thinks again
    for contact, level in ((2, "warm"), (3, "cool")):
        call = f"c-{contact}-{LATE if contact == 2 else NINE}"
        said = InterestSaid(contact, number(contact), "", level, "2026-06-01", "101", "wang")
        await store.log.commit(call, said)
    await store.records.take([came(1, 1), came(2, 1), came(2, 8), came(3, 30), came(5, 3), came(7, 3), came(8, 3)])
    await store.records.take(
        [Sale("沪A9", number(1), str(FIRST + timedelta(31))), Sale("沪A3", number(3), "2026-05-01")]
    )
    await store.log.write(
        lambda transaction: transaction.connection.execute(
            insert(contacts).values(campaign="spring", number="x", fields="{}", state="done", result=HELD_OUT)
        )
    )
    found = await store.conversions.of("spring", days=30, now=NINE + 40 * 86_400, day_of=day_of)
    shares = {stage.key: (stage.share.hits, stage.share.of) for stage in found.stages}
    assert found.contacts == 8, "who is held out is not in it"
    assert shares["dialled"] == (7, 8)
    assert shares["reached"] == (5, 7), "1, 2, 3, 6 and 7"
    assert shares["went_well"] == (3, 5)
    assert shares["agreed"] == (2, 5), "1 by a disposition, 2 by what he said of his car"
    assert shares["visited"] == (2, 5), "2 on the day after and 3 on the last day; 1 came on the day of his call"
    assert shares["bought"] == (1, 5)
    assert found.open == 1
    none = await store.conversions.of("none", days=30, now=NINE, day_of=day_of)
    assert none.contacts == 0 and none.stages[4].share.share is None


async def test_a_car_that_was_sold_on_brings_nobody(desk: Desk, store: Store) -> None:
    desk.clock._now = NINE
    await store.contacts.add("spring", [[NewContact(number(1), "", 1)]])
    await store.records.take([owned(1, until="2026-06-02")])
    await called(desk, store, 1, "talked")
    await store.records.take([came(1, 5)])
    found = await store.conversions.of("spring", days=30, now=NINE + 86_400, day_of=day_of)
    assert found.stages[4].share.hits == 0
