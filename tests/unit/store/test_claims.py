"""Who is taken out of a list: decided by the rules in the same transaction, over campaigns, nodes and edits at once."""

import asyncio
import random
from dataclasses import replace

import pytest

from acd.facts import QueueEntered
from campaigns.facts import AttemptEnded, AttemptStarted, ComplaintsClosed
from campaigns.list_order import Order
from campaigns.ports import Contact, Counts, NewContact, NotYet
from campaigns.retry import ONCE
from campaigns.rule_facts import ConsentGiven, ContactDecided, NumberBarred
from campaigns.rules.values import Purpose, Rules, Terms
from core.errors import LocalProtocolError
from core.events import Event, unpack
from desk.contact_card import ContactCard
from desk.facts import CallDisposed
from desk.records import Complaint
from ivr.hours_text import parse_hours
from store.store import Store
from telephony.facts import CallStarted
from telephony.tolls import TollRules
from tests.unit.store.conftest import Desk

DAY_S = 86_400.0
NUMBERS = [f"+86138000000{index:02}" for index in range(40)]
PROMOTION = Terms(Purpose.PROMOTION, rules=Rules(promotions=True))


async def fill(store: Store, campaign: str, count: int = 2) -> None:
    await store.contacts.add(campaign, [[NewContact(number, "", at) for at, number in enumerate(NUMBERS[:count], 2)]])


async def claim(store: Store, campaign: str, attempt: str, terms: Terms | None = None) -> Contact | NotYet | None:
    return await store.contacts.claim(campaign, attempt=attempt, call_id=f"c-{attempt}", terms=terms or Terms())


async def test_one_person_is_tried_once_a_day_over_all_campaigns(desk: Desk, store: Store) -> None:
    await fill(store, "spring", 1)
    await fill(store, "autumn", 1)
    assert isinstance(await claim(store, "spring", "a-1"), Contact)
    await store.log.commit("c-a-1", AttemptEnded("a-1", "spring", 1, "busy", 486))
    passed = await claim(store, "autumn", "a-2")
    assert passed == NotYet(desk.clock.now()), "he was decided about; whoever is next in the list has his turn at once"
    later = await claim(store, "autumn", "a-2")
    assert isinstance(later, NotYet) and 0 < later.at - desk.clock.now() <= DAY_S
    assert await store.contacts.counts("autumn") == Counts(1, 0, 0)
    [decided] = await store.calling.decided(2, limit=9)
    assert (decided.allowed, decided.rule, decided.not_before) == (False, "person_day", later.at)
    desk.clock.advance(later.at - desk.clock.now())
    assert isinstance(await claim(store, "autumn", "a-3"), Contact)
    assert [one.allowed for one in await store.calling.decided(2, limit=9)] == [True, False]


async def test_who_found_no_agent_waits_and_has_one_kept_free_then(desk: Desk, store: Store) -> None:
    await fill(store, "spring", 1)
    await fill(store, "autumn", 1)
    rules = Rules(a_day=9, in_30_days=9, number_a_day=9, number_in_30_days=9)
    ready, unready = Terms(rules=rules), Terms(rules=rules, ready=False)
    first = await claim(store, "spring", "a-1", unready)
    assert isinstance(first, Contact) and not first.spared
    await store.log.commit("c-a-1", AttemptEnded("a-1", "spring", 1, "abandoned"))
    began = desk.clock.now()
    await claim(store, "autumn", "a-2", ready)
    waits = await claim(store, "autumn", "a-2", ready)
    assert isinstance(waits, NotYet) and began + 2.9 * DAY_S < waits.at <= began + 3 * DAY_S
    desk.clock.advance(3 * DAY_S)
    await claim(store, "autumn", "a-3", unready)
    waits = await claim(store, "autumn", "a-3", unready)
    assert isinstance(waits, NotYet) and waits.at > desk.clock.now() + 800
    desk.clock.advance(1000.0)
    again = await claim(store, "autumn", "a-4", ready)
    assert isinstance(again, Contact) and again.spared


async def test_people_reached_are_told_in_their_order(desk: Desk, store: Store) -> None:
    await fill(store, "spring", 5)
    for place, result in enumerate(("talked", "abandoned", "busy", "talked", "hung_up"), 1):
        await claim(store, "spring", f"a-{place}")
        desk.clock.advance(10.0)
        await store.log.commit(f"c-a-{place}", AttemptEnded(f"a-{place}", "spring", place, result))
    assert await store.reached.of("spring", since=0.0) == (False, True, False)
    assert await store.reached.of("spring", since=desk.clock.now() - 15.0) == (False,)
    assert await store.reached.of("autumn", since=0.0) == ()


