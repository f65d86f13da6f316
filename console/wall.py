"""The live picture as a wall screen shows it: everything personal is left out here, before it is sent."""

from collections.abc import Iterable

from acd.facts import AgentStatus
from console.deps import ConsoleSettings
from console.live_views import AgentLive, Board, QueueToday, WaitingCaller
from console.wall_views import WallBoard, WallQueue

_ON_THE_PHONE = frozenset({AgentStatus.RINGING, AgentStatus.TALKING})


def wall_board(board: Board, settings: ConsoleSettings) -> WallBoard:
    """``board``, reduced."""
    today = board.today
    by_queue = {item.queue: item for item in today.queues} if today is not None else {}
    total = QueueToday("", today.figures, today.threshold_s) if today is not None else None
    return WallBoard(
        at=board.at,
        zone=settings.zone,
        answer_rate_target=settings.answer_rate_target,
        late_wait_s=settings.late_wait_s,
        counted=today is not None,
        total=_queue("", "", (it for queue in board.queues for it in queue.waiting), board.agents, total),
        queues=[
            _queue(
                queue.id,
                queue.title,
                queue.waiting,
                [agent for agent in board.agents if queue.id in agent.queues],
                by_queue.get(queue.id),
            )
            for queue in board.queues
        ],
        alarms=board.alarms,
    )


def _queue(
    queue: str, title: str, waiting: Iterable[WaitingCaller], agents: Iterable[AgentLive], today: QueueToday | None
) -> WallQueue:
    since = [caller.since for caller in waiting]
    states = [agent.state for agent in agents]
    return WallQueue(
        id=queue,
        title=title,
        waiting=len(since),
        since=min(since, default=None),
        free=states.count(AgentStatus.AVAILABLE),
        talking=sum(state in _ON_THE_PHONE for state in states),
        wrap_up=states.count(AgentStatus.WRAP_UP),
        paused=states.count(AgentStatus.PAUSED),
        figures={} if today is None else today.figures,
        threshold_s=None if today is None else today.threshold_s,
    )
