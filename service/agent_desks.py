"""``console.agent_desk_ports.AgentDesks`` over call distribution."""

from acd.board import AgentView
from acd.distributor import Distributor
from acd.supervision_facts import AgentForced
from console.agent_desk_views import DeskNow, WrapUpView
from core.events import Log


class ServedDesks:
    """What agents have in hand, and what is asked of it."""

    def __init__(self, distributor: Distributor, log: Log) -> None:
        self._distributor = distributor
        self._log = log

    def now(self, agent: str) -> DeskNow:
        """See the port."""
        view = self._distributor.view(agent)
        return DeskNow(view.call_id, view.queue, str(view.then), wrap_up_view(view))

    def extend(self, agent: str, by: str) -> None:
        """See the port."""
        self._distributor.extend_wrap_up(agent)
        self._told(agent, by)

    def finish(self, agent: str, by: str) -> None:
        """See the port."""
        self._distributor.finish_wrap_up(agent)
        self._told(agent, by)

    def _told(self, agent: str, by: str) -> None:
        if by:
            self._log.post("", AgentForced(agent, str(self._distributor.view(agent).status), by))


def wrap_up_view(view: AgentView) -> WrapUpView | None:
    """The wrap-up of an agent, where he is in one or comes back to it."""
    wrap_up, until = view.wrap_up, view.wrap_up_until
    if wrap_up is None or until is None:
        return None
    return WrapUpView(
        call_id=wrap_up.call_id,
        queue=wrap_up.queue,
        began_at=wrap_up.began_at,
        until=until,
        latest=wrap_up.latest,
        extend_s=wrap_up.extend_s,
        extends_left=wrap_up.extends_left,
        owed=wrap_up.owed,
    )