async def test_whom_a_call_of_a_campaign_is_to(store: Store) -> None:
    row = NewContact(NUMBERS[0], "王先生", 2, {"车型": "轩逸"})
    await store.contacts.add("spring", [[row]])
    await claim(store, "spring", "a-1")
    assert await store.contact_cards.of_call("c-a-1") == ContactCard("spring", "王先生", {"车型": "轩逸"})
    assert await store.contact_cards.of_call("c-other") is None


async def test_an_attempt_that_sent_nothing_counts_for_nothing(store: Store) -> None:
    await fill(store, "spring", 1)
    await fill(store, "autumn", 1)
    await claim(store, "spring", "a-1")
    await store.log.commit("c-a-1", AttemptEnded("a-1", "spring", 1, "withdrawn"))
    assert isinstance(await claim(store, "autumn", "a-2"), Contact)


async def test_who_refused_is_passed_over_for_good_until_it_is_taken_back(desk: Desk, store: Store) -> None:
    await fill(store, "spring")
    assert await store.calling.bar(NUMBERS[:1], "refused", "agent", "wang", "客户生气", "c-0") == 1
    assert await store.calling.bar(NUMBERS[:1], "refused", "agent", "wang") == 0
    taken = await claim(store, "spring", "a-1")
    assert isinstance(taken, Contact) and taken.number == NUMBERS[1]
    first, _ = await store.campaigns.results("spring")
    assert (first.state, first.result) == ("done", "barred_refused")
    assert (await store.contacts.counts("spring")).dialling == 1
    assert await claim(store, "spring", "a-2") is None
    with pytest.raises(LocalProtocolError):
        await store.calling.free(NUMBERS[0], "listed", "boss", "wrong kind")
    await store.calling.free(NUMBERS[0], "refused", "boss", "客户来电要求恢复")
    taken = await claim(store, "spring", "a-3")
    assert isinstance(taken, Contact) and taken.number == NUMBERS[0]
    bars, total = await store.calling.bars(held=False, limit=9)
    assert (total, bars[0].freed_by, bars[0].freed_why, bars[0].call_id) == (1, "boss", "客户来电要求恢复", "c-0")
    assert await store.calling.bars(limit=9) == ((), 0)


async def test_a_refusal_at_one_number_holds_for_the_others_until_it_is_taken_back(store: Store) -> None:
    await store.contacts.add("spring", [[NewContact(NUMBERS[0], "张三", 2, others=(NUMBERS[1],))]])
    await store.calling.bar([NUMBERS[1]], "refused", "agent", "wang")
    assert isinstance(await claim(store, "spring", "a-1"), NotYet)
    assert (await store.campaigns.results("spring"))[0].result == "barred_refused"
    await store.calling.free(NUMBERS[1], "refused", "boss", "客户来电要求恢复")
    assert isinstance(await claim(store, "spring", "a-2"), Contact)


async def test_whoever_is_claimed_and_looked_at_is_asked_of_again(desk: Desk, store: Store) -> None:
    await store.contacts.add("spring", [[NewContact(NUMBERS[0], "张三", 2, others=(NUMBERS[1],))]])
    his = await claim(store, "spring", "a-1")
    assert isinstance(his, Contact)
    assert (await store.contacts.asked_again(his, Terms())).allowed, "his own try is no try too many"
    closed = Terms(hours=parse_hours(["daily 09:00-09:01"], extra_closed=["2000-01-01"]))
    late = await store.contacts.asked_again(his, closed)
    assert (late.allowed, late.rule) == (False, "list_hours")
    assert (await store.contacts.asked_again(his, replace(PROMOTION, hours=None))).rule == "no_consent"
    await store.calling.bar([NUMBERS[1]], "refused", "agent", "wang")
    assert (await store.contacts.asked_again(his, Terms())).rule == "refused", "by his other number"
    await store.log.commit("c-a-1", AttemptEnded("a-1", "spring", his.id, "withdrawn"))
    assert isinstance(await claim(store, "spring", "a-2"), NotYet)
    [first, *_] = await store.calling.decided(his.id, limit=9)
    assert (first.allowed, first.rule) == (False, "refused")


