"""A story lives as long as its leg."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from core.errors import LegEnded, LocalProtocolError, Unavailable
from service.journeys.alive import while_alive
from tests.unit.acd.doubles import FakeLeg


class Story:
    """Waits for ever; notes how it went. ``fault`` is raised when it is cancelled."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.cleaned = False

    async def tell(self) -> str:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            self.cleaned = True
            if self.fault is not None:
                raise self.fault
        return "never"


@pytest.fixture
async def leg() -> AsyncIterator[FakeLeg]:
    yield FakeLeg("l1")
    assert len(asyncio.all_tasks()) == 1, "nothing goes on behind"


async def _turn() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_result_of_a_story_that_ends(leg: FakeLeg) -> None:
    async def story() -> str:
        await asyncio.sleep(0)
        return "told"

    assert await while_alive(leg, story()) == "told"
    await _turn()


async def test_the_fault_of_a_story_comes_out(leg: FakeLeg) -> None:
    async def story() -> str:
        raise LocalProtocolError("a mistake")

    with pytest.raises(LocalProtocolError):
        await while_alive(leg, story())
    await _turn()


@pytest.mark.parametrize("fault", [None, LegEnded("l1"), Unavailable("worker")])
async def test_the_end_of_the_leg_ends_the_story(leg: FakeLeg, fault: Exception | None) -> None:
    story = Story(fault)
    alive = asyncio.create_task(while_alive(leg, story.tell()))
    await _turn()
    leg.far_end_hangs_up()
    with pytest.raises(LegEnded):
        await alive
    assert story.cleaned
    await _turn()


async def test_a_fault_while_cleaning_up_is_not_swallowed(leg: FakeLeg) -> None:
    alive = asyncio.create_task(while_alive(leg, Story(LocalProtocolError("a mistake")).tell()))
    await _turn()
    leg.far_end_hangs_up()
    with pytest.raises(LocalProtocolError):
        await alive
    await _turn()


async def test_whoever_cancels_waits_until_all_is_cleaned_up(leg: FakeLeg) -> None:
    story = Story()
    alive = asyncio.create_task(while_alive(leg, story.tell()))
    await _turn()
    alive.cancel()
    with pytest.raises(asyncio.CancelledError):
        await alive
    assert story.cleaned
    await _turn()


async def test_a_leg_that_has_ended_already(leg: FakeLeg) -> None:
    leg.far_end_hangs_up()
    with pytest.raises(LegEnded):
        await while_alive(leg, Story().tell())
    await _turn()
