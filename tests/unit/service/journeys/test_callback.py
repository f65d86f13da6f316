"""Calling back: the wish, the number, and the call to the customer once an agent is there."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from acd.callback_facts import CallbackEnded, CallbackPromised
from acd.served import Connected, LeftByKey, Overflowed, WantsCallback
from campaigns.attempt import Result
from core.errors import CallRejected, NotAllowed, TransactionTimeout, Unavailable
from ivr.hours_text import parse_hours
from ivr.prompts import Prompts
from service.callback_stand import Missed, Trial
from service.callbacks import Callbacks
from service.config_callback import CallbackTerms
from service.journeys.callback import call_back
from service.journeys.callback_number import NumberQuestion, asks
from service.journeys.inbound import inbound
from service.supervisor import Supervisor
from service.ways import CallBack, QueueWays, Say
from telephony.call import Call
from telephony.facts import CallAnswered, CallEnded, RecordingFinished, RecordingStarted, TalkStarted
from telephony.media.commands import Play
from telephony.ports import Leg
from telephony.tolls import TollRules
from tests.unit.acd.doubles import FakeLeg
from tests.unit.service.callback_doubles import LI, House
from tests.unit.service.journeys.doubles import Desk, hangs_up, turn
from tests.virtual_loop import run

TERMS = CallbackTerms(trunk="carrier", caller_id="4008001234")


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


# The number


def asked(caller: str, *keys: tuple[float, str], own: Path | None = None) -> tuple[str, list[str]]:
    """What comes of asking a caller who presses ``keys`` (after so many seconds more, each), and what he hears."""

    async def main() -> tuple[str, list[str]]:
        house, leg = House(), FakeLeg("caller")
        asking = asyncio.create_task(question(leg, caller, house, own)())
        for after_s, key in keys:
            await asyncio.sleep(after_s)
            leg.press(key)
        number = await asking
        await house.close()
        return number, [clip.stem for _, clips in leg.heard for clip in clips]

    return run(main())


def question(leg: FakeLeg, caller: str, house: House, own: Path | None = None) -> NumberQuestion:
    rooms = SimpleNamespace(prompts=Prompts(own), tasks=house.tasks)
    return NumberQuestion(leg, caller, rooms, house.callbacks)  # type: ignore[arg-type]


def standing(caller: str, *keys: str) -> list[str]:
    """Which number stands at first and after each of ``keys``, pressed every two seconds."""

    async def main() -> list[str]:
        house, leg = House(), FakeLeg("caller")
        asked = question(leg, caller, house)
        stood = [asked.stands]
        asking = asyncio.create_task(asked())
        for key in keys:
            await asyncio.sleep(2.0)
            stood.append(asked.stands)
            leg.press(key)
        await asyncio.sleep(1.0)
        stood.append(asked.stands)
        asking.cancel()
        await asyncio.wait({asking})
        await house.close()
        return stood

    return run(main())


OWN = [*(f"d{digit}" for digit in "13800138000"), "confirm_choice"]


def test_his_own_number_is_read_out_and_confirmed() -> None:
    assert asked("13800138000", (20.0, "1")) == (LI, OWN)


def test_he_may_confirm_before_all_has_been_said() -> None:
    assert asked("13800138000", (1.0, "1")) == (LI, OWN)


@pytest.mark.parametrize("keys", [[], [(5.0, "*")], [(5.0, "9")]])
def test_who_does_not_confirm_goes_on_waiting(keys: list[tuple[float, str]]) -> None:
    assert asked("13800138000", *keys) == ("", OWN)


def test_another_number_is_keyed_in_and_read_out() -> None:
    keys = [(1.0, digit) for digit in "13900139000#"]
    number, heard = asked("13800138000", (5.0, "2"), *keys, (5.0, "1"))
    assert number == "+8613900139000"
    assert heard == [*OWN, "beep", *(f"d{digit}" for digit in "13900139000"), "confirm_choice"]


def test_a_number_is_at_its_end_after_a_pause_too() -> None:
    keys = [(1.0, digit) for digit in "13900139000"]
    assert asked("anonymous", *keys, (12.0, "1"))[0] == "+8613900139000"


@pytest.mark.parametrize("keyed", ["110#", "4008001234#", "0014155550100#", "12#"])
def test_nobody_has_us_call_what_we_would_not(keyed: str) -> None:
    keys = [(1.0, digit) for digit in keyed]
    again = [(5.0, keyed[0]), *keys[1:]]
    number, heard = asked("", *keys, *again, *again)
    assert number == ""
    assert heard == ["beep", "invalid_input"] * 3


def test_a_house_may_ask_in_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "callback_number.wav").write_bytes((Prompts().file("beep")).read_bytes())
    assert asked("", (1.0, "*"), own=tmp_path) == ("", ["callback_number", "beep"])


def test_his_own_number_stands_until_he_turns_it_down() -> None:
    assert standing("13800138000", "1") == ["", LI, LI]
    assert standing("13800138000", "2") == ["", LI, ""]
    assert standing("13800138000", "*") == ["", LI, ""], "he waits"
    assert standing("anonymous") == ["", ""]
    assert standing("110", "1") == ["", "", ""], "nobody can have us call such a number"


def test_a_number_that_he_has_keyed_in_stands_while_it_is_read_out() -> None:
    stood = standing("anonymous", *"13900139000#", "5")
    assert stood[:-2] == [""] * 13
    assert stood[-2:] == ["+8613900139000", ""]


def test_no_number_stands_that_could_not_be_called() -> None:
    async def main() -> None:
        house, leg = House(), FakeLeg("caller")
        asked = question(leg, LI, house)
        asking = asyncio.create_task(asked())
        await asyncio.sleep(1.0)
        assert asked.stands == LI
        house.callbacks.hold()
        assert asked.stands == "", "the house is going down"
        asking.cancel()
        await asyncio.wait({asking})
        await house.close()

    run(main())


# The wish


@pytest.fixture
def callbacks(desk: Desk) -> Iterator[Callbacks]:
    """Promises of the desk's house, in whose queue nobody comes."""
    kept = Callbacks(desk.clock, desk.ids, desk.log, Supervisor(), TERMS, TollRules)

    async def story(trial: Trial) -> Missed | None:
        raise AssertionError("nobody is called")

    async def hold_place(*_: object, **__: object) -> None:
        await asyncio.get_running_loop().create_future()

    line = SimpleNamespace(hold_place=hold_place, takes_callers=lambda queue: True)
    kept.open(line, story)
    desk.house = replace(desk.house, callbacks=kept)
    yield kept