async def test_promotions_wait_for_a_consent(desk: Desk, store: Store) -> None:
    await fill(store, "tradein", 1)
    assert isinstance(await claim(store, "tradein", "a-1", PROMOTION), NotYet)
    assert await claim(store, "tradein", "a-1", PROMOTION) is None
    assert (await store.campaigns.results("tradein"))[0].result == "barred_no_consent"
    consent = ConsentGiven(NUMBERS[0], "promotion", "written", "合同 2026-11，档案柜 3", desk.clock.now(), "boss")
    await store.calling.agree(consent)
    assert isinstance(await claim(store, "tradein", "a-2", PROMOTION), Contact)
    await store.calling.disagree(NUMBERS[0], "promotion", "boss", "客户撤回")
    with pytest.raises(LocalProtocolError):
        await store.calling.disagree(NUMBERS[0], "promotion", "boss", "again")
    [kept] = await store.calling.consents(number=NUMBERS[0], limit=9)
    assert (kept.evidence, kept.withdrawn_why) == ("合同 2026-11，档案柜 3", "客户撤回")
    assert (await store.calling.standing(NUMBERS[0], Rules(), desk.clock.now())).consents == frozenset()


async def test_a_complaint_is_a_call_into_the_queue_of_complaints(desk: Desk, store: Store) -> None:
    await fill(store, "spring", 2)
    store.log.post("c-9", CallStarted("inbound", NUMBERS[0], "4008001234"))
    store.log.post("c-9", QueueEntered("q-9", "complaint"))
    store.log.post("c-8", CallStarted("outbound", "4008001234", NUMBERS[1]))
    store.log.post("c-8", CallDisposed("101", "", "angry", "101"))
    await store.log.flush()
    coded = Terms(rules=Rules(complaint_codes=frozenset({"angry"})))
    assert isinstance(await claim(store, "spring", "a-1", coded), NotYet)
    assert [(await store.calling.decided(contact, limit=1))[0].rule for contact in (1, 2)] == ["complaint", "complaint"]
    desk.clock.advance(31 * DAY_S)
    assert isinstance(await claim(store, "spring", "a-1", coded), Contact)


async def test_a_complaint_on_record_gives_rest_by_any_number_of_the_person(desk: Desk, store: Store) -> None:
    """The clock stands at 06:13 of 2023-11-15 in Shanghai."""
    await fill(store, "spring", 4)
    other = "+8613911110000"
    persons = [NewContact("+8613911110001", "", 2, others=(other,))]
    await store.contacts.add("spring", [persons])
    closed = "2023-11-14"
    await store.records.take(
        [
            Complaint(NUMBERS[0], "2023-11-14", "异响"),
            Complaint(NUMBERS[1], "2023-10-16", "漏油", closed=closed),
            Complaint(NUMBERS[2], "2023-10-15", "漏油", closed=closed),
            Complaint(NUMBERS[3], "2023-01-02", "漏油"),
            Complaint(NUMBERS[3], "2023-10-16", "异响", closed=closed),
            Complaint(other, "2023-11-14", "异响", closed=closed),
        ]
    )
    now, rules = desk.clock.now(), Rules()
    first = 1_697_472_000.0  # 2023-10-17 00:00 in Shanghai: the day of the second complaint is over
    wanted = (now, first, None, now, first + 29 * DAY_S)
    for number, complained_at in zip((*NUMBERS[:4], "+8613911110001"), wanted, strict=True):
        assert (await store.calling.standing(number, rules, now)).complained_at == complained_at
    assert (await store.calling.standing(NUMBERS[0], Rules(quiet_s=0), now)).complained_at is None
    taken = await claim(store, "spring", "a-1")
    assert isinstance(taken, Contact) and taken.number == NUMBERS[2]
    assert [(await store.calling.decided(contact, limit=1))[0].rule for contact in (1, 2)] == ["complaint", "complaint"]
    await store.records.take([Complaint(NUMBERS[0], "2023-11-14", "异响", closed="2023-11-15")])
    assert (await store.calling.standing(NUMBERS[0], rules, now)).complained_at == first + 29 * DAY_S


