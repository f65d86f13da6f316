"""The live picture, kept up to date from the events of the log. It counts nothing: today's numbers are the report's."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from acd.alarm_facts import AlarmCleared, AlarmRaised
from acd.alarm_figures import AlarmFigures
from acd.alarms import AlarmKind
from acd.facts import (
    AgentStateChanged,
    AgentStatus,
    OfferEnded,
    OfferMade,
    QueueEntered,
    QueueLeft,
    WaitTold,
    WrapUpExtended,
)
from acd.phone_facts import (
    CallParked,
    CallPlaced,
    ConsultAnswered,
    ConsultEnded,
    ConsultJoined,
    ConsultStarted,
    ParkEnded,
)
from acd.supervision_facts import SupervisionAsked, SupervisionChanged, SupervisionEnded, SupervisionStarted
from campaigns.probe_facts import ProbeCame
from console.agent_states import AgentState
from console.call_stages import Stage, stage_after
from console.live_views import (
    AgentLive,
    AlarmLive,
    Board,
    CallLive,
    ConsultLive,
    QueueLive,
    SupervisorLive,
    Today,
    WaitingCaller,
)
from console.ports import Directory
from core.events import Event, Fact
from core.house_facts import ConfigReloaded
from ivr.facts import MenuChosen
from telephony.facts import (
    CallEnded,
    CallStarted,
    LegOver,
    LegScored,
    TalkHeld,
    TalkResumed,
    TalkStarted,
)

_MOST: Final = 5000
_WORST_FIRST: Final = ("bad", "poor", "fair")
_ON_A_CALL: Final = frozenset({AgentStatus.RINGING, AgentStatus.TALKING})


def _with_details(call: CallLive, fact: Fact) -> CallLive:
    """``call`` with what ``fact`` says of it besides its stage."""
    match fact:
        case CallPlaced(agent=agent, ani=ani, dnis=dnis):
            return replace(call, direction="outbound", number=dnis, line=ani, agent=agent)
        case CallParked(slot=slot):
            return replace(call, slot=slot)
        case ParkEnded():
            return replace(call, slot="")
        case ProbeCame(probe=probe):
            return replace(call, probe=probe)
        case MenuChosen(node=node, choice=choice):
            return replace(call, node=f"{node} → {choice}")
        case QueueEntered(queue=queue):
            return replace(call, queue=queue)
        case TalkStarted(agent=agent, queue=queue):
            return replace(call, agent=agent or call.agent, queue=queue or call.queue)
        case _:
            return call


class LiveBoard:
    """Queues, agents and calls in progress. At the start of the process no call is up and every agent is offline."""

    def __init__(self, directory: Directory, figures: AlarmFigures | None = None) -> None:
        self._figures = figures or AlarmFigures()
        self._seq = 0
        self._calls: dict[str, CallLive] = {}
        self._directory = directory
        self._titles: dict[str, str] = {}
        self._waiting: dict[str, tuple[str, WaitingCaller]] = {}
        self._voices: dict[str, tuple[str, str]] = {}  # leg → its call and how it sounds, where that is not good
        self._agents: dict[str, AgentLive] = {}
        self._leaving: set[str] = set()
        self._alarms: dict[tuple[str, str], AlarmLive] = {}
        self._adopt()

    def _adopt(self) -> None:
        """Show whom the directory names; others only while they wait or work."""
        waited_in = {queue for queue, _ in self._waiting.values()}
        self._titles = {queue.id: queue.title for queue in self._directory.queues} | {
            queue: title for queue, title in self._titles.items() if queue in waited_in
        }
        known, self._agents = self._agents, {}
        for entry in self._directory.agents:
            agent = known.pop(entry.id, None) or AgentLive(
                entry.id, entry.name, entry.extension, [], AgentStatus.OFFLINE, "", None
            )
            self._agents[entry.id] = replace(
                agent, name=entry.name, extension=entry.extension, queues=list(entry.queues)
            )
        leaving = {name: agent for name, agent in known.items() if agent.state != AgentStatus.OFFLINE}
        self._leaving = set(leaving)
        self._agents |= {name: replace(agent, queues=[]) for name, agent in leaving.items()}

    @property
    def seq(self) -> int:
        """The last event taken in."""
        return self._seq

    @property
    def agents(self) -> list[AgentLive]:
        """All agents, in the configuration's order."""
        return list(self._agents.values())

    def alarms(self, now: float) -> list[AlarmLive]:
        """Those that are raised, the oldest first, with their figures of now."""
        return [self._as_of(alarm, now) for alarm in self._alarms.values()]

    def _as_of(self, alarm: AlarmLive, now: float) -> AlarmLive:
        found = self._figures.current.get((alarm.alarm, alarm.subject))
        if found is not None:
            alarm = replace(alarm, value=found.value, worst=found.worst)
        if alarm.kind != AlarmKind.LONGEST_WAIT:
            return alarm
        first = min((caller.since for queue, caller in self._waiting.values() if queue == alarm.subject), default=now)
        value = round(max(0.0, now - first), 3)
        return replace(alarm, value=value, worst=None if alarm.worst is None else max(alarm.worst, value))

    def agent(self, agent: str) -> AgentLive | None:
        """One of them."""
        return self._agents.get(agent)

    def begin(self, states: Sequence[AgentState]) -> None:
        """Take the states that were told before the first event came; what an event told meanwhile is newer."""
        for told in states:
            known = self._agents.get(told.agent)
            if known is not None and known.since is None:
                self._agents[told.agent] = replace(known, state=told.state, reason=told.reason, since=told.since)

    def apply(self, event: Event) -> None:
        """Take in the next event."""
        self._seq = max(self._seq, event.seq)
        if isinstance(event.fact, ConfigReloaded):
            self._adopt()
        self._apply_to_call(event)
        self._apply_to_voice(event)
        self._apply_to_supervisors(event)
        self._apply_to_consult(event)
        self._apply_to_queue(event)
        self._apply_to_agent(event)
        self._apply_to_alarms(event)

    def snapshot(self, now: float, today: Today | None) -> Board:
        """The picture at ``now``."""
        return Board(
            at=now,
            seq=self._seq,
            queues=[self._queue(queue, title) for queue, title in self._titles.items()],
            agents=self.agents,
            calls=sorted(self._calls.values(), key=lambda call: call.started_at),
            today=today,
            alarms=self.alarms(now),
        )

    def _queue(self, queue: str, title: str) -> QueueLive:
        waiting = sorted((w for name, w in self._waiting.values() if name == queue), key=lambda w: w.since)
        members = [agent for agent in self._agents.values() if queue in agent.queues]
        off = (AgentStatus.OFFLINE, AgentStatus.PAUSED)
        return QueueLive(
            id=queue,
            title=title,
            waiting=waiting,
            available=sum(agent.state == AgentStatus.AVAILABLE for agent in members),
            busy=sum(agent.state not in (*off, AgentStatus.AVAILABLE) for agent in members),
        )

    def _apply_to_call(self, event: Event) -> None:
        if isinstance(event.fact, CallStarted):
            self._begun(event, event.fact)
        elif isinstance(event.fact, CallEnded):
            self._calls.pop(event.call_id, None)
            for entry in [e for e, (_, caller) in self._waiting.items() if caller.call_id == event.call_id]:
                del self._waiting[entry]
        elif (call := self._calls.get(event.call_id)) is not None:
            known = _with_details(call, event.fact)
            stage = stage_after(call.stage, event.fact)
            self._calls[event.call_id] = known if stage is None else replace(known, stage=stage, stage_since=event.at)

    def _begun(self, event: Event, fact: CallStarted) -> None:
        if len(self._calls) < _MOST:
            number, line = (fact.dnis, fact.ani) if fact.direction == "outbound" else (fact.ani, fact.dnis)
            self._calls[event.call_id] = CallLive(
                event.call_id, fact.direction, number, line, event.at, Stage.RINGING, event.at
            )

    def _apply_to_voice(self, event: Event) -> None:
        match event.fact:
            case LegScored(leg=leg, level=level):
                if level != "good" and len(self._voices) < _MOST:
                    self._voices[leg] = (event.call_id, level)
                else:
                    self._voices.pop(leg, None)
            case LegOver(leg=leg):
                if self._voices.pop(leg, None) is None:
                    return
            case _:
                return
        call = self._calls.get(event.call_id)
        if call is not None:
            levels = {level for call_id, level in self._voices.values() if call_id == event.call_id}
            worst = next((level for level in _WORST_FIRST if level in levels), "good")
            self._calls[event.call_id] = replace(call, voice=worst)

    def _apply_to_supervisors(self, event: Event) -> None:
        call = self._calls.get(event.call_id)
        if call is None:
            return
        others = {one.agent: one for one in call.supervisors}
        match event.fact:
            case SupervisionAsked(supervisor=name, mode=mode):
                others[name] = SupervisorLive(name, mode, joined=False)
            case SupervisionStarted(supervisor=name, mode=mode):
                others[name] = SupervisorLive(name, mode, joined=True)
            case SupervisionChanged(supervisor=name, mode=mode) if name in others:
                others[name] = replace(others[name], mode=mode)
            case SupervisionEnded(supervisor=name):
                others.pop(name, None)
            case _:
                return
        self._calls[event.call_id] = replace(call, supervisors=list(others.values()))

    def _apply_to_consult(self, event: Event) -> None:
        match event.fact:
            case ConsultStarted(to=to):
                consult: ConsultLive | None = ConsultLive(to, "ringing")
            case ConsultAnswered(to=to):
                consult = ConsultLive(to, "answered")
            case ConsultJoined(to=to):
                consult = ConsultLive(to, "joined")
            case ConsultEnded():
                consult = None
            case _:
                return
        call = self._calls.get(event.call_id)
        if call is not None:
            self._calls[event.call_id] = replace(call, consult=consult)

    def _apply_to_alarms(self, event: Event) -> None:
        match event.fact:
            case AlarmRaised(alarm=alarm, kind=kind, subject=subject, value=value, limit=limit):
                if len(self._alarms) < _MOST:
                    self._alarms[alarm, subject] = AlarmLive(alarm, kind, subject, value, limit, event.at, value)
            case AlarmCleared(alarm=alarm, subject=subject):
                self._alarms.pop((alarm, subject), None)
            case _:
                pass

    def _apply_to_queue(self, event: Event) -> None:
        match event.fact:
            case QueueEntered(entry=entry, queue=queue):
                if len(self._waiting) < _MOST:
                    self._titles.setdefault(queue, queue)
                    call = self._calls.get(event.call_id)
                    number = call.number if call else ""
                    self._waiting[entry] = (queue, WaitingCaller(entry, event.call_id, number, event.at))
            case WaitTold(entry=entry, wait_s=wait_s):
                self._caller(entry, told_wait_s=wait_s)
            case OfferMade(entry=entry, agent=agent):
                self._rung(entry, agent, True)
            case OfferEnded(entry=entry, agent=agent):
                self._rung(entry, agent, False)
            case QueueLeft(entry=entry):
                self._waiting.pop(entry, None)
            case _:
                pass

    def _rung(self, entry: str, agent: str, rings: bool) -> None:
        """Agents whose phones ring for a caller, in the order in which they began to."""
        known = self._waiting.get(entry)
        if known is not None:
            others = [name for name in known[1].ringing.split(", ") if name and name != agent]
            self._caller(entry, ringing=", ".join([*others, agent] if rings else others))

    def _caller(self, entry: str, *, told_wait_s: float | None = None, ringing: str | None = None) -> None:
        known = self._waiting.get(entry)
        if known is not None:
            queue, caller = known
            if told_wait_s is not None:
                caller = replace(caller, told_wait_s=told_wait_s)
            if ringing is not None:
                caller = replace(caller, ringing=ringing)
            self._waiting[entry] = (queue, caller)

    def _apply_to_agent(self, event: Event) -> None:
        match event.fact:
            case AgentStateChanged(agent=agent, state=state, reason=reason, until=until):
                known = self._agents.get(agent)
                if known is None and len(self._agents) >= _MOST:
                    return
                known = known or AgentLive(agent, agent, "", [], state, reason, event.at)
                if state == AgentStatus.OFFLINE and agent in self._leaving:
                    self._leaving.discard(agent)
                    self._agents.pop(agent, None)
                    return
                call_id = (event.call_id or known.call_id) if state in _ON_A_CALL else ""
                self._agents[agent] = replace(
                    known, state=state, reason=reason, since=event.at, call_id=call_id, until=until or None, held=False
                )
            case TalkHeld(agent=agent) | TalkResumed(agent=agent):
                known = self._agents.get(agent)
                if known is not None:
                    self._agents[agent] = replace(known, held=isinstance(event.fact, TalkHeld))
            case WrapUpExtended(agent=agent, until=until):
                known = self._agents.get(agent)
                if known is not None:
                    self._agents[agent] = replace(known, until=until)
            case OfferMade(agent=agent) | TalkStarted(agent=agent):
                known = self._agents.get(agent)
                if known is not None:
                    self._agents[agent] = replace(known, call_id=event.call_id)
            case OfferEnded(agent=agent, result=result) if result != "accepted":
                known = self._agents.get(agent)
                if known is not None and known.call_id == event.call_id:
                    self._agents[agent] = replace(known, call_id="")
            case _:
                pass