async def test_the_wish_is_written_down_before_he_hears_so(desk: Desk, callbacks: Callbacks) -> None:
    desk.media.finish_plays = True
    desk.waits().set_result(WantsCallback(LI, "q1", "sales", 100.0))
    arrival = desk.arrive("4000000001")
    await inbound(arrival, desk.house)
    await desk.settled()
    (promised,) = desk.facts(CallbackPromised)
    assert isinstance(promised, CallbackPromised)
    assert (promised.number, promised.entry, promised.due_at) == (LI, "q1", 100.0)
    assert [Path(play.sounds[0]).stem for play in desk.media.of(Play)] == ["callback_confirmed"]
    assert [fact.reason for fact in desk.facts(CallEnded) if isinstance(fact, CallEnded)] == ["normal"]
    assert desk.queue.ask is not None
    await callbacks._tasks.close()


async def test_who_calls_again_enters_at_his_place(desk: Desk, callbacks: Callbacks) -> None:
    await callbacks.promise("c0", WantsCallback(LI, "q0", "sales", 100.0))
    desk.waits()
    arrival = desk.arrive("4000000001")
    journey = asyncio.create_task(inbound(arrival, desk.house))
    await turn()
    assert desk.queue.terms.due == 100.0
    (ended,) = desk.facts(CallbackEnded)
    assert isinstance(ended, CallbackEnded) and ended.outcome == "merged"
    hangs_up(arrival.leg)
    await journey
    await callbacks._tasks.close()


async def test_who_asks_in_the_menu_by_key_or_by_word(desk: Desk, callbacks: Callbacks) -> None:
    desk.waits()
    arrival = desk.arrive("4000000004")
    journey = asyncio.create_task(inbound(arrival, desk.house))
    await turn()
    desk.media.press("out", "5")
    await turn()
    assert desk.queue.said[0] == ("serve", "sales", "13800138000")
    assert desk.queue.ask is not None and desk.queue.ask_first
    hangs_up(arrival.leg)
    await journey
    await callbacks._tasks.close()


