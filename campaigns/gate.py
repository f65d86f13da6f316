"""When may the next contact be dialled? A campaign's state, hours and limit, and its trunk's health. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Final

from campaigns.list_order import Order
from campaigns.retry import ONCE, RetryPlan
from campaigns.rules.values import Purpose, Rules, Terms
from core.errors import LocalProtocolError
from ivr.hours import Hours

LOST_TO_PAUSE: Final = 5
"""After so many people in a row who answered and found no agent something is wrong that no pacing mends."""
FIRST_BACK_OFF_S: Final = 5.0
LONGEST_BACK_OFF_S: Final = 300.0


class CampaignState(StrEnum):
    """Whether a campaign dials."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"  # for good, with contacts left
    FINISHED = "finished"  # no contact is left


@dataclass(frozen=True, slots=True)
class Plan:
    """How a campaign calls, and what for: through ``trunk`` as ``caller_id``, ``concurrency`` lines at most, within
    ``hours`` (None: at any time), ringing ``ring_timeout_s``; after ``faults_to_pause`` trunk faults in a row it
    pauses. ``retry`` says who is called again and when, ``order`` whose turn it is.
    """

    name: str
    trunk: str
    caller_id: str
    concurrency: int = 2
    ring_timeout_s: float = 40.0
    hours: Hours | None = None
    faults_to_pause: int = 5
    purpose: Purpose = Purpose.SERVICE
    retry: RetryPlan = ONCE
    order: Order = Order.LIST

    def terms(self, rules: Rules) -> Terms:
        """What decides by ``rules`` whether one of its contacts may be called."""
        return Terms(self.purpose, self.caller_id, self.hours, rules)


_CHANGES: Final[Mapping[CampaignState, frozenset[CampaignState]]] = {
    CampaignState.RUNNING: frozenset({CampaignState.PAUSED, CampaignState.STOPPED, CampaignState.FINISHED}),
    CampaignState.PAUSED: frozenset({CampaignState.RUNNING, CampaignState.STOPPED}),
    CampaignState.STOPPED: frozenset(),
    CampaignState.FINISHED: frozenset(),
}


class Gate:
    """Says how long to wait before the next dial."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._faults = 0
        self._lost = 0
        self._not_before = -inf
        self._held = False
        self.state = CampaignState.RUNNING

    def replan(self, plan: Plan) -> None:
        """These lines and hours hold from now on."""
        self._plan = plan

    def change(self, state: CampaignState) -> bool:
        """Go to ``state``; False where it is in it already, or is over and stays so."""
        if state is self.state or not _CHANGES[self.state]:
            return False
        if state not in _CHANGES[self.state]:
            raise LocalProtocolError(f"campaign {self._plan.name}: {self.state} cannot become {state}")
        self.state = state
        self._lost = 0
        return True

    def wait_s(self, now: float, calls: int) -> float:
        """0: dial now. Else seconds to wait; ``inf``: only a change (a call that ends, ``resume``) can open the gate.

        While the trunk is at fault one call at a time tries it, so that not more contacts are lost than need be.
        """
        limit = 1 if self._faults else self._plan.concurrency
        if self._held or self.state is not CampaignState.RUNNING or calls >= limit:
            return inf
        opens = now if self._plan.hours is None else self._plan.hours.next_open(now)
        if opens is None:
            return inf
        return max(0.0, opens - now, self._not_before - now)

    def hold(self) -> None:
        """Dial no more in this process; the campaign itself goes on running, after the next start of the house."""
        self._held = True

    def fault(self, now: float) -> bool:
        """The trunk failed; True where it is time to pause. Waits double from 5 s to 5 min."""
        self._faults += 1
        self._not_before = now + min(FIRST_BACK_OFF_S * 2 ** (self._faults - 1), LONGEST_BACK_OFF_S)
        return self._faults >= self._plan.faults_to_pause

    def reached(self, *, abandoned: bool) -> bool:
        """A person who answered was given an agent, or none came in time; True where it is time to pause."""
        self._lost = self._lost + 1 if abandoned else 0
        return self._lost >= LOST_TO_PAUSE

    def forget_faults(self) -> None:
        """The trunk works (or is to be tried again at once)."""
        self._faults = 0
        self._not_before = -inf
