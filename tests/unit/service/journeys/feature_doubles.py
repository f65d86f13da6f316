"""Feature codes at a desk of doubles: agents as a test says, accounts of 901 (chief) and 101 (wang)."""

from types import SimpleNamespace

from acd.facts import AgentStatus
from core.errors import LocalProtocolError
from service.config_phones import FeatureSettings
from service.features import Features
from service.supervision import Supervision
from store.rows import Account
from tests.unit.service.journeys.doubles import Desk

REASONS = (("小休", 0.0), ("用餐", 1800.0))


class Agents:
    """``asked`` holds what was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.status = AgentStatus.AVAILABLE

    async def set_available(self, agent: str, by: str) -> None:
        self.asked.append(("available", agent, by))

    async def pause(self, agent: str, reason: str, by: str, planned_s: float = 0.0) -> None:
        self.asked.append(("paused", agent, reason, f"{planned_s:g}", by))

    async def sign_out(self, agent: str, by: str) -> None:
        self.asked.append(("offline", agent, by))

    def view(self, agent: str) -> SimpleNamespace:
        return SimpleNamespace(status=self.status)

    def finish_wrap_up(self, agent: str) -> None:
        if self.status is not AgentStatus.WRAP_UP:
            raise LocalProtocolError(f"{agent} is in no wrap-up")
        self.asked.append(("wrap-up over", agent))


class People:
    """Who may sign in."""

    async def list(self) -> tuple[Account, ...]:
        return (
            Account("wang", "agent", "", "101", must_change=False),
            Account("chief", "supervisor", "", "901", must_change=False),
        )


def features(desk: Desk, agents: Agents | None = None) -> Features:
    """By the usual codes."""
    agents = agents or Agents()
    return Features(
        FeatureSettings(),
        acts=agents,
        agents=agents,
        transfers=desk.house.transfers,
        supervision=Supervision(desk.house),
        lot=desk.house.lot,
        people=People(),
        log=desk.log,
        reasons=REASONS,
    )
