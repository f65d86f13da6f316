"""The scripted morning's agents, the callers who gave up, and those who came before it opened."""

from typing import Final

from console.closed_views import ClosedReport, closed_view
from console.inbound_views import InboundReport, inbound_view
from console.report_ports import InboundAsked
from console.report_shapes import abandoned_view, agents_view
from console.report_views import AbandonedReport, AgentReport, AgentsBucket
from reports.abandoned import Abandoned, Contact, follow
from reports.agent_buckets import AgentTallies
from reports.closed import ClosedCall
from reports.inbound import Handled, InboundCall, Outcome
from reports.model import Bucket
from reports.rows import Ringing, StateSpan, TalkTime
from tests.unit.console.day import DIRECTORY, LINE, MIDNIGHT, NOW, Wait

_TURN: Final = (("available", 400.0), ("ringing", 8.0), ("talking", 190.0), ("wrap_up", 30.0))


def agents(start: float, end: float, *, states: bool, bucket: AgentsBucket = "total") -> AgentReport:
    """Everybody came at eight, took calls by turns, and had a pause in the middle."""
    tally, spans = AgentTallies(start, end, "Asia/Shanghai", Bucket(bucket)), []
    for place, agent in enumerate(entry.id for entry in DIRECTORY.agents):
        at, turn = MIDNIGHT + 8 * 3600.0 + 90.0 * place, 0
        while at < NOW:
            state, length_s = ("paused", 900.0) if turn == 19 else _TURN[turn % len(_TURN)]
            span = StateSpan(agent, state, at, min(at + length_s, NOW), "用餐" if state == "paused" else "")
            spans.append(span)
            tally.add_span(span)
            if state == "talking":
                tally.add_talk(TalkTime(agent, f"c-{agent}-{turn}", at, length_s, 0.0))
            if state == "ringing":
                tally.add_ringing(Ringing(f"o-{agent}-{turn}", agent, at, accepted=turn % 8 != 5, withdrawn=turn == 13))
            at, turn = span.until, turn + 1
    return agents_view(tally.report(NOW), spans if states else [], bucket)


def abandoned(waits: list[Wait], start: float, end: float, queue: str) -> AbandonedReport:
    """Of those who gave up, every third was called back and every third called again."""
    gone = [
        Abandoned(
            wait.entry,
            wait.call_id,
            f"+861390000{place:04}",
            LINE,
            wait.queue,
            wait.entered_at,
            wait.entered_at + wait.wait_s,
            wait.wait_s,
        )
        for place, wait in enumerate(waits)
        if start <= wait.entered_at < end and queue in ("", wait.queue) and wait.outcome == "abandoned"
    ]
    talks = [
        Contact(f"c-again-{place}", it.number, it.left_at + 600.0, "102", by_us=place % 3 == 0)
        for place, it in enumerate(gone)
        if place % 3 < 2
    ]
    return abandoned_view(follow(reversed(gone), talks), start, end, "Asia/Shanghai")


def closed(start: float, end: float, queue: str) -> ClosedReport:
    """Three came to the sales queue and one to the service before eight o'clock."""
    came = [
        ClosedCall(f"c-early-{place}", f"+861370000{place:04}", LINE, name, MIDNIGHT + hour * 3600.0 + place, "closed")
        for place, (name, hour) in enumerate((("sales", 6), ("service", 7), ("sales", 7), ("sales", 7)))
    ]
    wanted = [it for it in reversed(came) if start <= it.at < end and queue in ("", it.queue)]
    return closed_view(wanted, start, end, "Asia/Shanghai")


_WENT: Final = {"answered": Outcome.TALKED, "abandoned": Outcome.ABANDONED, "overflowed": Outcome.OVERFLOWED}


def inbound(waits: list[Wait], asked: InboundAsked) -> InboundReport:
    """The morning's waits as calls, two that found the line full, and two that left in the menu of another number."""
    found = [
        InboundCall(
            wait.call_id,
            f"+861390000{place:04}",
            LINE,
            wait.entered_at - 20.0,
            _WENT.get(wait.outcome, Outcome.OPEN),
            queue=wait.queue if wait.outcome == "answered" else "",
            agent=f"10{place % 3 + 1}" if wait.outcome == "answered" else "",
            wait_s=20.0 + wait.wait_s if wait.outcome == "answered" else None,
            transferred=wait.outcome == "answered" and place % 9 == 0,
            again=wait.outcome == "answered" and place % 7 == 0,
            settled=wait.outcome == "answered" and place % 2 == 0,
        )
        for place, wait in enumerate(waits)
        if asked.from_at <= wait.entered_at - 20.0 < asked.to_at
    ]
    found += [
        InboundCall("e-full", "+8613700000099", LINE, MIDNIGHT + 9 * 3600.0, Outcome.FULL, times=2),
        InboundCall("c-menu-1", "", "4008005678", MIDNIGHT + 8.5 * 3600.0, Outcome.MENU),
        InboundCall("c-menu-2", "+8613700000098", "4008005678", MIDNIGHT + 8.6 * 3600.0, Outcome.MENU),
    ]
    found.sort(key=lambda call: -call.started_at)
    handled = [Handled(call.queue, call.agent, 190.0) for call in found if call.outcome is Outcome.TALKED]
    period = (asked.from_at, asked.to_at)
    return inbound_view(found, handled, asked.behind, period, asked.days, "Asia/Shanghai")
