"""Each figure of a campaign opens as many calls or contacts as it counts: asked over the API, out of a real store."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import httpx
from sqlalchemy import update

from campaigns.facts import AttemptEnded, AttemptStarted, ContactSettled
from campaigns.holdout import HELD_OUT
from campaigns.ports import NewContact
from console.app import create_app
from console.campaign_watch import CampaignWatch
from console.from_store import StoredQueries
from desk.facts import CallDisposed
from desk.records import Ownership, Sale, Vehicle, Visit
from store.feeds import _renew
from store.schema import contacts
from store.store import Store
from store.writer import Transaction
from telephony.facts import CallAnswered, CallStarted, LegStarted
from tests.unit.console.fakes import PASSWORD, ReadHere, make_house
from tests.unit.store.conftest import Desk, desk, store  # noqa: F401

DAY = 86_400.0
FIRST = 1_780_275_600.0  # Monday 2026-06-01, 09:00 in Shanghai
NOW = FIRST + 45 * DAY + 3600.0
PEOPLE = 12
OVER = {"attempts", "connected", "reached", "went_well", "abandoned"}
LISTED = {"contacts": {"listed": True}, "tried": {"tried": True}, "finished": {"state": "done", "listed": True}}


def number(at: int) -> str:
    return f"+86138001380{at:02}"


@dataclass
class Spring:
    """A campaign of twelve, one of them held out; some are called anew after a month."""

    desk: Desk
    store: Store
    count: int = 0

    async def begin(self) -> None:
        self.desk.clock._now = FIRST
        await self.store.contacts.add(
            "spring", [[NewContact(number(at), f"客{at}", at) for at in range(1, PEOPLE + 1)]]
        )
        await self.store.records.take(
            [Ownership(Vehicle(plate=f"沪A{at}"), number(at), "", "2020-01-01") for at in range(1, PEOPLE)]
        )
        held = update(contacts).where(contacts.c.id == PEOPLE).values(state="done", result=HELD_OUT)
        await self.store.log.write(lambda transaction: transaction.connection.execute(held))

    async def call(
        self, contact: int, result: str, at: float, *, up: bool = False, more: bool = False, agreed: bool = False
    ) -> None:
        """``up``: answered; ``more``: he is tried again; "" as the result: it goes on still."""
        self.count += 1
        self.desk.clock._now = at
        call, attempt, log = f"c-{self.count}", f"a-{self.count}", self.store.log
        log.post(call, AttemptStarted(attempt, "spring", contact, number(contact)))
        log.post(call, CallStarted("outbound", "4008001234", number(contact)))
        log.post(call, LegStarted(f"leg-{call}", "customer"))
        if up:
            log.post(call, CallAnswered())
        if agreed:
            log.post("", ContactSettled("spring", contact, attempt, "deal", agreed=True))
        if result in ("talked", "completed"):
            log.post(call, CallDisposed("101", "out", "deal" if agreed else "later", "wang"))
        if result:
            log.post(call, AttemptEnded(attempt, "spring", contact, result, again_at=at + 600 if more else None))
        await log.flush()

    async def anew(self, at: float, *ids: int) -> None:
        def work(transaction: Transaction) -> None:
            _renew(transaction, ids=ids, now=at)

        await self.store.log.write(work)

    async def came(self, contact: int, after: int) -> None:
        await self.store.records.take([Visit(f"沪A{contact}", str(date(2026, 6, 1) + timedelta(after)), "保养")])

    async def bought(self, contact: int, after: int) -> None:
        await self.store.records.take(
            [Sale(f"沪B{contact}", number(contact), str(date(2026, 6, 1) + timedelta(after)))]
        )


async def a_spring(desk: Desk, store: Store) -> None:  # noqa: F811
    made = Spring(desk, store)
    await made.begin()
    await made.call(1, "busy", FIRST, more=True)
    await made.call(1, "talked", FIRST + 3600, up=True, agreed=True)
    await made.call(2, "talked", FIRST + 14.5 * 3600, up=True)  # at 23:30
    await made.call(3, "refused", FIRST + 2 * DAY, up=True)
    await made.call(4, "refused", FIRST + 2 * DAY + 60)  # his phone did
    await made.call(5, "abandoned", FIRST + 3 * DAY, up=True)
    await made.call(6, "voicemail", FIRST + 6.7 * DAY, up=True)
    await made.call(11, "withdrawn", FIRST + 7 * DAY)
    await made.anew(FIRST + 20 * DAY, 1, 2, 3, 5)  # who declined is left alone
    await made.call(1, "no_answer", FIRST + 21 * DAY, more=True)
    await made.call(1, "completed", FIRST + 43 * DAY, up=True)
    await made.call(2, "abandoned", FIRST + 22 * DAY, up=True)
    await made.call(7, "abandoned", NOW - 1800, up=True)
    await made.call(11, "", NOW - 2 * DAY, up=True)  # nobody talks for two days: its end was lost
    await made.call(8, "", NOW - 60)
    await made.call(9, "", NOW - 50, up=True)
    await made.call(10, "", NOW - 40, up=True)
    for contact, after in ((1, 1), (2, 0), (3, 12), (4, 3), (5, 33), (5, 34)):
        await made.came(contact, after)
    for contact, after in ((2, 1), (1, 31), (1, 44)):
        await made.bought(contact, after)
    desk.clock._now = NOW


@dataclass
class Reader:
    """Asks the API, and takes it at its word."""

    client: httpx.AsyncClient

    async def get(self, path: str, **asked: object) -> Any:
        answer = await self.client.get(path, params={key: str(value) for key, value in asked.items()})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def calls(self, **which: object) -> int:
        """How many there are: by the number told, and by the rows."""
        found = await self.get("/calls", campaign="spring", limit=200, **which)
        assert len(found["items"]) == found["total"], which
        return int(found["total"])

    async def people(self, **which: object) -> int:
        """Likewise, of contacts."""
        rows = await self.get("/campaigns/spring/results", limit=500, **which)
        told = await self.get("/campaigns/spring/results/count", **which)
        assert told == {"contacts": len(rows)}, which
        return len(rows)


async def reader_of(desk: Desk, store: Store) -> Reader:  # noqa: F811
    house, queries = make_house(desk.folder), StoredQueries.of(store)
    reading = ReadHere(queries.calls, queries.transcripts, queries.reports, queries.campaigns)
    app = create_app(
        replace(
            house.deps,
            clock=desk.clock,
            calls=queries.calls,
            campaigns=queries.campaigns,
            reading=reading,
            campaign_watch=CampaignWatch(desk.bus, reading, desk.clock),
        )
    )
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8400/api/v1")
    answer = await client.post("/session", json={"name": "boss", "password": PASSWORD, "bearer": True})
    client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
    return Reader(client)


async def test_each_figure_opens_what_it_counts(desk: Desk, store: Store) -> None:  # noqa: F811
    await a_spring(desk, store)
    reader = await reader_of(desk, store)
    await the_live_picture_opens(reader)
    came = [await the_report_opens(reader, asked) for asked in ({}, {"round": 1}, {"round": 2})]
    assert came == [
        {1: (5, 1, 1, 1), 30: (5, 3, 1, 1)},
        {1: (5, 1, 1, 1), 30: (5, 3, 1, 1)},
        {1: (2, 0, 1, 0), 30: (2, 0, 1, 2)},
    ]
    assert await reader.people() == PEOPLE
    listed = await reader.get("/campaigns/spring")
    for key, fits in LISTED.items():
        assert await reader.people(**fits) == listed[key], key
    for result, times in listed["results"].items():
        assert await reader.people(state="done", result=result) == times, result
    assert await reader.people(stage="reached", text="客3") == 1, "what is asked for besides narrows"
    assert await reader.people(round=2) == 3 and await reader.people(round=3) == 0


async def the_live_picture_opens(reader: Reader) -> None:
    live = await reader.get("/campaigns/spring/live")
    assert (live["ringing"], live["talking"], live["attempts"], live["contacts"]) == (1, 2, 14, 11)
    for figure, key in {"dialled": "attempts", **{key: key for key in ("answered", "ringing", "talking")}}.items():
        assert await reader.calls(attempted=figure) == live[key], key
    assert await reader.calls(attempted="abandoned") == live["abandoned"]["hits"] == 3
    assert await reader.calls(attempted="lately") == 4, "what the speed is made of"
    for state in ("pending", "dialling", "done"):
        assert await reader.people(state=state, listed=True) == live[state], state
    assert await reader.people(tried=True) == live["tried"]
    for result, times in live["results"].items():
        assert await reader.people(state="done", listed=True, result=result) == times, result


async def the_report_opens(reader: Reader, asked: Mapping[str, int]) -> dict[int, tuple[int, ...]]:
    """How many were reached, came, bought, and may still, within so many days."""
    report = (await reader.get("/campaigns/spring/report", **asked))["report"]
    assert report["figures"]["attempts"] == {0: 11, 1: 8, 2: 3}[asked.get("round", 0)]
    for figure in OVER:
        assert await reader.calls(attempted=figure, **asked) == report["figures"][figure], (figure, asked)
    lost = report["intervals"]["abandon_rate_30"]["hits"]
    assert await reader.calls(attempted="abandoned_30", **asked) == lost, asked
    assert lost < report["figures"]["abandoned"] or asked, "one was longer ago"
    for part, name in (("results", "result"), ("nths", "nth"), ("hours", "hour"), ("week", "week_hour")):
        for cut in report[part]:
            cell = {name: week_hour(cut["key"]) if name == "week_hour" else cut["key"]}
            assert await reader.calls(**cell, **asked) == cut["attempts"], (cell, asked)
    for one in report["came_of"]["codes"]:
        assert await reader.calls(attempted="dialled", disposition=one["code"], **asked) == one["times"], (one, asked)
    for figure, fits in LISTED.items():
        assert await reader.people(**fits, **asked) == report["figures"][figure], (figure, asked)
    came = {}
    for days in (1, 30):
        conversion = (await reader.get("/campaigns/spring/report", days=days, **asked))["conversion"]
        assert await reader.people(listed=True, **asked) == conversion["contacts"]
        stages = {stage["key"]: stage["share"]["hits"] for stage in conversion["stages"]} | {"open": conversion["open"]}
        for stage, people in stages.items():
            assert await reader.people(stage=stage, days=days, **asked) == people, (stage, days, asked)
        came[days] = tuple(stages[key] for key in ("reached", "visited", "bought", "open"))
    return came


def week_hour(label: str) -> int:
    """1T09 is 9."""
    return (int(label[0]) - 1) * 24 + int(label[2:])
