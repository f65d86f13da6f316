"""Callers who keep their place: promises as a state machine, in the line, and by key."""

import asyncio
import itertools
from pathlib import Path

import pytest

from acd.agents import AgentInput
from acd.callback_facts import CallbackLeft, CallbackWaits
from acd.callbacks import (
    TABLE,
    Callback,
    CallbackBook,
    CallbackInput,
    CallbackOutcome,
    CallbackRules,
    CallbackState,
)
from acd.facts import QueueEntered, QueueLeft, QueueOutcome
from acd.served import Connected, Served, WantsCallback
from acd.skills import SkillNeed
from acd.urgency import CallerTerms
from core.errors import LegEnded, LocalProtocolError
from tests.unit.acd.doubles import FakeLeg
from tests.unit.acd.floor import Floor, sales
from tests.unit.acd.test_distributor import NUMBER, Centre
from tests.virtual_loop import EPOCH, run

RULES = CallbackRules(tries=2, retry_s=600.0, holds_s=3600.0)


def promise(**more: object) -> Callback:
    return Callback("b1", "sales", NUMBER, "c1", 0.0, -60.0, 3600.0, **more)  # type: ignore[arg-type]


def test_a_promise_ends_once_and_only_from_where_it_can():
    for state in CallbackState:
        for item in CallbackInput:
            one = promise(state=state)
            if (state, item) in TABLE:
                one.step(item)
                assert one.state is TABLE[state, item]
            else:
                with pytest.raises(LocalProtocolError):
                    one.step(item)
    assert not [state for state, _ in TABLE if state is CallbackState.ENDED]


def test_tries_are_counted_but_not_those_that_our_side_spoilt():
    one = promise()
    for counts, tries in ((False, 0), (True, 1), (True, 2)):
        one.step(CallbackInput.ENTER)
        one.dial("amy")
        one.miss(100.0, RULES, counts=counts)
        assert (one.tries, one.not_before) == (tries, 700.0)
    assert one.over(100.0, RULES) is CallbackOutcome.UNREACHED


def test_what_ends_a_promise_that_rests():
    assert promise().over(3599.0, RULES) is None
    assert promise().over(3600.0, RULES) is CallbackOutcome.EXPIRED
    assert promise(given_up=CallbackOutcome.MERGED).over(0.0, RULES) is CallbackOutcome.MERGED


def test_the_book_finds_what_is_promised_to_a_number_in_a_queue():
    book, one = CallbackBook(), promise()
    book.add(one)
    assert book.of(NUMBER, "sales") is one and book.get("b1") is one and list(book) == [one]
    assert book.of(NUMBER, "service") is None
    one.given_up = CallbackOutcome.MERGED
    assert book.of(NUMBER, "sales") is None
    book.remove(one)
    book.remove(one)
    assert list(book) == []


def test_who_is_to_be_called_back_keeps_his_place_and_is_counted_once():
    """fusionpbx#1322: callers want to be called back without losing their place."""
    floor = Floor(sales("a", max_length=2, max_wait_s=30.0))
    floor.enter("first", 0.0)
    floor.enter("second", 10.0)
    assert floor.scheduler.leave("first", QueueOutcome.CALLED_BACK, 20.0)
    floor.enter("promise", 20.0, terms=CallerTerms(due=0.0, callback="b1"))
    floor.enter("third", 21.0)
    floor.enter("fourth", 22.0)
    assert [one.entry for one in floor.overflows] == ["fourth"], "a promise takes nobody's place on the line"
    assert floor.scheduler.ahead("second") == 1, "and stands before who came later"
    (view,) = floor.scheduler.snapshot(22.0).queues
    assert (view.callbacks, [one.entry for one in view.waiting]) == (1, ["second", "third"])
    tally = view.tally
    assert (tally.offered, tally.called_back, tally.overflowed, tally.waiting) == (4, 1, 1, 2)
    floor.run_to(300.0)
    assert {one.entry for one in floor.overflows} == {"second", "third", "fourth"}, "who is off the line waits on"
    assert CallbackWaits("b1", "promise", "sales") in floor.facts
    entered = [fact.entry for fact in floor.facts if isinstance(fact, QueueEntered)]
    assert entered == ["first", "second", "third", "fourth"]


