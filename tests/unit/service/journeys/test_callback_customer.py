"""Calling a customer back before his agent is there."""

import asyncio
from pathlib import Path

import pytest

from acd.urgency import CallerTerms
from campaigns.attempt import Result
from core.errors import CallRejected, Unavailable
from service.callback_customer import CustomerTrial
from service.callback_stand import Missed
from service.config_callback import CallbackTerms
from service.journeys.callback_customer import call_customer
from telephony.call import Call
from telephony.facts import CallEnded, RecordingFinished, RecordingStarted, TalkStarted
from tests.unit.service.callback_doubles import LI
from tests.unit.service.journeys.doubles import Desk, hangs_up, turn

PLACE = CallerTerms(due=100.0, callback="b1")


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def trial(desk: Desk, fault: Exception | None = None) -> CustomerTrial:
    said = desk.queue.said

    async def claim() -> None:
        said.append(("claimed",))
        if fault is not None:
            raise fault

    return CustomerTrial(
        number=LI,
        queue="sales",
        call=Call("c1", desk.log),
        place=PLACE,
        terms=CallbackTerms(trunk="carrier", caller_id="4008001234"),
        claim=claim,
        leave_place=lambda: said.append(("left",)),
        reached=lambda agent: said.append(("reached", agent)),
    )


async def test_he_enters_the_line_at_his_place_and_talks_with_whom_he_gets(desk: Desk) -> None:
    inside, customer = await desk.agent(), await desk.agent(LI, "customer")
    desk.connects(inside)
    desk.abroad.set_result(customer)
    calling = asyncio.create_task(call_customer(trial(desk), desk.house))
    await desk.until(TalkStarted)
    assert desk.queue.said == [
        ("claimed",), ("dial", LI, "carrier"), ("left",), ("serve", "sales", LI), ("reached", "101"),
    ]  # fmt: skip
    assert desk.queue.terms == PLACE
    hangs_up(inside)
    assert await calling is None
    await desk.settled()
    assert desk.queue.said[-1] == ("talk over", "101", "q1")
    (ended,) = desk.facts(CallEnded)
    assert isinstance(ended, CallEnded) and (ended.reason, ended.by) == ("normal", "agent")
    assert customer.end is not None
    assert len(desk.facts(RecordingStarted)) == len(desk.facts(RecordingFinished)) == 1


async def test_he_hangs_up_while_he_waits(desk: Desk) -> None:
    customer = await desk.agent(LI, "customer")
    desk.abroad.set_result(customer)
    desk.waits()
    calling = asyncio.create_task(call_customer(trial(desk), desk.house))
    await turn()
    hangs_up(customer)
    assert await calling == Missed(Result.HUNG_UP)
    assert desk.queue.said[-1] == ("abandoned",)
    (ended,) = desk.facts(CallEnded)
    assert isinstance(ended, CallEnded) and (ended.reason, ended.by) == ("normal", "caller")


async def test_he_is_busy(desk: Desk) -> None:
    desk.abroad.set_exception(CallRejected(486, "Busy Here"))
    assert await call_customer(trial(desk), desk.house) == Missed(Result.BUSY, 486)
    assert ("left",) not in desk.queue.said, "his place is kept until he has answered"


async def test_distribution_closes_while_he_waits(desk: Desk) -> None:
    customer = await desk.agent(LI, "customer")
    desk.abroad.set_result(customer)
    served = desk.waits()
    calling = asyncio.create_task(call_customer(trial(desk), desk.house))
    await turn()
    served.set_exception(Unavailable("closing"))
    assert await calling == Missed(Result.INTERRUPTED)
    assert customer.end is not None and customer.end.by_us


async def test_nobody_is_called_where_that_cannot_be_written_down(desk: Desk) -> None:
    missed = await call_customer(trial(desk, Unavailable("the disk is full")), desk.house)
    assert missed == Missed(Result.WITHDRAWN, counts=False)
    assert ("dial", LI, "carrier") not in desk.queue.said