async def hears(desk: Desk, prompt: str) -> None:
    """Wait until the caller is told so."""
    async with asyncio.timeout(5):
        while prompt not in said(desk):  # noqa: ASYNC110 - what is played is no event
            await asyncio.sleep(0)
    await turn()


def said(desk: Desk) -> list[str]:
    return [Path(play.sounds[0]).stem for play in desk.media.of(Play)]


def led_to(desk: Desk, how: str) -> None:
    """Make the queue one whose callers come to the step ``callback``, and then to another."""
    desk.media.finish_plays = True
    steps = (CallBack(), Say("holiday"))
    ways = QueueWays(keys={"9": steps})
    match how:
        case "closed":
            ways = QueueWays(hours=parse_hours([], holidays=""), closed=steps)
        case "overflow":
            desk.waits().set_result(Overflowed(("callback", "say:holiday"), "q1", "sales", 77.0))
        case "key":
            desk.waits().set_result(LeftByKey("9", "q1", "sales", 77.0))
    desk.house = replace(desk.house, ways={"sales": ways})


HOWS = pytest.mark.parametrize("how", ["closed", "overflow", "key"])


@HOWS
async def test_who_is_not_served_may_be_called_back_at_his_place(desk: Desk, callbacks: Callbacks, how: str) -> None:
    led_to(desk, how)
    journey = asyncio.create_task(inbound(desk.arrive("4000000001"), desk.house))
    for prompt in ("callback_instead", "d1"):
        await hears(desk, prompt)
        desk.media.press("out", "1")
    await journey
    await desk.settled()
    (promised,) = desk.facts(CallbackPromised)
    assert isinstance(promised, CallbackPromised)
    assert (promised.number, promised.queue) == (LI, "sales")
    place = ("", desk.clock.now()) if how == "closed" else ("q1", 77.0)
    assert (promised.entry, promised.due_at) == place
    assert said(desk) == ["callback_instead", "d1", "callback_confirmed"]
    await callbacks._tasks.close()


@HOWS
async def test_who_says_no_goes_on_to_the_next_step(desk: Desk, callbacks: Callbacks, how: str) -> None:
    led_to(desk, how)
    journey = asyncio.create_task(inbound(desk.arrive("4000000001"), desk.house))
    await hears(desk, "callback_instead")
    desk.media.press("out", "2")
    await journey
    await desk.settled()
    assert said(desk) == ["callback_instead", "holiday"]
    assert desk.facts(CallbackPromised) == []
    await callbacks._tasks.close()


@HOWS
@pytest.mark.parametrize("chosen", [True, False])
async def test_who_hangs_up_after_he_has_chosen_it_is_called_back(
    desk: Desk, callbacks: Callbacks, how: str, chosen: bool
) -> None:
    led_to(desk, how)
    arrival = desk.arrive("4000000001")
    journey = asyncio.create_task(inbound(arrival, desk.house))
    await hears(desk, "callback_instead")
    if chosen:
        desk.media.press("out", "1")
        await hears(desk, "d1")
    hangs_up(arrival.leg)
    await journey
    await desk.settled()
    promised = [fact.number for fact in desk.facts(CallbackPromised) if isinstance(fact, CallbackPromised)]
    assert promised == ([LI] if chosen else [])
    (ended,) = desk.facts(CallEnded)
    assert isinstance(ended, CallEnded) and (ended.reason, ended.by) == ("normal", "caller")
    await callbacks._tasks.close()


@HOWS
async def test_where_nobody_can_be_called_back_the_step_is_passed_over(
    desk: Desk, callbacks: Callbacks, how: str
) -> None:
    led_to(desk, how)
    callbacks.terms = CallbackTerms()
    await inbound(desk.arrive("4000000001"), desk.house)
    await desk.settled()
    assert said(desk) == ["holiday"]
    await callbacks._tasks.close()


async def test_without_a_trunk_nobody_is_asked(desk: Desk, callbacks: Callbacks) -> None:
    leg: Leg = desk.arrive("4000000001").leg
    assert asks(leg, LI, desk.house) is not None
    callbacks.terms = CallbackTerms()
    assert asks(leg, LI, desk.house) is None
    await callbacks._tasks.close()


