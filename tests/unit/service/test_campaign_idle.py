"""Why a campaign that runs dials nobody, from the live board of agents and queues."""

import pytest

from acd.board import AgentView, Board, QueueView
from acd.facts import AgentStatus
from service.campaign_idle import ALL_PAUSED, CALLERS_FIRST, NONE_THERE, WRAPPING_UP, why_idle
from tests.unit.service.test_queue_floor import agent, queue

FREE, TALKS, NOTES = AgentStatus.AVAILABLE, AgentStatus.TALKING, AgentStatus.WRAP_UP
PAUSED, OFFLINE = AgentStatus.PAUSED, AgentStatus.OFFLINE


@pytest.mark.parametrize(
    ("queues", "agents", "why"),
    [
        ((), (), NONE_THERE),
        ((), (agent("a", OFFLINE, then=OFFLINE), agent("b", FREE, phone=False)), NONE_THERE),
        ((), (agent("g", FREE), agent("a", FREE, "sales")), NONE_THERE),  # without the skills; of another queue
        ((), (agent("a", PAUSED, then=PAUSED), agent("b", TALKS, then=PAUSED)), ALL_PAUSED),
        ((), (agent("a", NOTES), agent("b", PAUSED, then=PAUSED)), WRAPPING_UP),
        ((), (agent("a", NOTES), agent("b", TALKS)), ""),
        ((), (agent("a", FREE), agent("b", NOTES)), ""),
        ((queue("sales", ""),), (agent("a", FREE, "out", "sales"),), CALLERS_FIRST),
        ((queue("sales", ""),), (agent("a", FREE, "out", "sales"), agent("b", FREE)), ""),
        ((queue("out", ""),), (agent("a", NOTES),), CALLERS_FIRST),
        ((queue("sales", "a"),), (agent("a", FREE, "out", "sales"),), ""),  # his phone rings for the one who waits
    ],
)
def test_what_agents_do_is_said(queues: tuple[QueueView, ...], agents: tuple[AgentView, ...], why: str) -> None:
    assert why_idle(Board(10.0, queues, agents), "out", frozenset("abcdef")) == why