def test_a_promise_is_served_in_its_turn_and_leaves_without_being_counted_as_answered():
    """plugin-queued-callbacks#9: callbacks came out of order."""
    floor = Floor(sales("a"))
    floor.enter("early", 0.0)
    floor.enter("promise", 50.0, terms=CallerTerms(due=10.0, callback="b1"))
    floor.enter("late", 20.0)
    floor.do("a", AgentInput.PHONE_UP, 60.0)
    floor.do("a", AgentInput.READY, 60.0)
    served = []
    for at in (61.0, 80.0, 99.0):
        served.append(floor.ringing["a"].entry)
        floor.answer("a", at)
        floor.over("a", at + 1.0)
        floor.run_to(at + 12.0)
    assert served == ["early", "promise", "late"]
    (left,) = [fact for fact in floor.facts if isinstance(fact, CallbackLeft)]
    assert (left.callback, left.outcome, left.agent) == ("b1", "answered", "a")
    assert [fact.entry for fact in floor.facts if isinstance(fact, QueueLeft)] == ["early", "late"]


class Asked:
    """Asks for the number as a test says; ``own`` is the one that stands meanwhile."""

    def __init__(self, own: str = "") -> None:
        self.began = asyncio.Event()
        self.answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.stands = ""
        self.says: list[float] = []
        self.listened: list[float] = []
        self.kept: list[WantsCallback] = []
        self._own = own

    async def __call__(self) -> str:
        self.stands = self._own
        self.began.set()
        number = await asyncio.shield(self.answer)
        self.stands = number
        return number

    async def spoken(self) -> bool:
        """After each offer he says so after as many seconds as the test says; of more offers nothing comes."""
        self.listened.append(asyncio.get_running_loop().time())
        if not self.says:
            return False
        await asyncio.sleep(self.says.pop(0))
        return True

    def hung_up(self, wish: WantsCallback) -> None:
        self.kept.append(wish)


def serve(centre: Centre, leg: FakeLeg, ask: Asked | None) -> "asyncio.Task[Served]":
    terms = CallerTerms(ahead_s=60.0, skills=(SkillNeed("english", 3),))
    return asyncio.create_task(centre.distributor.serve(leg, "sales", number=NUMBER, terms=terms, ask=ask))


def test_by_the_key_the_caller_leaves_with_his_place():
    async def main() -> None:
        centre = Centre("a", callback_key="1", announce_interval_s=60.0)
        caller, ask = FakeLeg("caller"), Asked()
        task = serve(centre, caller, ask)
        await asyncio.sleep(1.0)
        assert caller.playing == (Path("hold"), Path("ahead 0"), Path("callback"))
        caller.press("5")
        caller.press("1")
        await ask.began.wait()
        assert caller.playing == (), "nothing is said over the question"
        ask.answer.set_result("+8613900139000")
        wish = await task
        assert isinstance(wish, WantsCallback)
        assert (wish.number, wish.due, wish.skills) == ("+8613900139000", EPOCH - 60.0, (SkillNeed("english", 3),))
        (left,) = centre.facts(QueueLeft)
        assert isinstance(left, QueueLeft) and left.outcome == "called_back"
        assert caller.playing == ()

    run(main())


def test_who_would_rather_wait_hears_music_again():
    async def main() -> None:
        centre = Centre("a", callback_key="1")
        caller, ask = FakeLeg("caller"), Asked()
        task = serve(centre, caller, ask)
        await asyncio.sleep(12.0)
        caller.press("1")
        await ask.began.wait()
        ask.answer.set_result("")
        await asyncio.sleep(1.0)
        assert caller.playing == (Path("music"),)
        assert not task.done()
        task.cancel()

    run(main())


def test_an_agent_who_is_free_meanwhile_has_the_caller_at_once():
    async def main() -> None:
        centre = Centre("a", callback_key="1")
        caller, ask = FakeLeg("caller"), Asked()
        task = asyncio.create_task(centre.distributor.serve(caller, "sales", number=NUMBER, ask=ask))
        await asyncio.sleep(5.0)
        caller.press("1")
        await ask.began.wait()
        centre.ready("a")
        assert isinstance(await task, Connected)
        (left,) = centre.facts(QueueLeft)
        assert isinstance(left, QueueLeft) and left.outcome == "answered"

    run(main())


def test_he_may_say_so_after_he_was_told():
    async def main() -> None:
        centre = Centre("a", callback_key="1", announce_interval_s=60.0)
        caller, ask = FakeLeg("caller"), Asked()
        ask.says = [3.0]
        task = serve(centre, caller, ask)
        await asyncio.wait_for(ask.began.wait(), 60.0)
        told_s = 9.0  # three clips
        assert ask.listened == [pytest.approx(told_s)]
        assert asyncio.get_running_loop().time() == pytest.approx(told_s + 3.0)
        assert caller.playing == (), "no music over the question"
        ask.answer.set_result("+8613900139000")
        assert isinstance(await task, WantsCallback)

    run(main())


