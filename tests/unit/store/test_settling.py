"""What is said of a campaign's talk, while it goes on or afterwards, and what becomes of the contact."""

from collections.abc import Iterable

import pytest

from campaigns.facts import AttemptEnded, AttemptStarted, ContactPromised
from campaigns.list_order import Order
from campaigns.ports import Contact, NewContact, NotYet
from campaigns.retry import Past, RetryPlan, Wait, When
from campaigns.rules.values import Rules, Terms
from campaigns.settle import CALL_AGAIN, FINISHED, REFUSE, RETRY, Word, settled
from campaigns.tried import Tried
from core.events import Fact
from desk.facts import CallDisposed
from store.settling import Settled
from store.store import Store
from tests.unit.store.conftest import Desk

NOON = 1_780_286_400.0  # 2026-06-01 12:00 in Shanghai
NUMBER = "+8613800138000"
PLAN = RetryPlan(attempts=5)
HOUR = Wait(When.AFTER, 3600.0)
TERMS = Terms(rules=Rules(a_day=9, in_30_days=9, number_a_day=9, number_in_30_days=9))


class Talks:
    """One contact whose talks a test begins and ends."""

    def __init__(self, desk: Desk, store: Store) -> None:
        self.desk, self.store = desk, store

    async def fill(self) -> None:
        self.desk.clock._now = NOON - 60
        await self.store.contacts.add("spring", [[NewContact(NUMBER, "王", 1)]])

    async def begin(self, name: str = "1") -> None:
        await self.store.log.commit(f"c-{name}", AttemptStarted(f"a-{name}", "spring", 1, NUMBER))

    async def end(self, name: str = "1", again_at: float | None = None) -> None:
        await self.store.log.commit(f"c-{name}", AttemptEnded(f"a-{name}", "spring", 1, "talked", again_at=again_at))

    async def say(self, then: str, name: str = "1", *, agreed: bool = False, call_at: float | None = None) -> str:
        word = Word("code", "101", "wang", then, agreed, HOUR, call_at)
        now = self.desk.clock.now()

        def meaning(tried: Tried) -> Iterable[Fact]:
            return settled(tried, word, PLAN, now)

        fact = CallDisposed("101", "outbound", "code", "wang")
        return (await self.store.settling.say(f"c-{name}", fact, meaning)).campaign

    async def stands(self) -> tuple[str, str, float]:
        listed = await self.store.calling.listed("spring", 1)
        assert listed is not None
        return listed.state, listed.result, listed.not_before


async def begun(desk: Desk, store: Store) -> Talks:
    made = Talks(desk, store)
    await made.fill()
    await made.begin()
    desk.clock.advance(60)
    return made


@pytest.fixture
async def talks(desk: Desk, store: Store) -> Talks:
    return await begun(desk, store)


@pytest.mark.parametrize("meanwhile", [True, False], ids=["while they talk", "in the wrap-up"])
@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ("", ("done", "talked", 0.0)),
        (RETRY, ("pending", "", NOON + 3600)),
        (FINISHED, ("done", "talked", 0.0)),
        (REFUSE, ("done", "talked", 0.0)),
        (CALL_AGAIN, ("pending", "", NOON + 7200)),
    ],
)
async def test_each_rule_whenever_it_is_said(
    talks: Talks, meanwhile: bool, then: str, expected: tuple[str, str, float]
) -> None:
    if not meanwhile:
        await talks.end()
    assert await talks.say(then, call_at=NOON + 7200) == "spring"
    if meanwhile:
        assert (await talks.stands())[0] == "dialling", "the call is still up"
        await talks.end()
    assert await talks.stands() == expected
    bars, _ = await talks.store.calling.bars(number=NUMBER, limit=5)
    assert [(bar.kind, bar.how, bar.by, bar.campaign) for bar in bars] == (
        [("refused", "agent", "wang", "spring")] if then == REFUSE else []
    )


async def test_finished_holds_over_the_plan(talks: Talks) -> None:
    await talks.say(FINISHED)
    await talks.end(again_at=NOON + 86_400)  # [campaign.retry] talked = "next day"
    assert (await talks.stands())[:2] == ("done", "talked")
    await talks.store.contacts.look_again("spring")
    assert (await talks.stands())[0] == "done"


async def test_who_is_to_be_tried_again_is_claimed_then(talks: Talks) -> None:
    await talks.end()
    await talks.say(RETRY)

    async def claim() -> Contact | NotYet | None:
        return await talks.store.contacts.claim(
            "spring", attempt="a-2", call_id="c-2", terms=TERMS, retry=PLAN, order=Order.LIST
        )

    await talks.store.contacts.look_again("spring")  # the rules are forgotten, what was said is not
    assert await claim() == NotYet(NOON + 3600)
    talks.desk.clock.advance(3600)
    taken = await claim()
    assert isinstance(taken, Contact) and taken.past == Past((NUMBER,), ((NUMBER, "talked"),))


async def test_second_thoughts(desk: Desk, store: Store) -> None:
    talks = await begun(desk, store)
    await talks.say(CALL_AGAIN, call_at=NOON + 7200)
    await talks.end()
    assert (await talks.stands())[0] == "pending"
    await talks.say("", agreed=True)  # no: he wants it now
    assert await talks.stands() == ("done", "talked", NOON + 7200)
    listed = await talks.store.calling.listed("spring", 1)
    assert listed is not None and listed.call_at is None, "nobody is promised anything any more"
    await talks.say(RETRY)
    assert await talks.stands() == ("pending", "", NOON + 3600)


async def test_a_word_of_an_older_talk_changes_nothing(talks: Talks) -> None:
    await talks.end()
    await talks.say(RETRY)
    talks.desk.clock.advance(7200)
    await talks.begin("2")
    await talks.end("2")
    await talks.say(RETRY, "1")
    assert (await talks.stands())[:2] == ("done", "talked")


async def test_a_promise_of_somebody_else_from_before_stands_until_he_is_reached(talks: Talks) -> None:
    await talks.end()
    talks.desk.clock.advance(60)
    await talks.store.promises.promise(ContactPromised("spring", 1, NOON + 9000, "102", "li"))
    assert await talks.stands() == ("pending", "", NOON + 9000)
    talks.desk.clock.advance(9000)
    await talks.begin("2")
    await talks.say(FINISHED, "2")
    await talks.end("2")
    assert (await talks.stands())[0] == "done"


async def test_calls_that_are_no_campaign_s_are_only_disposed(store: Store) -> None:
    said = await store.settling.say("c-in", CallDisposed("101", "sales", "code", "wang"), lambda _tried: ())
    assert said == Settled("")
    found = await store.dispositions.report(0.0, 4e9)
    assert found.total.given == 1
