"""What is on an agent's page before he calls: only what a crash would not take for a call."""

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from acd.board import AgentView
from acd.facts import AgentStatus
from campaigns.attempt import Attempt
from campaigns.ports import Contact
from campaigns.preview import Decided, Decision, Preview
from campaigns.preview_facts import PreviewShown
from campaigns.rules.values import Decision as Ruling
from core.bus import Bus
from core.errors import LocalProtocolError
from core.events import Fact
from service.house import House
from service.previews import PreviewBook

PREVIEW = Preview(
    "101", Attempt("a-1", "spring", 1), Contact(1, "spring", "+8613800138000", "王先生"), "c-1", 0.0, 60.0
)
FREE = AgentView("101", AgentStatus.AVAILABLE, "", 0.0, True, AgentStatus.AVAILABLE, (), "", "", None)


class SlowDisk:
    """Writes nothing before it is ``ready``."""

    def __init__(self) -> None:
        self.asked: list[Fact] = []
        self.ready = asyncio.Event()

    async def commit(self, call_id: str, fact: Fact) -> None:
        self.asked.append(fact)
        await self.ready.wait()


async def _nobody_asks() -> Ruling:
    raise AssertionError("the rules are asked when he dials")


async def test_nobody_is_shown_before_it_is_on_disk_that_he_was_only_shown() -> None:
    disk = SlowDisk()
    house = SimpleNamespace(
        log=disk,
        clock=SimpleNamespace(now=lambda: 0.0),
        distributor=SimpleNamespace(has_phone=lambda _: True, view=lambda _: FREE),
    )
    book = PreviewBook(lambda: cast("House", house), Bus())
    deciding = asyncio.create_task(book.decided(PREVIEW, _nobody_asks))
    await asyncio.sleep(0)
    assert [type(fact) for fact in disk.asked] == [PreviewShown]
    assert book.is_shown("101"), "he is kept for it"
    assert book.of("101") is None
    with pytest.raises(LocalProtocolError):
        book.skip("101", "a-1", "")
    disk.ready.set()
    await asyncio.sleep(0.01)
    assert book.of("101") is PREVIEW
    book.skip("101", "a-1", "出差")
    assert await deciding == Decided(Decision.SKIPPED, "出差")
    assert book.of("101") is None and not book.is_shown("101")