async def test_who_waits_for_a_complaint_to_be_closed_is_looked_at_again_then(desk: Desk, store: Store) -> None:
    """The clock stands at 06:13 of 2023-11-15 in Shanghai; of the second contact another number of his complained."""
    other = "+8613911110000"
    people = [
        NewContact(NUMBERS[0], "", 2),
        NewContact(NUMBERS[1], "", 3, others=(other,)),
        NewContact(NUMBERS[2], "", 4),
    ]
    await store.contacts.add("spring", [people])
    spoken = [Complaint(NUMBERS[0], "2023-11-14", "异响"), Complaint(other, "2023-09-01", "漏油")]
    still_open = Complaint(NUMBERS[2], "2023-09-01", "漏油")
    await store.records.take([*spoken, still_open])
    now = desk.clock.now()
    await claim(store, "spring", "a-1")
    assert await claim(store, "spring", "a-1") == NotYet(now + 30 * DAY_S)
    desk.clock.advance(5 * DAY_S)
    await store.records.take([replace(it, closed="2023-11-19") for it in spoken])
    [told] = [event.fact for event in desk.heard if isinstance(event.fact, ComplaintsClosed)]
    assert told == ComplaintsClosed(2)
    taken = await claim(store, "spring", "a-2")
    assert isinstance(taken, Contact) and taken.number == NUMBERS[1]
    assert await claim(store, "spring", "a-3") == NotYet(1_697_472_000.0 + 59 * DAY_S), "30 days after 2023-11-14"
    await store.records.take([replace(it, closed="2023-11-20") for it in spoken])
    assert len([event for event in desk.heard if isinstance(event.fact, ComplaintsClosed)]) == 1, "they were closed"


async def test_a_number_that_may_not_be_dialled_is_no_try_and_another_one_is_called(desk: Desk, store: Store) -> None:
    abroad, home = "+12025550123", "+8613911110000"
    people = [NewContact(abroad, "", 2), NewContact("+12025550124", "", 3, others=(home,))]
    await store.contacts.add("spring", [people])
    found = await store.rehearsals.of("spring", Terms(), ONCE, Order.LIST, desk.clock.now())
    assert [(one.number, one.decision.rule) for one in found.shown] == [(home, ""), (abroad, "dialling")]
    taken = await claim(store, "spring", "a-1")
    assert isinstance(taken, Contact) and taken.number == home
    assert await store.contacts.counts("spring") == Counts(0, 1, 1)
    passed = await store.calling.listed("spring", 1)
    assert passed is not None and (passed.result, passed.past.tried) == ("barred_dialling", ())
    assert (await store.calling.decided(1, limit=1))[0].rule == "dialling"
    await store.contacts.look_again("spring")
    allowed = Terms(rules=Rules(tolls=TollRules(allowed=("+1",))))
    again = await claim(store, "spring", "a-2", allowed)
    assert isinstance(again, Contact) and again.number == abroad, "the configuration was changed"


async def test_a_list_of_whom_nobody_may_be_called_is_not_gone_through_twice(desk: Desk, store: Store) -> None:
    await fill(store, "spring", 40)
    shut = parse_hours(["daily 09:00-12:00"], holidays="")
    terms = Terms(hours=shut)
    opens = shut.next_open(desk.clock.now())
    assert opens is not None and opens > desk.clock.now()
    seen = [await claim(store, "spring", "a-1", terms) for _ in range(4)]
    assert seen[:2] == [NotYet(desk.clock.now())] * 2, "twenty at a time"
    assert seen[2:] == [NotYet(opens)] * 2
    assert len([event for event in desk.heard if isinstance(event.fact, ContactDecided)]) == 40
    await store.contacts.look_again("spring")
    taken = await claim(store, "spring", "a-1")
    assert isinstance(taken, Contact) and taken.number == NUMBERS[0], "other rules: decided anew, in the list's order"


async def test_what_the_house_forbade_another_configuration_allows(store: Store) -> None:
    await fill(store, "tradein", 2)
    await store.calling.bar(NUMBERS[:1], "listed", "import", "boss")
    switched_off = Terms(Purpose.PROMOTION)
    await claim(store, "tradein", "a-1", switched_off)
    assert [row.result for row in await store.campaigns.results("tradein")] == [
        "barred_do_not_call", "barred_promotions_off",
    ]  # fmt: skip
    await store.contacts.look_again("tradein")
    assert await store.contacts.counts("tradein") == Counts(1, 0, 1)


async def test_a_decision_is_stored_with_the_attempt_that_it_allows(desk: Desk, store: Store) -> None:
    await fill(store, "spring", 1)
    await claim(store, "spring", "a-1")
    assert [(event.call_id, event.fact) for event in desk.heard] == [
        ("c-a-1", ContactDecided("spring", 1, True, attempt="a-1")),
        ("c-a-1", AttemptStarted("a-1", "spring", 1, NUMBERS[0])),
    ]


