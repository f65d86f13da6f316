"""Agents' work in hand as a test has put it there."""

from collections.abc import Mapping
from dataclasses import replace

from acd.facts import AgentStateChanged, WrapUpExtended
from acd.supervision_facts import AgentForced
from campaigns.promised import PromisedCall
from console.agent_desk_views import DeskNow, WrapUpView
from console.disposition_views import DispositionEntry, DispositionSaid
from core.bus import MemoryLog
from core.errors import LocalProtocolError
from desk.dispositions import Disposition, FieldKind, Then, filled
from desk.facts import CallDisposed, DispositionSet
from reports.dispositions import Disposed, DispositionReport, disposition_report

IDLE = DeskNow("", "", "available")
CODES = (
    Disposition("deal", "成交意向", "Wants to buy", frozenset({"sales"}), (FieldKind.CUSTOMER,)),
    Disposition("booked", "已预约", "Booked", frozenset({"service"}), (FieldKind.DATE, FieldKind.PLATE)),
    Disposition("wrong", "打错", "Wrong number"),
    Disposition("other", "其他", "Other", fields=(FieldKind.NOTE,)),
    Disposition("later", "约定再打", "Call again", then=Then.CALL_AGAIN),
)
ENTRIES = tuple(
    DispositionEntry(each.code, each.zh, each.en, tuple(each.queues), tuple(map(str, each.asks_for)), each.then.value)
    for each in CODES
)


class FakeDesks:
    """``work`` by agent; wrap-ups are lengthened and ended as asked."""

    def __init__(self, log: MemoryLog) -> None:
        self.log = log
        self.work: dict[str, DeskNow] = {}

    def wrap_up(self, agent: str, call_id: str, now: float, *, extends_left: int = 1) -> None:
        """The agent has just hung up and has a minute."""
        wrap_up = WrapUpView(call_id, "sales", now, now + 60.0, now + 600.0, 30.0, extends_left)
        self.work[agent] = DeskNow(call_id, "sales", "available", wrap_up)
        self.log.post("", AgentStateChanged(agent, "wrap_up", "", wrap_up.until))

    def now(self, agent: str) -> DeskNow:
        return self.work.get(agent, IDLE)

    def extend(self, agent: str, by: str) -> None:
        wrap_up = self._under_way(agent)
        if not wrap_up.extends_left:
            raise LocalProtocolError(f"the wrap-up of {agent} cannot be extended any more")
        wrap_up = replace(wrap_up, until=wrap_up.until + wrap_up.extend_s, extends_left=wrap_up.extends_left - 1)
        self.work[agent] = replace(self.work[agent], wrap_up=wrap_up)
        self.log.post("", WrapUpExtended(agent, wrap_up.until, wrap_up.extends_left))
        self._told(agent, "wrap_up", by)

    def finish(self, agent: str, by: str) -> None:
        self._under_way(agent)
        del self.work[agent]
        self.log.post("", AgentStateChanged(agent, "available"))
        self._told(agent, "available", by)

    def _told(self, agent: str, state: str, by: str) -> None:
        if by:
            self.log.post("", AgentForced(agent, state, by))

    def _under_way(self, agent: str) -> WrapUpView:
        wrap_up = self.now(agent).wrap_up
        if wrap_up is None:
            raise LocalProtocolError(f"agent {agent} is in no wrap-up")
        return wrap_up


class FakeDispositions:
    """Takes down what is said of talks; agent 101 is always in his. Whatever is said has ``promised`` a call."""

    def __init__(self, log: MemoryLog) -> None:
        self.log = log
        self.promised: PromisedCall | None = None
        self.counted: list[Disposed] = []

    async def own(self, agent: str, call_id: str, code: str, values: Mapping[str, str], by: str) -> PromisedCall | None:
        if agent != "101":
            raise LocalProtocolError(f"agent {agent} neither talks in call {call_id} nor is in its wrap-up")
        self._say(agent, "sales", call_id, code, values, by)
        return self.promised

    async def later(
        self, agent: str, queue: str, call_id: str, code: str, values: Mapping[str, str], by: str
    ) -> PromisedCall | None:
        self._say(agent, queue, call_id, code, values, by)
        self.log.post(call_id, DispositionSet(agent, code, by))
        return self.promised

    async def report(self, since: float, until: float) -> DispositionReport:
        return disposition_report(since, until, self.counted)

    def _say(self, agent: str, queue: str, call_id: str, code: str, values: Mapping[str, str], by: str) -> None:
        said = filled(CODES, queue, code, values)
        self.log.post(call_id, CallDisposed(agent, queue, code, by, said.note, said.date, said.plate, said.customer))


def said_of(log: MemoryLog, call_id: str) -> list[DispositionSaid]:
    """All that was said of a call."""
    here = [event for event in log.events if event.call_id == call_id]
    found = [(event.at, event.fact) for event in here if isinstance(event.fact, CallDisposed)]
    return [
        DispositionSaid(
            it.agent, it.queue, it.code, at, it.by, it.note, it.date, it.plate, it.customer, it is found[-1][1]
        )
        for at, it in found
    ]
