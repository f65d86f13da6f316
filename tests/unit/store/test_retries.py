"""Contacts who are tried again: when, at which number, after a death too; promises; whose turn it is."""

from dataclasses import replace

from campaigns.attempt import Attempt, AttemptInput, Result
from campaigns.facts import AttemptEnded, ContactPromised, ListShareChanged
from campaigns.list_order import Order
from campaigns.ports import Contact, Counts, NewContact, NotYet
from campaigns.retry import RetryPlan, ended
from campaigns.rules.values import Rules, Terms
from store.store import Store
from telephony.facts import CallAnswered, CallStarted
from tests.unit.store.conftest import Desk

A, B, C = "+8613800000001", "+8613800000002", "+8613800000003"
PLAN = RetryPlan()
OFTEN = Terms(rules=Rules(a_day=9, in_30_days=9, number_a_day=9, number_in_30_days=9))
DAY_S = 86_400.0


async def claim(store: Store, attempt: str, terms: Terms = OFTEN, order: Order = Order.LIST) -> Contact | NotYet | None:
    """The next of campaign spring, past those who are only decided about."""
    for _ in range(5):
        found = await store.contacts.claim(
            "spring", attempt=attempt, call_id=f"c-{attempt}", terms=terms, retry=PLAN, order=order
        )
        if not isinstance(found, NotYet) or found.at > store.contacts._claims._clock.now():
            break
    return found


async def took(store: Store, attempt: str, terms: Terms = OFTEN, order: Order = Order.LIST) -> Contact:
    found = await claim(store, attempt, terms, order)
    assert isinstance(found, Contact), found
    return found


async def end(desk: Desk, store: Store, contact: Contact, attempt: str, result: Result) -> None:
    """As the dialer says it."""
    made = Attempt(attempt, contact.campaign, contact.id).step(AttemptInput.DIAL)
    over = made.step(AttemptInput.NOT_REACHED, result)
    fact = ended(PLAN, contact.past, contact.number, over, desk.clock.now())
    await store.log.commit(f"c-{attempt}", fact)


async def test_busy_is_tried_again_ten_minutes_later_and_three_times_at_most(desk: Desk, store: Store) -> None:
    await store.contacts.add("spring", [[NewContact(A, "", 2)]])
    for turn in range(3):
        contact = await took(store, f"a-{turn}")
        assert (contact.number, len(contact.past.tried)) == (A, turn)
        await end(desk, store, contact, f"a-{turn}", Result.BUSY)
        [shown] = await store.campaigns.results("spring")
        if turn < 2:
            assert await claim(store, "a-9") == NotYet(desk.clock.now() + 600)
            assert (await store.rehearsals.of("spring", OFTEN, PLAN, Order.LIST, desk.clock.now())).allowed == 0, (
                "not his turn"
            )
            assert (shown.state, shown.result, shown.last, shown.called) == ("pending", "", "busy", turn + 1)
            assert shown.again_at == desk.clock.now() + 600
        desk.clock.advance(600)
    assert (shown.state, shown.result, shown.called, shown.again_at) == ("done", "busy", 3, None)
    assert await claim(store, "a-9") is None


async def test_with_the_usual_rules_busy_means_tomorrow(desk: Desk, store: Store) -> None:
    await store.contacts.add("spring", [[NewContact(A, "", 2)]])
    await end(desk, store, await took(store, "a-1", Terms()), "a-1", Result.BUSY)
    desk.clock.advance(600)
    put_off = await claim(store, "a-2", Terms())
    assert isinstance(put_off, NotYet) and 3600 < put_off.at - desk.clock.now() <= DAY_S
    assert (await store.calling.decided(1, limit=1))[0].rule == "person_day"
    await store.contacts.look_again("spring")
    assert (await store.campaigns.results("spring"))[0].again_at == desk.clock.now(), "the plan is not forgotten"
    desk.clock.advance(put_off.at - desk.clock.now())
    assert (await took(store, "a-3", Terms())).number == A


async def test_other_numbers_of_the_person_in_order_and_all_of_them_count_for_him(desk: Desk, store: Store) -> None:
    await store.contacts.add("spring", [[NewContact(A, "", 2, others=(B, C))]])
    for attempt, number, result in (
        ("a-1", A, Result.EMPTY_NUMBER), ("a-2", B, Result.NO_ANSWER), ("a-3", C, Result.COMPLETED),
    ):  # fmt: skip
        contact = await took(store, attempt)
        assert contact.number == number
        desk.clock.advance(30)
        await end(desk, store, contact, attempt, result)
    assert await store.contacts.counts("spring") == Counts(0, 0, 1)
    for number in (A, B, C):
        standing = await store.calling.standing(number, Rules(), desk.clock.now())
        assert (len(standing.attempts), len(standing.number_attempts)) == (3, 1)
    await store.contacts.add("autumn", [[NewContact(B, "", 2)]])
    other = await store.contacts.claim("autumn", attempt="a-9", call_id="c-9")
    assert other == NotYet(desk.clock.now()), "he was tried today, at another number and by another campaign"


