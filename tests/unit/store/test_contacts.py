"""Dial lists: all or nothing in, one by one out, never the same contact twice."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest

from campaigns.facts import AttemptEnded, AttemptStarted, CampaignStateChanged, SurveyAnswered
from campaigns.ports import Added, Contact, Counts, NewContact
from core.errors import ParseError
from store.answer_rows import SurveyAnswer
from store.store import Store
from tests.unit.store.conftest import Desk


def people(count: int, start: int = 0) -> list[NewContact]:
    return [
        NewContact(f"+86138{number:08d}", f"客户{number}", number + 2, {"车型": "SUV"})
        for number in range(start, start + count)
    ]


async def test_a_list_goes_in_and_comes_out_in_order(store: Store) -> None:
    assert await store.contacts.add("spring", [people(2), people(1, 2)]) == Added(3)
    assert await store.contacts.counts("spring") == Counts(3, 0, 0)
    names = []
    for number in range(4):
        contact = await store.contacts.claim("spring", attempt=f"a-{number}", call_id=f"c-{number}")
        names.append(contact.name if isinstance(contact, Contact) else contact)
    assert names == ["客户0", "客户1", "客户2", None]
    assert await store.contacts.counts("spring") == Counts(0, 3, 0)
    assert await store.contacts.counts("autumn") == Counts(0, 0, 0)


async def test_numbers_that_the_campaign_has_are_named_by_line(store: Store) -> None:
    await store.contacts.add("spring", [people(2)])
    twice = [*people(3), NewContact("+8613800000002", "again", 99)]
    assert await store.contacts.add("spring", [twice]) == Added(1, (2, 3, 99))
    assert await store.contacts.add("autumn", [people(2)]) == Added(2, (), {"spring": 2})


async def test_a_list_with_a_fault_leaves_nothing(store: Store) -> None:
    def batches() -> Iterator[Sequence[NewContact]]:
        yield people(600)
        raise ParseError("broken quote", where="line 602")

    with pytest.raises(ParseError, match="line 602"):
        await store.contacts.add("spring", batches())
    assert await store.contacts.counts("spring") == Counts(0, 0, 0)
    assert await store.campaigns.get("spring") is None


async def test_a_claim_is_on_disk_with_its_fact(desk: Desk, store: Store) -> None:
    await store.contacts.add("spring", [people(1)])
    contact = await store.contacts.claim("spring", attempt="a-1", call_id="c-1")
    assert isinstance(contact, Contact)
    assert contact.fields == {"车型": "SUV"}
    assert [event.fact for event in desk.heard][1:] == [AttemptStarted("a-1", "spring", contact.id, contact.number)]
    async with await desk.open() as other:  # another process sees it at once
        assert await other.contacts.counts("spring") == Counts(0, 1, 0)
        assert (await other.events.after(0))[0].call_id == "c-1"


async def test_two_claimers_never_share(desk: Desk, store: Store) -> None:
    await store.contacts.add("spring", [people(40)])
    async with await desk.open() as other:
        claims = [
            claimer.contacts.claim("spring", attempt=f"a-{who}-{number}", call_id=f"c-{who}-{number}")
            for number in range(25)
            for who, claimer in enumerate((store, other))
        ]
        taken = [contact.id for contact in await asyncio.gather(*claims) if isinstance(contact, Contact)]
    assert len(taken) == len(set(taken)) == 40


async def test_an_attempt_that_sent_nothing_gives_its_contact_back(store: Store) -> None:
    await store.contacts.add("spring", [people(1)])
    contact = await store.contacts.claim("spring", attempt="a-1", call_id="c-1")
    assert isinstance(contact, Contact)
    await store.log.commit("c-1", AttemptEnded("a-1", "spring", contact.id, "withdrawn"))
    assert await store.contacts.counts("spring") == Counts(1, 0, 0)
    again = await store.contacts.claim("spring", attempt="a-2", call_id="c-2")
    assert again == contact, "as if there had been no attempt"
    await store.log.commit("c-2", AttemptEnded("a-2", "spring", contact.id, "busy", 486))
    assert await store.contacts.claim("spring", attempt="a-3", call_id="c-3") is None
    assert await store.contacts.counts("spring") == Counts(0, 0, 1)


async def test_results_of_a_campaign(desk: Desk, store: Store) -> None:
    await store.contacts.add("spring", [people(2)])
    assert await store.contacts.running() == ()
    await store.log.commit("", CampaignStateChanged("spring", "running"))
    assert await store.contacts.running() == ("spring",)
    contact = await store.contacts.claim("spring", attempt="a-1", call_id="c-1")
    assert isinstance(contact, Contact)
    for value in ("8", "9"):  # the last word counts
        store.log.post("c-1", SurveyAnswered("spring", contact.id, "a-1", "nps", value, "key"))
    store.log.post("c-1", SurveyAnswered("spring", contact.id, "a-1", "wish", "yes", "speech", "要的"))
    await store.log.commit("c-1", AttemptEnded("a-1", "spring", contact.id, "completed"))
    called, untouched = await store.campaigns.results("spring")
    assert (called.state, called.result, called.called_at, called.call_id) == (
        "done",
        "completed",
        desk.clock.now(),
        "c-1",
    )
    assert called.answers == (SurveyAnswer("nps", "9", "key", ""), SurveyAnswer("wish", "yes", "speech", "要的"))
    assert (untouched.state, untouched.result, untouched.called_at, untouched.answers) == ("pending", "", None, ())
    assert await store.campaigns.results("spring", limit=1, offset=1) == (untouched,)
    summary = await store.campaigns.get("spring")
    assert summary is not None
    assert (summary.state, summary.contacts, summary.pending, summary.done) == ("running", 2, 1, 1)
    assert summary.results == {"completed": 1}
    assert await store.campaigns.list() == (summary,)
