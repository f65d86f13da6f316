"""The life of a leg: who it is, where it stands, how it ends, what it does meanwhile. It knows no SIP and no audio."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from core.errors import LegEnded, LocalProtocolError, Unavailable
from core.events import Log
from telephony.facts import LegAnswered, LegOver, LegStarted
from telephony.leg_states import LegInput, LegState, next_state
from telephony.ports import EndReason, LegEnd

_log = logging.getLogger("line400.telephony")


@dataclass(frozen=True, slots=True)
class LegName:
    """Who the leg is: ``role`` caller, customer, agent or supervisor; ``party`` an agent's id or ""; ``number`` the far
    end's; ``trunk`` the one that it came or went by, "" for phones of ours.
    """

    leg: str
    call_id: str
    number: str
    role: str
    party: str = ""
    trunk: str = ""


class LegLife:
    """From its first fact to its last."""

    def __init__(self, name: LegName, log: Log, state: LegState) -> None:
        self.name = name
        self._log = log
        self._state = state
        self._end: LegEnd | None = None
        self._ended: asyncio.Future[LegEnd] = asyncio.get_running_loop().create_future()
        self._tasks: set[asyncio.Task[None]] = set()
        self._gone: list[Callable[[], None]] = []
        log.post(name.call_id, LegStarted(name.leg, name.role, name.party))

    @property
    def id(self) -> str:
        """See ``telephony.ports.Leg``."""
        return self.name.leg

    @property
    def call_id(self) -> str:
        """See ``telephony.ports.Leg``."""
        return self.name.call_id

    @property
    def number(self) -> str:
        """See ``telephony.ports.Leg``."""
        return self.name.number

    @property
    def end(self) -> LegEnd | None:
        """See ``telephony.ports.Leg``."""
        return self._end

    def when_gone(self, handler: Callable[[], None]) -> None:
        """Call ``handler`` once when the leg ends."""
        self._gone.append(handler)

    async def wait_ended(self) -> LegEnd:
        """See ``telephony.ports.Leg``."""
        return await asyncio.shield(self._ended)

    async def hang_up(self, reason: EndReason = EndReason.NORMAL, *, status: int = 0, cause: int = 0) -> None:
        """See ``telephony.ports.Leg``."""
        raise NotImplementedError

    def _step(self, given: LegInput) -> None:
        before = self._state
        self._state = next_state(before, given)
        if self._state is LegState.UP and before is not LegState.UP:
            self._log.post(self.call_id, LegAnswered(self.id))

    def _finish(self, end: LegEnd) -> None:
        """It is over; no error where it was before."""
        if self._end is not None:
            return
        self._step(LegInput.END)
        self._end = end
        self._log.post(self.call_id, LegOver(self.id, end.reason.value, end.status, end.cause))
        self._ended.set_result(end)
        for handler in self._let_go():
            handler()

    def _let_go(self) -> list[Callable[[], None]]:
        """What is to be done when the leg ends. It knows this leg: let go, it needs no garbage collector."""
        handlers, self._gone = self._gone, []
        return handlers

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        """Do ``work`` beside what the leg does; what it cannot do ends the leg."""
        task = asyncio.ensure_future(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except LegEnded:
            pass  # the far end was faster
        except (Unavailable, LocalProtocolError) as error:
            _log.warning("leg %s: %s", self.id, error)
            await self.hang_up(EndReason.MEDIA_LOST)