async def test_a_contact_whose_line_is_anothers_counts_for_both(desk: Desk, store: Store) -> None:
    home = "+862158880000"
    await store.contacts.add("spring", [[NewContact(home, "王", 2)], [NewContact(A, "李", 3, others=(home,))]])
    await store.contacts.add("autumn", [[NewContact(home, "李", 2, others=(A,))]])
    contact = await store.contacts.claim("autumn", attempt="a-1", call_id="c-1", terms=OFTEN, retry=PLAN)
    assert isinstance(contact, Contact) and contact.past.numbers == (home, A)
    over = Attempt("a-1", "autumn", contact.id).step(AttemptInput.DIAL).step(AttemptInput.NOT_REACHED, Result.FAX)
    await store.log.commit("c-1", ended(PLAN, contact.past, home, over, desk.clock.now()))
    again = await store.contacts.claim("autumn", attempt="a-2", call_id="c-2", terms=Terms(), retry=PLAN)
    assert isinstance(again, NotYet), "the call at the shared line was one at him"
    assert (await store.calling.decided(contact.id, limit=1))[0].rule == "person_day"


async def test_after_a_death_who_had_not_answered_is_tried_again(desk: Desk) -> None:
    async with await desk.open() as store:
        await store.contacts.add("spring", [[NewContact(A, "", 2), NewContact(B, "", 3)]])
        for attempt in ("a-1", "a-2"):
            await took(store, attempt)
            store.log.post(f"c-{attempt}", CallStarted("outbound", "", ""))
        await store.log.commit("c-a-2", CallAnswered())
        began = desk.clock.now()
    desk.clock.advance(5)
    async with await desk.open() as store:
        assert (await store.recover()).attempts == 2
        assert [fact.again_at for event in desk.heard if isinstance(fact := event.fact, AttemptEnded)] == [
            began + 600, None,
        ]  # fmt: skip
        assert await store.contacts.counts("spring") == Counts(1, 0, 1)
        assert await claim(store, "a-3") == NotYet(began + 600)
        desk.clock.advance(600)
        contact = await took(store, "a-3")
        assert (contact.number, contact.past.tried) == (A, ((A, "interrupted"),))


async def test_an_old_log_says_of_nobody_that_he_is_tried_again(desk: Desk, store: Store) -> None:
    await store.contacts.add("spring", [[NewContact(A, "", 2)]])
    await took(store, "a-1")
    await store.log.commit("c-a-1", AttemptEnded("a-1", "spring", 1, "busy", 486))
    assert await claim(store, "a-2") is None


async def test_a_promise_goes_before_all_others_and_earlier_tries_do_not_count(desk: Desk, store: Store) -> None:
    await store.contacts.add("spring", [[NewContact(A, "", 2), NewContact(B, "", 3), NewContact(C, "", 4)]])
    first = await took(store, "a-1", Terms())
    await end(desk, store, first, "a-1", Result.REFUSED)
    assert not await store.promises.promise(ContactPromised("spring", 99, 0.0))
    assert not await store.promises.promise(ContactPromised("autumn", 1, 0.0))
    desk.clock.advance(60)
    at = desk.clock.now() + 1800
    for when, agent in ((at + 900, "102"), (at, "101")):
        assert await store.promises.promise(ContactPromised("spring", 1, when, agent, "boss"))
    [shown, *_] = await store.campaigns.results("spring")
    assert (shown.state, shown.again_at, shown.promised_at, shown.wanted_agent) == ("pending", at, at, "101")
    await store.contacts.look_again("spring")
    assert (await took(store, "a-2", Terms())).number == B, "not before the time"
    desk.clock.advance(1800)
    contact = await took(store, "a-3", Terms())
    assert (contact.number, contact.wanted_agent, contact.past.forgiven) == (A, "101", 1)
    await end(desk, store, contact, "a-3", Result.BUSY)
    desk.clock.advance(600)
    assert isinstance(await claim(store, "a-4", replace(Terms(), rules=Rules(number_a_day=9))), Contact)
    again = await store.calling.listed("spring", 1)
    assert again is not None and again.agent == "101", "it is kept until he is reached, or given up"