def test_it_is_listened_after_offers_only_and_ends_with_the_music():
    async def main() -> None:
        centre = Centre("a", callback_key="1", announce_interval_s=30.0)
        caller, ask = FakeLeg("caller"), Asked()
        ask.says = [1000.0]  # would speak long after the next announcement
        task = serve(centre, caller, ask)
        await asyncio.sleep(250.0)
        offers = [at for at, clips in caller.heard if Path("callback") in clips]
        assert len(ask.listened) == len(offers) == 3
        assert all(0 < begun - said < 15 for begun, said in zip(ask.listened, offers, strict=True))
        assert not ask.began.is_set()
        caller.press("1")
        await ask.began.wait()
        task.cancel()

    run(main())


@pytest.mark.parametrize("own", [NUMBER, ""])
@pytest.mark.parametrize("cut", ["leg", "journey"])
def test_who_hangs_up_while_he_is_asked_is_called_back_at_the_number_that_stands(own: str, cut: str):
    async def main() -> None:
        centre = Centre("a", callback_key="1")
        caller, ask = FakeLeg("caller"), Asked(own)
        task = serve(centre, caller, ask)
        await asyncio.sleep(1.0)
        caller.press("1")
        await ask.began.wait()
        if cut == "leg":
            caller.far_end_hangs_up()
        else:
            task.cancel()
        await asyncio.wait({task})
        assert task.cancelled() if cut == "journey" else isinstance(task.exception(), LegEnded)
        (left,) = centre.facts(QueueLeft)
        assert isinstance(left, QueueLeft)
        assert left.outcome == ("called_back" if own else "abandoned")
        kept = [(wish.number, wish.entry, wish.due, wish.skills) for wish in ask.kept]
        assert kept == ([(NUMBER, left.entry, EPOCH - 60.0, (SkillNeed("english", 3),))] if own else [])

    run(main())


@pytest.mark.parametrize("after", ["waits", "answered"])
def test_who_was_asked_and_hangs_up_later_is_not_called_back(after: str):
    """He would rather wait and has given up then; or an agent has had him."""

    async def main() -> None:
        centre = Centre("a", callback_key="1")
        caller, ask = FakeLeg("caller"), Asked(NUMBER)
        task = asyncio.create_task(centre.distributor.serve(caller, "sales", number=NUMBER, ask=ask))
        await asyncio.sleep(1.0)
        caller.press("1")
        await ask.began.wait()
        if after == "waits":
            ask.answer.set_result("")
        else:
            centre.ready("a")
        await asyncio.sleep(10.0)
        caller.far_end_hangs_up()
        await asyncio.wait({task})
        (left,) = centre.facts(QueueLeft)
        assert isinstance(left, QueueLeft)
        assert left.outcome == ("abandoned" if after == "waits" else "answered")
        assert ask.kept == []
        assert isinstance(task.exception(), LegEnded) if after == "waits" else isinstance(task.result(), Connected)

    run(main())


@pytest.mark.parametrize("number", ["+8613900139000", ""])
def test_who_has_asked_for_it_in_the_menu_is_asked_at_once(number: str):
    async def main() -> None:
        centre = Centre("a")
        caller, ask = FakeLeg("caller"), Asked()
        task = asyncio.create_task(centre.distributor.serve(caller, "sales", number=NUMBER, ask=ask, ask_first=True))
        await asyncio.wait_for(ask.began.wait(), 1.0)
        assert caller.heard == []
        ask.answer.set_result(number)
        await asyncio.sleep(1.0)
        assert task.done() == bool(number)
        if number:
            assert isinstance(task.result(), WantsCallback)
            (left,) = centre.facts(QueueLeft)
            assert isinstance(left, QueueLeft) and left.outcome == "called_back"
        else:
            assert caller.playing, "he waits like anybody else"
        task.cancel()

    run(main())


@pytest.mark.parametrize("key", ["", "1"])
def test_where_nobody_can_be_called_back_nothing_is_offered(key: str):
    async def main() -> None:
        centre = Centre("a", callback_key=key)
        caller = FakeLeg("caller")
        task = serve(centre, caller, None)
        await asyncio.sleep(1.0)
        caller.press("1")
        await asyncio.sleep(200.0)
        assert not task.done()
        assert not [clips for _, clips in caller.heard if Path("callback") in clips]
        task.cancel()

    run(main())


def test_it_is_offered_again_only_after_a_while():
    async def main() -> None:
        centre = Centre("a", callback_key="1", announce_interval_s=30.0)
        caller = FakeLeg("caller")
        task = serve(centre, caller, Asked())
        await asyncio.sleep(250.0)
        said = [round(at) for at, clips in caller.heard if Path("callback") in clips]
        assert len(said) == 3
        assert all(90 <= later - sooner <= 130 for sooner, later in itertools.pairwise(said))
        task.cancel()

    run(main())
