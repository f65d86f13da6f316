"""The agents' side of call distribution: what they ask for, what becomes of their phones, and their direct calls."""

from abc import ABC, abstractmethod

from acd.agents import AgentInput
from acd.board import AgentView, agent_view
from acd.scheduler import Scheduler
from core.channels import Channel
from core.clock import Clock


class AgentsSide(ABC):
    """Half of ``acd.distributor.Distributor``. Each method tells the scheduler and has done at once what it decides;
    ``LocalProtocolError`` where there is no such agent.
    """

    def __init__(self, scheduler: Scheduler, clock: Clock) -> None:
        self._scheduler = scheduler
        self._clock = clock

    @abstractmethod
    def _act(self) -> None:
        """Do what the scheduler has decided."""

    def set_available(self, agent: str) -> None:
        """The agent wants calls (also ends his wrap-up or pause)."""
        self._command(agent, AgentInput.READY)

    def pause(self, agent: str, reason: str, planned_s: float = 0.0) -> None:
        """The agent wants no calls, as planned for ``planned_s`` (0: nothing is); while he talks it takes effect after
        the wrap-up.
        """
        self._command(agent, AgentInput.PAUSE, reason, planned_s)

    def pause_again(self, agent: str, reason: str, until: float) -> None:
        """After a restart, before his phone is there: he is paused as he was, as planned until ``until`` (epoch
        seconds; 0: nothing is), whenever the phone comes.
        """
        self.pause(agent, reason)
        paused = self._scheduler.roster.agent(agent)
        paused.planned_s, paused.pause_until = None, until

    def sign_out(self, agent: str) -> None:
        """The agent goes home; a talk in progress and its wrap-up are finished first."""
        self._command(agent, AgentInput.SIGN_OUT)

    def phone_registered(self, agent: str) -> None:
        """The agent has a phone that can be rung."""
        self._command(agent, AgentInput.PHONE_UP)

    def phone_lost(self, agent: str) -> None:
        """The agent has no phone any more; a talk in progress goes on."""
        self._command(agent, AgentInput.PHONE_LOST)

    def extend_wrap_up(self, agent: str) -> None:
        """More time for notes; ``LocalProtocolError`` where the rules give no more of it."""
        self._scheduler.wrap_ups.extend(agent, self._clock.now())
        self._act()

    def finish_wrap_up(self, agent: str) -> None:
        """The notes are done; ``LocalProtocolError`` where he is in no wrap-up, or owes a disposition."""
        self._scheduler.wrap_ups.finish(agent, self._clock.now())
        self._act()

    def disposed(self, agent: str, call_id: str) -> None:
        """The agent's talk in the call has a disposition now. A second time is no error."""
        self._scheduler.wrap_ups.disposed(agent, call_id, self._clock.now())
        self._act()

    def view(self, agent: str) -> AgentView:
        """How he is now."""
        roster = self._scheduler.roster
        return agent_view(roster.agent(agent), roster.lines_of[agent])

    def reserve(self, agent: str, call_id: str) -> bool:
        """A direct call rings the agent: no offers until ``release``. False where he is rung, talks or has no phone."""
        reserved = self._scheduler.reserve(agent, call_id, self._clock.now())
        self._act()
        return reserved

    def takes(self, agent: str, channel: Channel) -> bool:
        """Whether calls come to the agent, or are made by him, on that channel; False where there is none such."""
        return self._scheduler.roster.employs(agent) and channel in self._scheduler.agents[agent].channels

    def knows(self, agent: str) -> bool:
        """Whether there is, or was, such an agent."""
        return agent in self._scheduler.agents

    def has_phone(self, agent: str) -> bool:
        """True where the agent has a phone that can be rung: why else ``reserve`` said no, he is busy. False too where
        there is no such agent any more.
        """
        return self._scheduler.roster.employs(agent) and self._scheduler.agents[agent].phone

    def engage(self, agent: str, call_id: str) -> None:
        """The direct call was answered: the agent is shown as talking."""
        self._scheduler.engage(agent, call_id, self._clock.now())
        self._act()

    def release(self, agent: str, call_id: str) -> None:
        """The direct call is over (answered or not). A second time is no error."""
        self._scheduler.release(agent, call_id, self._clock.now())
        self._act()

    def carry_over(self, agent: str, from_call: str, to_call: str) -> None:
        """An attended transfer: the agent talks on as part of another call, until ``depart``."""
        self._scheduler.carry_over(agent, from_call, to_call)

    def depart(self, agent: str, call_id: str) -> None:
        """What was carried over is over. A second time is no error."""
        self._scheduler.depart(agent, call_id, self._clock.now())
        self._act()

    def _command(self, agent: str, item: AgentInput, reason: str = "", planned_s: float = 0.0) -> None:
        self._scheduler.command(agent, item, self._clock.now(), reason=reason, planned_s=planned_s)
        self._act()
