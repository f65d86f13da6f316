"""The one scheduler over all queues: who is rung for whom, and when. Pure; runs live, in tests and in the simulator.

Feed it what happens (every method takes ``now``), then ``take()`` the decisions. The rules:

- Callers are served in the order in which they are due (``acd.urgency``), over all queues of an agent.
- Which of the free agents is rung is the queue's strategy (``acd.strategies``), who may be rung at all and how many at
  a time is for ``acd.matching``. An agent has one offer at a time; a caller too, but for ring-all and progressive
  ringing, where the first answer wins and the other phones are silenced.
- Who missed or refused a caller is passed over for that caller until every other free agent was tried; where nobody
  else is free he is rung again ``retry_s`` later. Meanwhile he is free for others, and the caller keeps his place.
- ``misses_until_pause`` offers missed in a row pause the agent with the reason ``rona`` (ring, no answer).
- Who may wait, and who waits for nobody any more, is for ``acd.attendance``.
- Every entry ends exactly once, with one ``queue.left``; every offer with one ``offer.ended``.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from acd import members
from acd.agents import STANDING, TABLE, Agent, AgentInput, AgentState, Duty, Effect, Profile
from acd.attendance import Attendance
from acd.board import Board, draw
from acd.callback_facts import entered, left
from acd.deadlines import MAX_WAIT, RING, WRAP_UP, Deadline, Deadlines
from acd.decisions import Decision, Note, Overflow, OverflowWhy, Ring, StopRinging, made
from acd.estimate import Estimate
from acd.facts import AgentStateChanged, OfferEnded, OfferMade, OfferResult, QueueOutcome
from acd.lines import Entry, EntryInput, Line
from acd.matching import Matching
from acd.outlook import outlook
from acd.queues import QueueRules
from acd.roster import Roster
from acd.skills import together
from acd.strategies import SEVERAL, Draw
from acd.urgency import PLAIN, CallerTerms, due_at
from acd.wrap_ups import WrapUps
from core.errors import LocalProtocolError
from core.events import Fact

_MISSES: Final = frozenset({OfferResult.REFUSED, OfferResult.TIMED_OUT, OfferResult.FAILED})
_AT_REST: Final = frozenset({AgentState.OFFLINE, AgentState.AVAILABLE, AgentState.PAUSED})


class Scheduler:
    """Queues, agents and the offers between them. ``new_offer`` makes offer ids, ``draw`` lots (0 to 1)."""

    def __init__(
        self,
        queues: Iterable[QueueRules],
        new_offer: Callable[[], str],
        *,
        agents: Iterable[str] = (),
        profiles: Mapping[str, Profile] | None = None,
        draw: Draw,
    ) -> None:
        self.roster = Roster(queues, agents, profiles)
        self._adopt()
        self._entries: dict[str, Entry] = {}
        self._offers: dict[str, Entry] = {}
        self._new_offer = new_offer
        self._entered = 0
        self._latest = 0.0
        self._deadlines = Deadlines(self._is_live)
        self.next_deadline = self._deadlines.next  # when ``on_deadline`` is to be called next
        self._matching = Matching(self.roster, self._deadlines, draw)
        self.wrap_ups = WrapUps(self.roster, self._deadlines, self._note, self._end_wrap_up, self._match)
        self.attendance = Attendance(self.roster)
        self._told: dict[str, tuple[str, str, float]] = {}
        self._out: list[Decision] = []

    def change(
        self,
        queues: Iterable[QueueRules],
        agents: Iterable[str],
        now: float,
        profiles: Mapping[str, Profile] | None = None,
    ) -> None:
        """Other queues, rules and agents from now on (see ``acd.roster``); who waits keeps his place and the longest
        wait he came with. ``ConfigError`` where a rule cannot be kept: then nothing has changed.
        """
        gone = self.roster.change(queues, agents, profiles)
        self._adopt()
        for entry in self._entries.values():
            entry.needs = together(self.lines[entry.queue].rules.skills, entry.terms.skills)
        self._matching.anew()
        for name in sorted(gone):
            self.command(name, AgentInput.SIGN_OUT, now)
        self.attendance.anew()
        self._match(now)

    def _adopt(self) -> None:
        self.lines, self.agents, self._lines_of = self.roster.lines, self.roster.agents, self.roster.lines_of

    def take(self) -> list[Decision]:
        """What is to be done since the last time, in order."""
        decisions, self._out = self._out, []
        return decisions

    def line(self, queue: str) -> Line:
        """The line of ``queue``; ``LocalProtocolError`` where there is no such queue."""
        if not self.roster.takes_callers(queue):
            raise LocalProtocolError(f"no queue {queue!r}")
        return self.lines[queue]

    # Callers

    def enter(self, entry_id: str, call_id: str, queue: str, now: float, terms: CallerTerms = PLAIN) -> None:
        """A caller joins ``queue``; ``LocalProtocolError`` where there is no such queue or the id is in use."""
        line = self.line(queue)
        if entry_id in self._entries:
            raise LocalProtocolError(f"entry {entry_id} waits already")
        self._entered += 1
        self._latest = max(self._latest, now)  # a clock that is set back puts nobody ahead
        rules = line.rules
        due = due_at(self._latest, terms, queue_ahead_s=rules.ahead_s, target_s=rules.target_s, order=rules.order)
        needs = together(rules.skills, terms.skills) if rules.skills or terms.skills else ()
        entry = Entry(entry_id, call_id, queue, now, self._entered, due, terms, needs)
        refusal = None if terms.callback else self.attendance.refusal(line, needs)
        self._entries[entry_id] = entry
        line.add(entry)
        self._note(call_id, entered(entry))
        if refusal is not None:
            self._overflow(entry, now, refusal)
            return
        if line.rules.max_wait_s is not None and not terms.callback:
            self._deadlines.add(now + line.rules.max_wait_s, MAX_WAIT, entry_id)
        self._matching.stir(entry)
        self._match(now)

    def leave(self, entry_id: str, outcome: QueueOutcome, now: float, agent: str = "", why: str = "") -> bool:
        """The caller left (ABANDONED, LEFT_BY_KEY…), or ``agent`` has pulled him. False if the entry had ended."""
        if (outcome is members.ANSWERED) != bool(agent):
            raise LocalProtocolError("an entry is answered through its offer, or by who has pulled it")
        entry = self._entries.get(entry_id)
        if entry is None:
            return False
        self._end_entry(entry, outcome, now, why, agent)
        self._match(now)
        return True

    # Offers

    def answered(self, offer: str, now: float) -> bool:
        """The agent answered. False if the offer had ended: his leg must then be hung up."""
        entry = self._offers.get(offer)
        if entry is None:
            return False
        agent = self._close_offer(entry, offer, members.ACCEPTED, now)
        self.lines[entry.queue].times.add_ring(now - agent.offered_at)
        agent.misses = 0
        agent.calls += 1
        self._step(agent, members.ANSWER, now)
        others = bool(entry.offers)
        self._withdraw(entry, now, taken=True)
        entry.step(members.IS_ANSWERED)
        self._forget(entry, members.ANSWERED, now, agent.name)
        self._tell(agent)
        if others:
            self._match(now)
        return True

    def missed(self, offer: str, result: OfferResult, now: float) -> None:
        """The ringing ended without an answer: REFUSED, TIMED_OUT or FAILED. Ignored if the offer had ended."""
        if result not in _MISSES:
            raise LocalProtocolError(f"an offer is not missed by being {result}")
        if (entry := self._offers.get(offer)) is not None:
            self._miss(entry, offer, result, now)
            self._match(now)

    # Agents

    def command(self, agent_name: str, item: AgentInput, now: float, *, reason: str = "", planned_s: float = 0) -> None:
        """READY, PAUSE (with ``reason``), SIGN_OUT, PHONE_UP, PHONE_LOST; ``LocalProtocolError`` if unknown."""
        agent = self.roster.agent(agent_name)
        if item in (AgentInput.READY, AgentInput.PAUSE) and not self.roster.employs(agent_name):
            raise LocalProtocolError(f"agent {agent_name!r} is gone")
        if item is AgentInput.PAUSE:
            agent.reason, agent.planned_s = reason, planned_s
        elif item is AgentInput.READY and agent.duty is Duty.OUT:
            self.roster.begin_share(agent)
        effect = self._step(agent, item, now)
        if effect is Effect.DROP_OFFER:
            result = OfferResult.FAILED if item is AgentInput.PHONE_LOST else OfferResult.REFUSED
            self._miss(self._offers[agent.offer], agent.offer, result, now, dropped=True)
        self._tell(agent)
        self._match(now)

    def talk_over(self, agent_name: str, entry: str, now: float) -> None:
        """The talk on ``entry`` ("": whatever it is) is over. Ignored if the agent has gone on."""
        agent = self.roster.agent(agent_name)
        if agent.state is not members.TALKING or (entry and entry != agent.entry):
            return
        line = self.lines[agent.queue]
        line.times.add(now - agent.offered_at + agent.wrap_up_length_s(line.rules.wrap_up_s))
        agent.talk_s += max(0.0, now - agent.since)
        self._step(agent, members.TALK_OVER, now)
        self.wrap_ups.begin(agent, line.rules, now)
        self._tell(agent)
        self._match(now)

    def reserve(self, agent_name: str, call_id: str, now: float) -> bool:
        """A direct call will ring the agent. False where he is rung, talks or has no phone."""
        agent = self.roster.agent(agent_name)
        if not agent.phone or (agent.state, AgentInput.RESERVE) not in TABLE:
            return False
        self._step(agent, AgentInput.RESERVE, now)
        agent.call_id, agent.entry, agent.queue = call_id, "", ""
        self._tell(agent)
        return True

    def engage(self, agent_name: str, call_id: str, now: float) -> None:
        """The direct call ``call_id`` was answered. Nothing happens if the agent isn't reserved for it."""
        agent = self.roster.agent(agent_name)
        if agent.call_id == call_id:
            self._step(agent, AgentInput.ENGAGE, now)
            self._tell(agent)

    def release(self, agent_name: str, call_id: str, now: float) -> None:
        """The direct call ``call_id`` is over. Nothing happens if the agent isn't in it."""
        agent = self.roster.agent(agent_name)
        if agent.call_id == call_id and agent.state in (AgentState.RESERVED, AgentState.DIRECT):
            self._step(agent, AgentInput.RELEASE, now)
            self.wrap_ups.resume(agent, now)
            self._tell(agent)
            self._match(now)

    def carry_over(self, agent_name: str, from_call: str, to_call: str) -> None:
        """What he talks in goes on as part of another call (attended transfer). Nothing happens if he isn't in it."""
        agent = self.roster.agent(agent_name)
        if agent.call_id == from_call and agent.state in (AgentState.TALKING, AgentState.DIRECT):
            agent.call_id, agent.entry = to_call, ""

    def depart(self, agent_name: str, call_id: str, now: float) -> None:
        """What was carried over is over. Nothing happens if he isn't in it (any more)."""
        if self.roster.agent(agent_name).call_id == call_id:
            self.talk_over(agent_name, "", now)
            self.release(agent_name, call_id, now)

    # Time

    def on_deadline(self, now: float) -> None:
        """Do all that has become due at ``now``."""
        while (deadline := self._deadlines.pop(now)) is not None:
            _, due, key = deadline
            if due is WRAP_UP:
                self.wrap_ups.due(self.agents[key], now)
            elif due is RING:
                self._miss(self._offers[key], key, OfferResult.TIMED_OUT, now)
            elif due is MAX_WAIT:
                entry = self._entries[key]
                if entry.state is members.OFFERED:
                    entry.overdue = True
                else:
                    self._overflow(entry, now)
            else:
                self._matching.stir(self._entries[key])
        self._match(now)

    # What callers are told, and what supervisors see

    def ahead(self, entry_id: str) -> int | None:
        """Callers of the same queue who are served before; None if the entry has ended."""
        entry = self._entries.get(entry_id)
        return None if entry is None else self.lines[entry.queue].ahead(entry)

    def is_ringing(self, entry_id: str) -> bool:
        """Whether an agent's phone rings for the entry."""
        entry = self._entries.get(entry_id)
        return entry is not None and entry.state is members.OFFERED

    def estimate(self, entry_id: str) -> Estimate | None:
        """How long from now. None if the entry has ended, an agent is rung for it, or nobody is on duty."""
        entry = self._entries.get(entry_id)
        if entry is None or entry.state is members.OFFERED:
            return None
        return outlook(entry, self.lines, self._lines_of, self.agents)

    def snapshot(self, now: float) -> Board:
        """The live picture."""
        return draw(now, self.roster.shown_lines(), self.roster.shown_agents(), self._lines_of)

    # Inside

    def _match(self, now: float) -> None:
        """Bring free agents and waiting callers together; who waits for nobody any more goes."""
        for entry, why in self.attendance.forsaken():
            self._overflow(entry, now, why)
        if not self._matching.idle():
            for entry, agent in self._matching.pairs(now):
                self._offer(entry, agent, now)

    def _offer(self, entry: Entry, agent: Agent, now: float) -> None:
        line = self.lines[entry.queue]
        rules, offer = line.rules, self._new_offer()
        self._offers[offer] = entry
        if not entry.offers:
            entry.step(members.IS_OFFERED)
            entry.round_at = now
        entry.offers[offer] = line.last_rung = agent.name
        self._step(agent, members.OFFER, now)
        agent.offer, agent.entry, agent.queue, agent.call_id = offer, entry.id, entry.queue, entry.call_id
        agent.offered_at = now
        self._deadlines.add(now + rules.ring_timeout_s, RING, offer)
        self._note(entry.call_id, OfferMade(offer, entry.id, entry.queue, agent.name))
        self._tell(agent)
        call_id, timeout_s, alone = entry.call_id, rules.ring_timeout_s, rules.strategy not in SEVERAL
        self._out.append(made(Ring, (offer, agent.name, entry.id, call_id, entry.queue, timeout_s, alone)))
        if not alone:
            self._matching.stir(entry)

    def _close_offer(self, entry: Entry, offer: str, result: OfferResult, now: float, *, taken: bool = False) -> Agent:
        """The offer has ended; whose it was."""
        agent = self.agents[entry.offers.pop(offer)]
        del self._offers[offer]
        ring_s = now - agent.offered_at
        self._note(entry.call_id, OfferEnded(offer, entry.id, entry.queue, agent.name, result, ring_s))
        if result is not members.ACCEPTED:
            self._out.append(StopRinging(offer, agent.name, taken))
        agent.offer = ""
        return agent

    def _miss(self, entry: Entry, offer: str, result: OfferResult, now: float, *, dropped: bool = False) -> None:
        """An offer failed. ``dropped``: the agent's own machine has moved on already."""
        rules = self.lines[entry.queue].rules
        agent = self._close_offer(entry, offer, result, now)
        if not entry.offers:
            entry.step(EntryInput.OFFER_ENDED)
        entry.missed[agent.name] = now
        agent.misses += 1
        if not dropped:
            self._step(agent, AgentInput.OFFER_ENDED, now)
            if 0 < rules.misses_until_pause <= agent.misses:
                agent.reason, agent.planned_s = "rona", 0.0
                self._step(agent, AgentInput.PAUSE, now)
            self._tell(agent)
        if entry.overdue and not entry.offers:
            self._overflow(entry, now)
        else:
            self._matching.stir(entry)

    def _overflow(self, entry: Entry, now: float, why: OverflowWhy = OverflowWhy.MAX_WAIT) -> None:
        self._end_entry(entry, QueueOutcome.OVERFLOWED, now, why)
        self._out.append(Overflow(entry.id, self.lines[entry.queue].rules.overflow_to, why, entry.due))

    def _end_entry(self, entry: Entry, outcome: QueueOutcome, now: float, why: str = "", agent: str = "") -> None:
        self._withdraw(entry, now)
        entry.step(EntryInput.LEAVE)
        self._forget(entry, outcome, now, agent, why)

    def _withdraw(self, entry: Entry, now: float, *, taken: bool = False) -> None:
        """Silence every phone that rings for the caller still; ``taken``: because another agent has answered."""
        for offer in tuple(entry.offers):
            agent = self._close_offer(entry, offer, OfferResult.WITHDRAWN, now, taken=taken)
            self._step(agent, AgentInput.OFFER_ENDED, now)
            self._tell(agent)

    def _forget(self, entry: Entry, outcome: QueueOutcome, now: float, agent: str = "", why: str = "") -> None:
        del self._entries[entry.id]
        self._matching.forget(entry)
        self.lines[entry.queue].remove(entry, outcome)
        self._note(entry.call_id, left(entry, outcome, now - entry.entered_at, agent, why))

    def _step(self, agent: Agent, item: AgentInput, now: float) -> Effect:
        effect = agent.step(item, now)
        self._matching.note(agent)
        if item in STANDING:  # nothing else makes him come or go
            self.attendance.note(agent)
        if agent.state in _AT_REST:
            agent.entry = agent.queue = agent.call_id = ""
        return effect

    def _end_wrap_up(self, agent: Agent, now: float) -> None:
        self._step(agent, members.WRAP_UP_OVER, now)
        self._tell(agent)

    def _tell(self, agent: Agent) -> None:
        name, shown = agent.name, agent.shown
        if self._told.get(name, ("offline", "", 0.0)) != shown:
            self._told[name] = shown
            self._note("", AgentStateChanged(name, shown[0], shown[1], agent.state_until))

    def _note(self, call_id: str, item: Fact) -> None:
        self._out.append(made(Note, (call_id, item)))

    def _is_live(self, deadline: Deadline) -> bool:
        at, due, key = deadline
        if due is RING:
            return key in self._offers
        if due is WRAP_UP:
            agent = self.agents[key]
            return agent.wrap_up_until == at and agent.state is members.IN_WRAP_UP
        if due is MAX_WAIT:
            return key in self._entries
        entry = self._entries.get(key)
        return entry is not None and entry.look_at == at
