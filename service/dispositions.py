"""``console.disposition_ports.DispositionControl``: what is said of talks goes to the log, and to call distribution,
which may wait for it.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

from acd.distributor import Distributor
from acd.facts import AgentStatus
from campaigns.promised import PromisedCall
from core.errors import LocalProtocolError
from core.events import Log
from desk.dispositions import Disposition, coded, filled
from desk.facts import CallDisposed, DispositionSet
from service.campaign_words import CampaignWords

LATE_S: Final = 1800.0
"""So long after the end of his talk an agent may still say what came of it, or fill in its form: the service may have
died in it, and with it his wrap-up.
"""
Lately: TypeAlias = Callable[[str, str], Awaitable[str | None]]
"""The queue of the talk that an agent has had in a call lately; None where there is none."""


async def _no_talk(agent: str, call_id: str) -> None:
    """Only what goes on counts."""


class SaidDispositions:
    """``codes`` are those of the configuration; ``words`` knows what they mean for campaigns (None: there are none).
    An agent may say it late of a talk that ``lately`` knows.
    """

    def __init__(
        self,
        codes: tuple[Disposition, ...],
        distributor: Distributor,
        log: Log,
        words: CampaignWords | None = None,
        lately: Lately = _no_talk,
    ) -> None:
        self._codes = codes
        self._lately = lately
        self._words = words
        self._distributor = distributor
        self._log = log

    def change(self, codes: tuple[Disposition, ...]) -> None:
        """These are the codes from now on; what was said stands."""
        self._codes = codes

    async def own(self, agent: str, call_id: str, code: str, values: Mapping[str, str], by: str) -> PromisedCall | None:
        """See the port."""
        try:
            queue = queue_of_talk(self._distributor, agent, call_id)
        except LocalProtocolError:
            late = await self._lately(agent, call_id)
            if late is None:
                raise
            queue = late
        return await self._say(agent, queue, call_id, code, values, by)

    async def later(
        self, agent: str, queue: str, call_id: str, code: str, values: Mapping[str, str], by: str
    ) -> PromisedCall | None:
        """See the port."""
        promised = await self._say(agent, queue, call_id, code, values, by)
        self._log.post(call_id, DispositionSet(agent, code, by))
        return promised

    async def _say(
        self, agent: str, queue: str, call_id: str, code: str, values: Mapping[str, str], by: str
    ) -> PromisedCall | None:
        said = filled(self._codes, queue, code, values)
        told = {"note": said.note, "date": said.date, "plate": said.plate, "customer": said.customer}
        fact = CallDisposed(agent, queue, said.code, by, **told)
        promised: PromisedCall | None = None
        if self._words is None:
            await self._log.commit(call_id, fact)
        else:
            promised = await self._words.say(call_id, fact, coded(self._codes, queue, code))
        if self._distributor.knows(agent):
            self._distributor.disposed(agent, call_id)
        return promised


def queue_of_talk(distributor: Distributor, agent: str, call_id: str) -> str:
    """The queue out of which ``agent`` has the call that he talks in, or of which he does his notes.
    ``LocalProtocolError`` where he is in neither.
    """
    view = distributor.view(agent)
    wrap_up = view.wrap_up
    if wrap_up is not None and wrap_up.call_id == call_id:
        return wrap_up.queue
    if view.status is AgentStatus.TALKING and view.call_id == call_id:
        return view.queue
    raise LocalProtocolError(
        f"agent {agent} neither talks in call {call_id} nor is in its wrap-up; a supervisor may still say it"
    )
