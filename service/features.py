"""Feature codes carried out: the states of agents by the same way as on the page, and supervisors who listen."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from acd.board import AgentView
from acd.facts import AgentStatus
from acd.phone_facts import FeatureUsed
from console.ports import Directory
from core.errors import LocalProtocolError
from core.events import Log
from service.config_model import Config
from service.config_phones import FeatureSettings
from service.feature_codes import Feature, Wish
from service.park import Lot, Taker
from service.supervision import Supervision
from service.transfers import Transfers
from store.rows import Account
from telephony.oversight import Oversight
from telephony.ports import Leg

_MAY_LISTEN: Final = frozenset({"supervisor", "admin"})


class Told(StrEnum):
    """What came of a wish."""

    DONE = "done"
    WRONG = "wrong"  # no such code, reason or agent
    REFUSED = "refused"  # not now, or not he


@dataclass(frozen=True, slots=True)
class Outcome:
    """``number`` is said behind the confirmation (0: none)."""

    told: Told
    number: int = 0


class AgentActs(Protocol):
    """States of agents (``service.console_agents``)."""

    async def set_available(self, agent: str, by: str) -> None:
        """See ``console.ports.AgentControl``."""
        ...

    async def pause(self, agent: str, reason: str, by: str, planned_s: float = 0.0) -> None:
        """See ``console.ports.AgentControl``."""
        ...

    async def sign_out(self, agent: str, by: str) -> None:
        """See ``console.ports.AgentControl``."""
        ...


class AgentsNow(Protocol):
    """How agents are (``acd.distributor``)."""

    def view(self, agent: str) -> AgentView:
        """See ``acd.agents_side``."""
        ...

    def finish_wrap_up(self, agent: str) -> None:
        """See ``acd.agents_side``."""
        ...


class People(Protocol):
    """Who may sign in (``store.accounts``)."""

    async def list(self) -> Sequence[Account]:
        """All of them."""
        ...


def pauses_of(config: Config) -> tuple[tuple[str, float], ...]:
    """Reasons to pause with their planned length (s), in the order of the configuration; the usual ones without any."""
    named = tuple((pause.name, 60.0 * pause.minutes) for pause in config.pauses)
    return named or tuple((reason, 0.0) for reason in Directory().pause_reasons)


class Features:
    """``settings`` has the codes, ``reasons`` the pauses by their numbers from 1 on, with their planned length (s)."""

    def __init__(
        self,
        settings: FeatureSettings,
        *,
        acts: AgentActs,
        agents: AgentsNow,
        transfers: Transfers,
        supervision: Supervision,
        lot: Lot,
        people: People,
        log: Log,
        reasons: Sequence[tuple[str, float]],
    ) -> None:
        self.settings = settings
        self._acts = acts
        self._agents = agents
        self._transfers = transfers
        self._supervision = supervision
        self._lot = lot
        self._people = people
        self._log = log
        self.reasons = reasons

    async def carry_out(self, wish: Wish, agent: str, leg: Leg) -> Outcome:
        """Do what ``agent`` has dialled on ``leg``, which is answered. Where he listens or takes a call ``leg`` ends
        soon: he goes on in that call.
        """
        try:
            outcome = await self._do(wish, agent, leg)
        except LocalProtocolError:
            outcome = Outcome(Told.REFUSED)
        feature = wish.feature.value if wish.feature is not None else ""
        self._log.post(leg.call_id, FeatureUsed(agent, feature, outcome.told.value, wish.more))
        return outcome

    async def _do(self, wish: Wish, agent: str, leg: Leg) -> Outcome:
        match wish.feature:
            case Feature.AVAILABLE:
                await self._acts.set_available(agent, "")
            case Feature.PAUSE:
                return await self._pause(agent, wish.more)
            case Feature.RESUME:
                if self._agents.view(agent).status is AgentStatus.OFFLINE:
                    return Outcome(Told.REFUSED)  # he is not paused: he has not signed in
                await self._acts.set_available(agent, "")
            case Feature.SIGN_OUT:
                await self._acts.sign_out(agent, "")
            case Feature.WRAP_UP_OVER:
                self._agents.finish_wrap_up(agent)
            case Feature.LISTEN:
                return await self._listen(agent, wish.more, leg)
            case Feature.PARK:
                parked = self._lot.at(wish.more)
                if parked is None:
                    return Outcome(Told.WRONG)
                parked.wanted_by(Taker(agent, leg))
            case None:
                return Outcome(Told.WRONG)
        return Outcome(Told.DONE)

    async def _pause(self, agent: str, which: str) -> Outcome:
        """Without a number the first reason."""
        number = int(which) if which.isdecimal() and len(which) < 3 else 0 if which else 1
        if not 1 <= number <= len(self.reasons):
            return Outcome(Told.WRONG)
        reason, planned_s = self.reasons[number - 1]
        await self._acts.pause(agent, reason, "", planned_s)
        return Outcome(Told.DONE, number)

    async def _listen(self, supervisor: str, agent: str, leg: Leg) -> Outcome:
        account = next(
            (one for one in await self._people.list() if one.agent == supervisor and one.role in _MAY_LISTEN), None
        )
        if account is None:
            return Outcome(Told.REFUSED)
        talk = self._transfers.talk_of(agent) if agent else None
        if talk is None:
            return Outcome(Told.WRONG)
        call_id = talk.outside.call_id
        await self._supervision.supervise(call_id, supervisor, Oversight.LISTEN, account.name, came=leg)
        return Outcome(Told.DONE)
