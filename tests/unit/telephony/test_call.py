"""A call as the log sees it: each fact once."""

from core.bus import MemoryLog
from core.clock import VirtualClock
from telephony.call import Call
from telephony.facts import CallAnswered, CallEnded, CallStarted
from telephony.ports import EndReason


def test_each_fact_is_said_once_and_the_first_verdict_stands() -> None:
    log = MemoryLog(VirtualClock())
    call = Call("c1", log)
    call.started(direction="inbound", ani="13800138000", dnis="4008001234", trunk="carrier")
    call.answered()
    call.answered()
    call.ended(EndReason.NORMAL, by="agent")
    call.ended(EndReason.ERROR, by="system", status=500)
    assert [event.fact for event in log.events] == [
        CallStarted("inbound", "13800138000", "4008001234", "carrier"),
        CallAnswered(),
        CallEnded("normal", "agent", 0),
    ]
    assert {event.call_id for event in log.events} == {"c1"}


def test_a_call_may_end_unanswered() -> None:
    log = MemoryLog(VirtualClock())
    call = Call("c1", log)
    call.ended(EndReason.NOT_FOUND, by="system", status=404)
    assert log.facts() == [CallEnded("not_found", "system", 404)]
