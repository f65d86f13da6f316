"""Calls in which agents fill in a form: found by the attempt or by the number, with the answers that count."""

import pytest

from campaigns.facts import (
    AttemptEnded,
    AttemptStarted,
    CampaignStateChanged,
    ContactPromised,
    ContactSettled,
    SurveyAnswered,
)
from campaigns.form_facts import AnswerTakenBack, AttemptResulted, by_hand
from campaigns.ports import Contact, NewContact
from campaigns.settle import FINISHED, RETRY
from store.store import Store
from telephony.facts import CallAnswered, CallEnded, CallStarted, LegStarted, TalkStarted
from tests.unit.store.conftest import Desk

NOW = 1_700_000_100.0
NUMBER, OTHER = "+8613800138000", "+862155550100"


async def listed(store: Store, campaign: str = "spring") -> None:
    rows = [NewContact(NUMBER, "王先生", 2, {"车型": "轩逸"}, others=(OTHER,))]
    await store.contacts.add(campaign, [rows])
    await store.log.commit("", CampaignStateChanged(campaign, "running"))


async def talking(store: Store) -> Contact:
    """Agent 101 talks with the contact, in attempt a-1."""
    await listed(store)
    contact = await store.contacts.claim("spring", attempt="a-1", call_id="c-1")
    assert isinstance(contact, Contact)
    store.log.post("c-1", CallStarted("outbound", "4008001234", NUMBER))
    store.log.post("c-1", LegStarted("leg-1", "customer"))
    store.log.post("c-1", CallAnswered())
    await store.log.commit("c-1", TalkStarted("101", "out"))
    return contact


def answered(contact: Contact, question: str, value: str, text: str = "") -> SurveyAnswered:
    return SurveyAnswered("spring", contact.id, "a-1", question, value, "agent", text, "v1")


def resulted(contact: Contact, result: str, *, late: bool, attempt: str = "a-1") -> AttemptResulted:
    return AttemptResulted(attempt, "spring", contact.id, result, "101", late)


async def standing(store: Store) -> tuple[str, str]:
    (row,) = await store.campaigns.results("spring")
    return row.state, row.result


async def test_a_call_of_a_campaign_with_its_last_answers(store: Store) -> None:
    contact = await talking(store)
    for question, value in (("nps", "3"), ("reason_of_low", ""), ("nps", "9")):
        store.log.post("c-1", answered(contact, question, value, "慢" if not value else ""))
    await store.log.commit("c-1", AnswerTakenBack("spring", contact.id, "a-1", "reason_of_low"))
    call = await store.call_forms.of_call("c-1", ())
    assert call is not None
    assert (call.attempt, call.campaign, call.contact, call.number) == ("a-1", "spring", contact.id, NUMBER)
    assert (call.name, call.fields, call.agents) == ("王先生", {"车型": "轩逸"}, {"101"})
    assert (call.over, call.result, call.ended_at, call.answers) == (False, "", None, {"nps": ("9", "")})
    (row,) = await store.campaigns.results("spring")
    assert [(it.question, it.value, it.how) for it in row.answers] == [("nps", "9", "agent")]
    assert await store.call_forms.of_call("c-none", ["spring"]) is None


async def test_an_answer_and_taking_it_back_in_one_breath(store: Store) -> None:
    contact = await talking(store)
    store.log.post("c-1", answered(contact, "nps", "3"))
    store.log.post("c-1", AnswerTakenBack("spring", contact.id, "a-1", "nps"))
    store.log.post("c-1", answered(contact, "nps", "8"))
    await store.log.flush()
    call = await store.call_forms.of_call("c-1", ())
    assert call is not None and call.answers == {"nps": ("8", "")}


async def test_whom_an_agent_calls_by_himself_is_known_by_any_number(desk: Desk, store: Store) -> None:
    await listed(store)
    store.log.post("c-2", CallStarted("outbound", "4008001234", "02155550100"))
    await store.log.commit("c-2", TalkStarted("102", ""))
    call = await store.call_forms.of_call("c-2", ["spring", "gone"])
    assert call is not None
    assert (call.attempt, call.campaign, call.name, call.over) == (by_hand("c-2"), "spring", "王先生", True)
    assert await store.call_forms.of_call("c-2", ["autumn"]) is None, "its agents have no form"
    assert await store.call_forms.of_call("c-2", []) is None
    desk.clock.advance(1)
    await listed(store, "summer")
    newest = await store.call_forms.of_call("c-2", ["spring", "summer"])
    assert newest is not None and newest.campaign == "summer"
    await store.log.commit("", CampaignStateChanged("summer", "stopped"))
    left = await store.call_forms.of_call("c-2", ["spring", "summer"])
    assert left is not None and left.campaign == "spring"
    await store.log.commit("c-3", CallStarted("inbound", NUMBER, "4008001234"))
    assert await store.call_forms.of_call("c-3", ["spring"]) is None


