"""Contacts that campaigns show to agents before they are called: whose page shows which, and what he decides.

Callers come first: an agent who reads takes calls of his queues all the same, and what he read goes back to its list.
An agent who lets the time run out is paused, so that a list does not go round at an empty desk; not by hand, where
there is no limit and the list stands still.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from acd.board import AgentView
from acd.facts import AgentStateChanged, AgentStatus
from campaigns.preview import AskedAgain, Company, Decided, Decision, Preview
from campaigns.preview_facts import PreviewShown
from core.bus import Bus
from core.errors import LocalProtocolError
from core.events import Event
from service.house import House
from service.journeys.preview_talk import PreviewTerms, fetched, is_in_it
from telephony.facts import TalkStarted

PAUSE: Final = "preview"
"""Why an agent is paused who has not decided in time."""


@dataclass(slots=True)
class _Shown:
    preview: Preview
    asked_again: AskedAgain
    on_disk: bool = False
    """Before that he is kept for it, but his page shows nothing that a crash would take for a call."""
    decided: asyncio.Future[Decided] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def settle(self, decided: Decided) -> None:
        if not self.decided.done():
            self.decided.set_result(decided)


class PreviewBook:
    """What is shown at the moment, by agent; one for the whole house."""

    def __init__(self, house: Callable[[], House], bus: Bus) -> None:
        self.house = house
        self._shown: dict[str, _Shown] = {}
        self._called: dict[str, Preview] = {}
        bus.subscribe(self._see)

    def of(self, agent: str) -> Preview | None:
        """What is shown to ``agent``; None for nothing, or where he has decided."""
        shown = self._shown_to(agent)
        return None if shown is None else shown.preview

    def called(self, agent: str) -> Preview | None:
        """Whom ``agent`` has decided to call, while phones ring: he goes on reading until they talk. None otherwise."""
        return self._called.get(agent)

    async def dial(self, agent: str, attempt: str) -> None:
        """He wants the contact of ``attempt`` to be called; ``LocalProtocolError`` where that is not shown to him (any
        more), he is not free, or the rules forbid it by now.
        """
        ruling = await self._for(agent, attempt).asked_again()
        shown = self._for(agent, attempt)
        if not ruling.allowed:
            shown.settle(Decided(Decision.BARRED, ruling.rule))
            raise LocalProtocolError(f"现在不能拨打这位客户：{ruling.zh} / he may not be called now: {ruling.en}")
        if not self._is_free(agent):
            shown.settle(Decided(Decision.TAKEN))
            raise LocalProtocolError(f"坐席 {agent} 不空闲 / agent {agent} is not available")
        self._called[agent] = shown.preview
        shown.settle(Decided(Decision.DIAL))

    def skip(self, agent: str, attempt: str, reason: str) -> None:
        """He does not want to call him now; ``LocalProtocolError`` as with ``dial``."""
        self._for(agent, attempt).settle(Decided(Decision.SKIPPED, reason))

    async def decided(self, preview: Preview, asked_again: AskedAgain) -> Decided:
        """See ``campaigns.preview.Desks``."""
        house, agent, attempt = self.house(), preview.agent, preview.attempt
        self._called.pop(agent, None)
        mine = self._shown[agent] = _Shown(preview, asked_again)
        try:
            await house.log.commit(
                preview.call_id,
                PreviewShown(attempt.campaign, attempt.contact, attempt.id, agent, preview.until),
            )
            mine.on_disk = True
            if not self._is_free(agent):
                return Decided(Decision.TAKEN)
            async with asyncio.timeout(max(0.0, preview.until - house.clock.now())):
                return await mine.decided
        except TimeoutError:
            if preview.manual:
                return Decided(Decision.RENEWED)
            if self._is_free(agent):
                house.distributor.pause(agent, PAUSE)
            return Decided(Decision.TIMED_OUT)
        finally:
            if self._shown.get(agent) is mine:
                del self._shown[agent]

    def missed(self, preview: Preview) -> None:
        """The agent whom it was shown to did not come to his phone."""
        if self._called.get(preview.agent) is preview:
            del self._called[preview.agent]

    def is_shown(self, agent: str) -> bool:
        """Whether he reads something."""
        return agent in self._shown

    def _for(self, agent: str, attempt: str) -> _Shown:
        shown = self._shown_to(agent)
        if shown is None or shown.preview.attempt.id != attempt:
            raise LocalProtocolError("这位客户已不再显示给您 / this contact is not shown to you any more")
        return shown

    def _shown_to(self, agent: str) -> _Shown | None:
        """What is on his page and not decided."""
        shown = self._shown.get(agent)
        return shown if shown is not None and shown.on_disk and not shown.decided.done() else None

    def _is_free(self, agent: str) -> bool:
        desk = self.house().distributor
        return desk.has_phone(agent) and is_free(desk.view(agent))

    def _see(self, event: Event) -> None:
        match event.fact:
            case AgentStateChanged(agent=agent):
                if agent in self._shown and not self._is_free(agent):
                    self._shown[agent].settle(Decided(Decision.TAKEN))
                if agent in self._called and not is_in_it(self._called[agent], self.house()):
                    del self._called[agent]
            case TalkStarted(agent=agent):
                self._called.pop(agent, None)
            case _:
                pass


def is_free(view: AgentView) -> bool:
    """Takes a call now."""
    return view.phone and view.status is AgentStatus.AVAILABLE


class PreviewDesks:
    """``campaigns.preview.Desks`` for one campaign: the agents of its queue who are ``suited``, by queue."""

    def __init__(
        self, book: PreviewBook, terms: PreviewTerms, suited: Callable[[], Mapping[str, frozenset[str]]]
    ) -> None:
        self._book = book
        self._terms = terms
        self._suited = suited

    def pick(self, wanted: str) -> str:
        """Whoever has waited longest, but for ``wanted``."""
        queue = self._terms.queue
        suited = self._suited().get(queue, frozenset())
        free = [
            one
            for one in self._book.house().distributor.snapshot().agents
            if one.agent in suited and queue in one.queues and is_free(one) and not self._book.is_shown(one.agent)
        ]
        return min(free, key=lambda one: (one.agent != wanted, one.since)).agent if free else ""

    async def decided(self, preview: Preview, asked_again: AskedAgain) -> Decided:
        """See the protocol."""
        return await self._book.decided(preview, asked_again)

    async def fetch(self, preview: Preview) -> Company | None:
        """See the protocol."""
        company = await fetched(preview, self._book.house, self._terms)
        if company is None:
            self._book.missed(preview)
        return company
