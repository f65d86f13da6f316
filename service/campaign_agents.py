"""Campaigns with agents, put together: who talks with the people that are called, and how many may be called."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from acd.agents import Profile
from acd.queues import QueueRules
from acd.roster import ORDINARY
from acd.skills import fits
from campaigns.agent_turns import AgentTurns
from campaigns.attempt import Result
from campaigns.flights import Flights
from campaigns.gate import Plan
from campaigns.pace import AgentPace, Pace
from campaigns.pacing.pacer import Pacer, Rules
from campaigns.preview import Previewing
from campaigns.rules.values import MONTH_S
from campaigns.talk import Talk
from core.bus import Bus
from core.channels import Channel
from service.campaign_idle import why_idle
from service.config_campaigns import AgentsPlan
from service.form_results import talked
from service.house import House
from service.journeys.campaign_call import AgentTalk, AgentTerms
from service.journeys.preview_talk import PreviewTerms
from service.previews import PreviewBook, PreviewDesks
from service.queue_floor import QueueFloor


class PeopleReached(Protocol):
    """Whom a campaign has reached before (``store.reached.ReachedPeople``)."""

    async def of(self, campaign: str, *, since: float) -> tuple[bool, ...]:
        """See ``store.reached.ReachedPeople``."""
        ...


def suited_agents(queues: Iterable[QueueRules], profiles: Mapping[str, Profile]) -> dict[str, frozenset[str]]:
    """By queue the agents who take its calls and have the skills that it asks for from the first."""

    def suits(name: str, queue: QueueRules) -> bool:
        can = profiles.get(name, ORDINARY)
        return Channel.CALLS in can.channels and fits(can.skills, queue.skills, 0)

    return {queue.name: frozenset(name for name in queue.agents if suits(name, queue)) for queue in queues}


class CampaignAgents:
    """``suited`` by queue may be changed while it works; ``came_of`` as with ``AgentTerms``."""

    def __init__(
        self,
        house: Callable[[], House],
        bus: Bus,
        reached: PeopleReached,
        suited: Mapping[str, frozenset[str]],
        came_of: Callable[[str], Result] = talked,
    ) -> None:
        self.suited = suited
        self._house = house
        self._bus = bus
        self._reached = reached
        self._came_of = came_of
        self._flights, self._turns = Flights(), AgentTurns()
        self.previews = PreviewBook(house, bus)

    async def equip(self, plan: Plan, agents: AgentsPlan, *, record: bool) -> tuple[Talk | Previewing, Pace]:
        """For the campaign of ``plan``, with what it owes to those whom it has abandoned in the last 30 days."""
        house = self._house()
        terms = AgentTerms(agents.queue, agents.within_s, plan.trunk, plan.caller_id, record, self._came_of)
        floor = QueueFloor(
            agents.queue, house.distributor, self._bus, lambda queue: self.suited.get(queue, frozenset())
        )
        pacer: Pacer | None = None
        past: tuple[bool, ...] = ()
        if agents.predictive:
            past = await self._reached.of(plan.name, since=house.clock.now() - MONTH_S)
            pacer = Pacer(Rules(cap=agents.cap, grace_s=agents.within_s, ring_limit_s=plan.ring_timeout_s))
        pace = AgentPace(plan.name, agents.queue, floor, self._flights, self._turns, pacer, past)
        return self._shown(plan, agents, record) or AgentTalk(self._house, terms), pace

    def idle(self, queue: str) -> str:
        """Why a campaign for the agents of ``queue`` that runs dials nobody; "" where that is not their doing."""
        return why_idle(self._house().distributor.snapshot(), queue, self.suited.get(queue, frozenset()))

    def _shown(self, plan: Plan, agents: AgentsPlan, record: bool) -> Previewing | None:
        """Where contacts are shown before they are called."""
        if agents.preview is None:
            return None
        terms = PreviewTerms(agents.queue, plan.trunk, plan.caller_id, record, self._bus, self._came_of)
        return Previewing(PreviewDesks(self.previews, terms, lambda: self.suited), agents.preview)
