"""What the console is told of queues: whether they take callers now, and why not."""

from collections.abc import Callable, Sequence

from acd.board import AgentView
from acd.decisions import OverflowWhy
from acd.distributor import Distributor
from acd.facts import AgentStatus
from console.queue_views import QueueStateView
from core.clock import Clock
from ivr.hours import HoursStatus
from service.config_model import Config, QueueConfig
from service.from_config import hours_of


class QueueStatus:
    """``console.queue_views.QueueDesk``; ``config`` gives the configuration that holds."""

    def __init__(self, config: Callable[[], Config], distributor: Distributor, clock: Clock) -> None:
        self._config = config
        self._distributor = distributor
        self._clock = clock

    def queues(self) -> Sequence[QueueStateView]:
        """See the port."""
        config, now = self._config(), self._clock.now()
        hours, board = hours_of(config), self._distributor.snapshot()
        waiting = {view.name: len(view.waiting) for view in board.queues}
        views = []
        for queue in config.queues:
            calendar = hours[queue.hours] if queue.hours else None
            status = HoursStatus.OPEN if calendar is None else calendar.status(now)
            shut = calendar is not None and status is not HoursStatus.OPEN
            crew = [agent for agent in board.agents if queue.name in agent.queues]
            views.append(
                QueueStateView(
                    id=queue.name,
                    title=queue.title or queue.name,
                    status=status.value,
                    refuses=status.value if shut else self._refusal(queue),
                    hours=queue.hours,
                    opens_at=calendar.next_open(now) if calendar is not None and shut else None,
                    waiting=waiting.get(queue.name, 0),
                    agents=len(crew),
                    signed_in=sum(_signed_in(agent) for agent in crew),
                    on_duty=sum(agent.then is AgentStatus.AVAILABLE for agent in crew),
                    free=sum(agent.status is AgentStatus.AVAILABLE for agent in crew),
                    enter_while=queue.enter_while,
                    stay_while=queue.stay_while,
                    overflow=[step for step in queue.overflow if step],
                    closed=list(queue.closed),
                    keys=list(queue.keys),
                )
            )
        return views

    def _refusal(self, queue: QueueConfig) -> str:
        if not self._distributor.takes_callers(queue.name):
            return OverflowWhy.GONE.value
        why = self._distributor.refusal(queue.name)
        return "" if why is None else why.value


def _signed_in(agent: AgentView) -> bool:
    """What follows his work is a pause or the next call."""
    return agent.then is not AgentStatus.OFFLINE
