"""Why a campaign that runs dials nobody: what its agents do instead, in words for people. Pure."""

from typing import Final

from acd.board import AgentView, Board
from acd.facts import AgentStatus
from service.queue_floor import on_duty, waiting_in

NONE_THERE: Final = "没有能接听的坐席签入 / no agent who could take its calls is signed in"
ALL_PAUSED: Final = (
    "签入的坐席都在小休，或话后小休 / all agents who are signed in are paused, or will be after their work"
)
WRAPPING_UP: Final = "坐席都在话后处理 / all agents are in wrap-up"
CALLERS_FIRST: Final = "排队的来电优先，暂不外呼 / callers who wait go first"


def why_idle(board: Board, queue: str, suited: frozenset[str]) -> str:
    """For the agents ``suited`` to ``queue``; "" where one is free for it, or they talk."""
    mine = [one for one in board.agents if queue in one.queues and one.agent in suited and _signed_in(one)]
    if not mine:
        return NONE_THERE
    ready = [one for one in mine if on_duty(one)]
    if not ready:
        return ALL_PAUSED
    free = [one for one in ready if one.status is AgentStatus.AVAILABLE]
    taken = {name for name, people in waiting_in(board, {it for one in ready for it in one.queues}).items() if people}
    if free:
        return CALLERS_FIRST if all(taken & set(one.queues) for one in free) else ""
    if all(one.status is AgentStatus.WRAP_UP for one in ready):
        return CALLERS_FIRST if taken else WRAPPING_UP
    return ""


def _signed_in(one: AgentView) -> bool:
    return one.phone and one.status is not AgentStatus.OFFLINE