async def test_a_result_in_mid_call_stands_if_the_process_dies(store: Store) -> None:
    contact = await talking(store)
    await store.log.commit("c-1", resulted(contact, "partial", late=False))
    assert await standing(store) == ("dialling", "")
    await store.recover()
    assert await standing(store) == ("done", "partial")


@pytest.mark.parametrize(
    ("ended", "result", "after"),
    [
        ("talked", "completed", ("done", "completed")),
        ("partial", "refused", ("done", "refused")),
        ("talked", "partial", ("done", "partial")),
    ],
)
async def test_a_result_after_the_end(store: Store, ended: str, result: str, after: tuple[str, str]) -> None:
    contact = await talking(store)
    store.log.post("c-1", AttemptEnded("a-1", "spring", contact.id, ended))
    await store.log.commit("c-1", CallEnded("normal", "customer", 0))
    await store.log.commit("c-1", resulted(contact, result, late=True))
    assert await standing(store) == after
    call = await store.call_forms.of_call("c-1", ())
    assert call is not None and (call.over, call.result, call.ended_at is None) == (True, result, False)


async def test_who_waits_for_another_try_is_done_when_the_form_is(store: Store) -> None:
    contact = await talking(store)
    await store.log.commit("c-1", AttemptEnded("a-1", "spring", contact.id, "partial", again_at=2e9))
    await store.log.commit("c-1", resulted(contact, "partial", late=True))
    assert await standing(store) == ("pending", "")
    await store.log.commit("c-1", resulted(contact, "completed", late=True))
    assert await standing(store) == ("done", "completed")


async def test_who_was_promised_a_call_meanwhile_waits_for_it(desk: Desk, store: Store) -> None:
    contact = await talking(store)
    desk.clock.advance(5)
    await store.log.commit("c-1", AttemptEnded("a-1", "spring", contact.id, "talked"))
    await store.log.commit("", ContactPromised("spring", contact.id, desk.clock.now() + 3600, "101"))
    await store.log.commit("c-1", resulted(contact, "completed", late=True))
    assert await standing(store) == ("pending", "")


async def test_by_hand_a_finished_form_is_the_end_but_for_a_promise(store: Store) -> None:
    await listed(store)
    (row,) = await store.campaigns.results("spring")
    contact = Contact(row.contact, "spring", NUMBER, "")
    await store.log.commit("", ContactPromised("spring", contact.id, 2e9))
    await store.log.commit("c-2", resulted(contact, "completed", late=True, attempt=by_hand("c-2")))
    assert await standing(store) == ("pending", "")
    await listed(store, "summer")
    (row,) = await store.campaigns.results("summer")
    late = AttemptResulted(by_hand("c-2"), "summer", row.contact, "completed", "101", late=True)
    await store.log.commit("c-2", late)
    (row,) = await store.campaigns.results("summer")
    assert (row.state, row.result) == ("done", "completed")


async def test_what_was_said_of_the_talk_holds_over_the_form(store: Store) -> None:
    contact = await talking(store)
    again = ContactSettled("spring", contact.id, "a-1", "busy_now", RETRY, again_at=2e9, by="wang")
    await store.log.commit("c-1", AttemptEnded("a-1", "spring", contact.id, "partial"))
    await store.log.commit("c-1", again)
    await store.log.commit("c-1", resulted(contact, "completed", late=True))
    assert await standing(store) == ("pending", "")
    done = ContactSettled("spring", contact.id, "a-1", "done", FINISHED, by="wang")
    await store.log.commit("c-1", done)
    assert await standing(store) == ("done", "completed")


async def test_whoever_fills_in_a_form_has_talked(store: Store) -> None:
    contact = await talking(store)
    await store.log.commit("c-1", resulted(contact, "partial", late=False))
    assert (await store.campaign_stands.of("spring", NOW)).talked == 0, "he still does"
    await store.log.commit("c-1", AttemptEnded("a-1", "spring", contact.id, "completed"))
    for number, (attempt, result) in enumerate((("a-2", "refused"), ("a-3", "abandoned"), ("a-4", "talked"))):
        store.log.post(f"c-{number}x", AttemptStarted(attempt, "spring", contact.id))  # nobody talked in the first
        await store.log.commit(f"c-{number}x", AttemptEnded(attempt, "spring", contact.id, result))
    assert await store.reached.of("spring", since=0.0) == (False, True, False)
    stand = await store.campaign_stands.of("spring", NOW)
    assert (stand.talked, stand.ended["abandoned"]) == (2, 1)
    report = await store.campaign_reports.of("spring", "Asia/Shanghai", NOW)
    assert (report.intervals["abandon_rate"].hits, report.intervals["abandon_rate"].of) == (1, 3)
