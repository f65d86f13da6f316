"""Looks for cyclic garbage come on their own schedule, and cost a bounded share of the time."""

import asyncio
import contextlib

import pytest

from service.tidying import LONGEST_PAUSE_S, PAUSES, pause_after, tidy
from tests.virtual_loop import run


@pytest.mark.parametrize(("took_s", "pause_s"), [(0.0, 10.0), (0.005, 10.0), (0.02, 10.0), (0.1, 50.0), (2.0, 60.0)])
def test_the_longer_a_look_the_longer_the_pause(took_s: float, pause_s: float) -> None:
    assert pause_after(took_s) == pytest.approx(pause_s)


def test_looks_cost_a_bounded_share_of_the_time() -> None:
    looks: list[float] = []
    took = iter([0.01, 0.06, 0.3, 0.01, 0.01, 0.01])
    spent = [0.0]

    def collect() -> int:
        looks.append(asyncio.get_running_loop().time())
        spent[0] += next(took)
        return 0

    async def some() -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(125):
                await tidy(collect, lambda: spent[0])

    run(some())
    assert looks[:5] == pytest.approx([10.0, 20.0, 20.0 + 0.06 * PAUSES, 50.0 + LONGEST_PAUSE_S, 120.0])
