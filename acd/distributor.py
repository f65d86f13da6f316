"""The driver of call distribution: brings the pure scheduler, the phones, the callers' legs and the log together."""

from collections.abc import Iterable

from acd.board import Board
from acd.comfort import Announcer
from acd.queues import QueueRules
from acd.served import Served
from core.clock import Clock
from core.events import Log
from core.ids import Ids
from telephony.ports import AgentPhones, Leg


class Distributor:
    """Serves callers from queues. All methods are to be called on the event loop's thread; only ``serve``/``close`` wait."""

    def __init__(
        self,
        queues: Iterable[QueueRules],
        *,
        log: Log,
        clock: Clock,
        ids: Ids,
        phones: AgentPhones,
        announcer: Announcer,
        agents: Iterable[str] = (),
    ) -> None:
        raise NotImplementedError

    async def serve(self, call: Leg, queue: str, *, number: str, announcer: Announcer | None = None) -> Served:
        """Keep the caller in ``queue`` until an agent answers, the wait is too long or the caller leaves by key.

        Cancelling it (the caller hung up) ends the entry as abandoned and stops all ringing.
        """
        raise NotImplementedError

    def talk_over(self, agent: str, entry: str = "") -> None:
        """The talk on ``entry`` ("": whatever it is) is over: wrap-up begins. A second time is no error."""
        raise NotImplementedError

    def set_available(self, agent: str) -> None:
        """The agent wants calls (also ends his wrap-up or pause)."""
        raise NotImplementedError

    def pause(self, agent: str, reason: str) -> None:
        """The agent wants no calls; while he talks it takes effect after the wrap-up."""
        raise NotImplementedError

    def sign_out(self, agent: str) -> None:
        """The agent goes home; a talk in progress and its wrap-up are finished first."""
        raise NotImplementedError

    def phone_registered(self, agent: str) -> None:
        """The agent has a phone that can be rung."""
        raise NotImplementedError

    def phone_lost(self, agent: str) -> None:
        """The agent has no phone any more."""
        raise NotImplementedError

    def reserve(self, agent: str, call_id: str) -> bool:
        """A direct call is about to ring the agent: no offers until ``release``. False where he is rung or talks or has no phone."""
        raise NotImplementedError

    def engage(self, agent: str, call_id: str) -> None:
        """The direct call was answered: the agent is shown as talking."""
        raise NotImplementedError

    def release(self, agent: str, call_id: str) -> None:
        """The direct call is over (answered or not). A second time is no error."""
        raise NotImplementedError

    def snapshot(self) -> Board:
        """The live picture."""
        raise NotImplementedError

    async def close(self) -> None:
        """Stop: waiting callers' entries end as interrupted, ringing stops; ``serve`` then raises ``Unavailable``."""
        raise NotImplementedError
