"""The stage of a call on the live board, held against what the log says of real calls from beginning to end."""

import pytest

from acd.callback_facts import CallbackPromised
from acd.facts import OfferEnded, OfferMade, QueueClosed, QueueEntered, QueueLeft
from acd.phone_facts import CallParked, ConsultAnswered, ConsultEnded, ConsultJoined, ConsultStarted, ParkEnded
from console.board import LiveBoard
from console.call_stages import Stage, stage_after
from core.events import Event, Fact
from ivr.facts import FlowEntered, FlowLeft, MenuChosen, VoicemailLeft
from telephony.facts import (
    CallAnswered,
    CallEnded,
    CallStarted,
    RecordingFinished,
    RecordingStarted,
    TalkEnded,
    TalkHeld,
    TalkResumed,
    TalkStarted,
    TransferCompleted,
    TransferStarted,
)
from tests.unit.console import day

COMES = (CallStarted("inbound", "+8613900139000", day.LINE), "ringing")
IN_QUEUE = (COMES, (CallAnswered(), "answered"), (QueueEntered("e-1", "service"), "waiting"))
IN_TALK = (
    *IN_QUEUE,
    (OfferMade("o-1", "e-1", "service", "101"), "waiting"),
    (OfferEnded("o-1", "e-1", "service", "101", "accepted", 2.0), "waiting"),
    (QueueLeft("e-1", "service", "answered", 9.0, "101"), "waiting"),
    (RecordingStarted("r-1", "r-1.wav", "caller", "agent"), "waiting"),
    (TalkStarted("101", "service"), "talking"),
)
MESSAGE = (
    (RecordingStarted("r-2", "r-2.wav", "caller", "system"), "voicemail"),
    (RecordingFinished("r-2", 12.0), "voicemail"),
    (VoicemailLeft("r-2", "service", 12.0), "ending"),
)
TALK_OVER = (TalkEnded("101", 30.0, 0.0, "service"), "ending")
CALLS = {
    "queue, overflow, voice mail": (*IN_QUEUE, (QueueLeft("e-1", "service", "overflowed", 60.0), "answered"), *MESSAGE),
    "closed queue, voice mail": (
        COMES,
        (QueueClosed("service", "closed"), "ringing"),
        (CallAnswered(), "answered"),
        *MESSAGE,
    ),
    "flow, voice mail": (
        COMES,
        (CallAnswered(), "answered"),
        (FlowEntered("main"), "ivr"),
        (MenuChosen("top", "9", "key"), "ivr"),
        (FlowLeft("main", "voicemail", "service"), "voicemail"),
        *MESSAGE,
    ),
    "queue, other queue": (
        *IN_QUEUE,
        (QueueLeft("e-1", "service", "overflowed", 60.0), "answered"),
        (QueueEntered("e-2", "sales"), "waiting"),
        (QueueLeft("e-2", "sales", "answered", 5.0, "102"), "waiting"),
        (TalkStarted("102", "sales"), "talking"),
    ),
    "passed on to a colleague": (
        *IN_TALK,
        (TransferStarted("blind", "101", "102"), "talking"),
        TALK_OVER,
        (TransferCompleted("blind", "101", "102", "102"), "ending"),
        (TalkStarted("102"), "talking"),
    ),
    "passed on to a queue": (
        *IN_TALK,
        TALK_OVER,
        (CallAnswered(), "ending"),
        (QueueEntered("e-2", "sales"), "waiting"),
    ),
    "parked and taken": (
        *IN_TALK,
        TALK_OVER,
        (CallParked("3", "101"), "parked"),
        (ParkEnded("3", "taken", "102", 4.0), "parked"),
        (TalkStarted("102"), "talking"),
    ),
    "consulted, three talk": (
        *IN_TALK,
        (TalkHeld("101"), "held"),
        (ConsultStarted("101", "102", "wang"), "held"),
        (ConsultAnswered("101", "102"), "held"),
        (TalkResumed("101"), "talking"),
        (ConsultJoined("101", "102", "wang"), "talking"),
        (ConsultEnded("101", "102", "wang", "returned"), "talking"),
        TALK_OVER,
    ),
    "keeps his place": (
        *IN_QUEUE,
        (QueueLeft("e-1", "service", "called_back", 20.0), "ending"),
        (CallbackPromised("b-1", "service", "+8613900139000", "e-1", 0.0, 9.0), "ending"),
    ),
    "is called back": (
        (CallStarted("outbound", day.LINE, "+8613900139000"), "ringing"),
        (CallAnswered(), "answered"),
        (RecordingStarted("r-1", "r-1.wav", "customer", "system"), "answered"),
        (TalkStarted("101", "service"), "talking"),
        (CallAnswered(), "talking"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_the_board_follows_a_call_from_fact_to_fact(name: str) -> None:
    board = LiveBoard(day.DIRECTORY)
    before = ""
    for number, (fact, stage) in enumerate(CALLS[name], 1):
        board.apply(Event(str(number), float(number), "c-1", fact, number))
        (call,) = board.snapshot(day.NOW, None).calls
        assert call.stage == stage, f"after {fact}"
        assert stage == before or call.stage_since == number
        before = stage
    waiting = [caller.call_id for queue in board.snapshot(day.NOW, None).queues for caller in queue.waiting]
    assert waiting == (["c-1"] if before == "waiting" else []), "who waits on the board waits in a queue"
    board.apply(Event("end", 99.0, "c-1", CallEnded("normal", "caller"), 99))
    assert board.snapshot(day.NOW, None).calls == []


@pytest.mark.parametrize("stage", Stage)
def test_a_fact_that_is_no_move_leaves_the_call_where_it_is(stage: Stage) -> None:
    facts: list[Fact] = [OfferMade("o", "e", "service", "101"), RecordingFinished("r", 1.0), FlowLeft("main", "queue")]
    assert [stage_after(stage, fact) for fact in facts] == [None, None, None]