@pytest.mark.parametrize("seed", [1])
async def test_no_rule_is_broken_while_nodes_claim_and_people_edit_at_once(desk: Desk, store: Store, seed: int) -> None:
    """Two nodes work through two lists of the same people, while refusals and consents come and go and days pass. What
    the log says afterwards is gone through fact by fact: nobody was called whom a fact before forbade.
    """
    chance = random.Random(seed)
    async with await desk.open() as other:
        nodes = (store, other)
        for campaign in ("visits", "tradein"):
            await fill(store, campaign, 12)
        for step in range(40):
            work = []
            for who, node in enumerate(nodes):
                campaign = chance.choice(("visits", "tradein"))
                terms = PROMOTION if campaign == "tradein" else Terms()
                work.append(claim(node, campaign, f"a-{seed}-{step}-{who}", terms))
            number = chance.choice(NUMBERS[:12])
            edit = chance.choice(("bar", "bar", "free", "agree", "agree", "disagree"))
            work.append(_edit(chance.choice(nodes), edit, number, desk.clock.now()))
            await asyncio.gather(*work)
            for event in await _open_attempts(store):
                fact = event.fact
                assert isinstance(fact, AttemptStarted)
                await store.log.commit(event.call_id, AttemptEnded(fact.attempt, fact.campaign, fact.contact, "busy"))
            desk.clock.advance(chance.choice((0.0, 60.0, DAY_S / 2, DAY_S)))
        heard = await _facts(store)
        assert _broken(heard) == []
        assert sum(isinstance(event.fact, AttemptStarted) for event in heard) > 8
        assert (await store.ledger.verify()).broken_at is None


async def _edit(store: Store, edit: str, number: str, now: float) -> None:
    try:
        if edit == "bar":
            await store.calling.bar([number], "refused", "person", "boss")
        elif edit == "free":
            await store.calling.free(number, "refused", "boss", "withdrawn")
        elif edit == "agree":
            await store.calling.agree(ConsentGiven(number, "promotion", "online", "form 7", now, "boss"))
        else:
            await store.calling.disagree(number, "promotion", "boss", "no more")
    except LocalProtocolError:
        pass  # there was nothing to take back


async def _facts(store: Store) -> list[Event]:
    stored = await store.events.after(0, limit=100_000)
    return [Event(one.id, one.at, one.call_id, unpack(one.name, dict(one.fields)), one.seq) for one in stored]


async def _open_attempts(store: Store) -> list[Event]:
    heard = await _facts(store)
    ended = {event.fact.attempt for event in heard if isinstance(event.fact, AttemptEnded)}
    return [event for event in heard if isinstance(event.fact, AttemptStarted) and event.fact.attempt not in ended]


def _broken(heard: list[Event]) -> list[str]:
    """Attempts that a fact before them forbade."""
    barred: set[str] = set()
    agreed: set[str] = set()
    called: dict[str, list[float]] = {}
    contacts: set[int] = set()
    wrong = []
    for event in heard:
        fact = event.fact
        if isinstance(fact, NumberBarred):
            barred.add(fact.number)
        elif fact.name == "number.freed":
            barred.discard(fact.number)  # type: ignore[attr-defined]
        elif isinstance(fact, ConsentGiven):
            agreed.add(fact.number)
        elif fact.name == "consent.withdrawn":
            agreed.discard(fact.number)  # type: ignore[attr-defined]
        elif isinstance(fact, AttemptStarted):
            number = NUMBERS[(fact.contact - 1) % 12]
            calls = called.setdefault(number, [])
            days = {_day(at) for at in calls}
            if number in barred:
                wrong.append(f"{fact.attempt}: {number} had refused")
            if fact.campaign == "tradein" and number not in agreed:
                wrong.append(f"{fact.attempt}: {number} had not agreed")
            if _day(event.at) in days or sum(event.at - at < 30 * DAY_S for at in calls) >= 3:
                wrong.append(f"{fact.attempt}: {number} was called too often")
            if fact.contact in contacts:
                wrong.append(f"{fact.attempt}: contact {fact.contact} was claimed twice")
            contacts.add(fact.contact)
            calls.append(event.at)
    return wrong


def _day(at: float) -> int:
    return int((at + 8 * 3600) // DAY_S)