async def test_a_promise_that_is_made_in_the_call_holds_when_it_ends(desk: Desk, store: Store) -> None:
    await store.contacts.add("spring", [[NewContact(A, "", 2)]])
    contact = await took(store, "a-1", Terms())
    desk.clock.advance(20)
    at = desk.clock.now() + 7200
    await store.promises.promise(ContactPromised("spring", 1, at, "101"))
    assert await store.contacts.counts("spring") == Counts(0, 1, 0)
    await end(desk, store, contact, "a-1", Result.PARTIAL)
    assert await store.contacts.counts("spring") == Counts(1, 0, 0)
    assert await claim(store, "a-2", Terms()) == NotYet(at)
    desk.clock.advance(7200)
    kept = await took(store, "a-2", Terms())
    await end(desk, store, kept, "a-2", Result.COMPLETED)
    listed = await store.calling.listed("spring", 1)
    assert listed is not None and (listed.state, listed.result, listed.call_at) == ("done", "completed", None)


async def two_lists(store: Store) -> None:
    for start in (0, 3):
        rows = [NewContact(f"+861390000000{start + at}", "", at + 2) for at in range(3)]
        await store.contacts.add("spring", [rows])


async def order_of(desk: Desk, store: Store, order: Order) -> list[int]:
    """One of each list is due again; contacts in the order in which they are taken."""
    await two_lists(store)
    for attempt in (1, 4):
        contact = await took(store, f"b-{attempt}", order=Order.NEWEST if attempt == 1 else Order.LIST)
        await end(desk, store, contact, f"b-{attempt}", Result.BUSY)
        desk.clock.advance(1)
    desk.clock.advance(600)
    return [(await took(store, f"a-{turn}", order=order)).id for turn in range(6)]


async def test_who_was_skipped_comes_behind_the_others_and_not_before_his_time(desk: Desk, store: Store) -> None:
    await store.contacts.add("spring", [[NewContact(A, "", 2), NewContact(B, "", 3)]])
    first = await took(store, "a-1")
    later = desk.clock.now() + 1800
    await store.log.commit("c-a-1", AttemptEnded("a-1", "spring", first.id, "withdrawn", again_at=later))
    second = await took(store, "a-2")
    assert (first.number, second.number) == (A, B)
    await end(desk, store, second, "a-2", Result.TALKED)
    assert await claim(store, "a-3") == NotYet(later)
    await store.contacts.look_again("spring")
    assert await claim(store, "a-3") == NotYet(later), "other rules do not bring him back sooner"
    desk.clock.advance(1801)
    again = await took(store, "a-4")
    assert (again.id, again.past.tried) == (first.id, ())


async def test_in_the_order_of_the_lists(desk: Desk, store: Store) -> None:
    assert await order_of(desk, store, Order.LIST) == [2, 3, 5, 6, 4, 1]


async def test_the_newest_list_first(desk: Desk, store: Store) -> None:
    assert await order_of(desk, store, Order.NEWEST) == [5, 6, 4, 2, 3, 1]


async def test_who_is_due_again_first(desk: Desk, store: Store) -> None:
    assert await order_of(desk, store, Order.AGAIN) == [4, 1, 2, 3, 5, 6]


async def test_lists_share_by_weight_and_stop_at_their_quotas(desk: Desk, store: Store) -> None:
    for start in (0, 100):
        rows = [NewContact(f"+86139{start + at:08}", "", at + 2) for at in range(60)]
        await store.contacts.add("spring", [rows])
    assert not await store.list_shares.change(ListShareChanged("autumn", 1, 3, 0))
    assert await store.list_shares.change(ListShareChanged("spring", 2, 9, 12, "boss"))
    taken: list[int] = []
    for turn in range(30):
        contact = await took(store, f"a-{turn}")
        taken.append(contact.id)
        await end(desk, store, contact, f"a-{turn}", Result.COMPLETED)
    assert taken[:14].count(1) == 1 and sum(at > 60 for at in taken[:13]) >= 9, "nine calls of ten"
    assert sum(at > 60 for at in taken) == 12, "its quota is full"
    assert [at for at in taken if at <= 60] == list(range(1, 19)), "each list in its own order"
    first, second = await store.list_shares.of("spring")
    assert (first.rows, first.completed, second.weight, second.quota, second.completed) == (60, 18, 9, 12, 12)
    for turn in range(30, 72):
        contact = await took(store, f"a-{turn}")
        await end(desk, store, contact, f"a-{turn}", Result.COMPLETED)
    assert await claim(store, "a-99") is None, "whoever is left is of the list that is full"
    assert await store.contacts.counts("spring") == Counts(48, 0, 72)
    await store.list_shares.change(ListShareChanged("spring", 2, 9, 0, "boss"))
    assert (await took(store, "a-99")).id == 73