# The call


class Try:
    """A try at the desk, with agent 101 on the line."""

    def __init__(self, desk: Desk, inside: Leg) -> None:
        self.desk = desk
        self.trial = Trial(
            number=LI,
            queue="sales",
            call=Call("c1", desk.log),
            served=Connected("101", inside, "q1", "sales"),
            terms=TERMS,
            claim=self.claim,
            reached=lambda: desk.queue.said.append(("reached",)),
        )
        self.fault: Exception | None = None

    async def claim(self) -> None:
        self.desk.queue.said.append(("claimed",))
        if self.fault is not None:
            raise self.fault

    async def run(self) -> Missed | None:
        return await call_back(self.trial, self.desk.house)


async def test_what_he_is_told_is_not_cut_short_by_the_network(desk: Desk) -> None:
    inside, customer = await desk.agent(), await desk.agent(LI, "customer")
    calling = asyncio.create_task(Try(desk, inside).run())
    await turn()
    assert desk.early is not None
    desk.early(customer)
    await turn()
    assert desk.media.legs["in"].playing is not None
    desk.media.finish_play("in")
    await turn()
    assert (desk.media.legs["in"].playing, desk.media.legs["in"].partner) == (None, "customer")
    desk.abroad.set_exception(CallRejected(486))
    await calling
    await desk.settled()


async def test_the_agent_hears_who_it_is_while_it_rings_and_then_they_talk(desk: Desk) -> None:
    inside, customer = await desk.agent(), await desk.agent(LI, "customer")
    this = Try(desk, inside)
    calling = asyncio.create_task(this.run())
    await turn()
    heard = [Path(sound).stem for sound in desk.media.of(Play)[0].sounds if isinstance(sound, str | Path)]
    assert heard == ["whisper_callback", *OWN[:-1]]
    assert desk.queue.said == [("claimed",), ("dial", LI, "carrier")]
    desk.abroad.set_result(customer)
    await desk.until(TalkStarted)
    assert desk.media.legs["customer"].partner == "in"
    hangs_up(customer)
    assert await calling is None
    await desk.settled()
    assert desk.queue.said[2:] == [("reached",), ("talk over", "101", "q1")]
    assert inside.end is not None and inside.end.by_us
    (ended,) = desk.facts(CallEnded)
    assert isinstance(ended, CallEnded) and (ended.reason, ended.by) == ("normal", "caller")
    assert len(desk.facts(CallAnswered)) == 1
    assert len(desk.facts(RecordingStarted)) == len(desk.facts(RecordingFinished)) == 1


@pytest.mark.parametrize(
    ("fault", "missed"),
    [
        (CallRejected(486, "Busy Here"), Missed(Result.BUSY, 486)),
        (TransactionTimeout("rang in vain"), Missed(Result.NO_ANSWER)),
        (CallRejected(503, "Full"), Missed(Result.FAILED, 503, counts=False)),
        (Unavailable("no trunk"), Missed(Result.FAILED, counts=False)),
        (NotAllowed("refused by the house"), Missed(Result.FAILED, 403)),
    ],
)
async def test_a_customer_who_is_not_reached(desk: Desk, fault: Exception, missed: Missed) -> None:
    inside = await desk.agent()
    desk.abroad.set_exception(fault)
    assert await Try(desk, inside).run() == missed
    assert inside.end is not None, "the agent is free again"
    assert desk.queue.said[-1] == ("talk over", "101", "q1")
    (ended,) = desk.facts(CallEnded)
    assert isinstance(ended, CallEnded) and ended.by == "system"


async def test_the_agent_hangs_up_while_it_rings(desk: Desk) -> None:
    inside = await desk.agent()
    calling = asyncio.create_task(Try(desk, inside).run())
    await turn()
    hangs_up(inside)
    assert await calling == Missed(Result.INTERRUPTED)
    assert desk.abroad.cancelled(), "it rings no more"


async def test_nobody_is_called_where_that_cannot_be_written_down(desk: Desk) -> None:
    inside = await desk.agent()
    this = Try(desk, inside)
    this.fault = Unavailable("the disk is full")
    assert await this.run() == Missed(Result.WITHDRAWN, counts=False)
    assert ("dial", LI, "carrier") not in desk.queue.said
    assert inside.end is not None
