"""Looks for cyclic garbage: what makes them dear is set apart, and looked at again when no call is up."""

import asyncio
import contextlib
import gc
import weakref
from collections.abc import Callable

from service.tidying import DEAR_S, PAUSE_S, THOROUGH_S, Collector, tidy
from tests.virtual_loop import run


class Seen:
    """A collector that notes what is asked of it, each look of which takes ``takes_s``, which a test may change."""

    def __init__(self, takes_s: float) -> None:
        self.takes_s = takes_s
        self.used_s = 0.0
        self.done: list[tuple[float, str]] = []
        self.new = 0
        self.collector = Collector(self._look, self._noting("apart"), self._noting("back"), lambda: self.new)

    def _noting(self, what: str) -> Callable[[], None]:
        return lambda: self.done.append((asyncio.get_running_loop().time(), what))

    def _look(self) -> int:
        self._noting("look")()
        self.new = 0
        self.used_s += self.takes_s
        return 0

    async def tidy(self, seconds: float, idle: Callable[[], bool]) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await tidy(idle, self.collector, lambda: self.used_s, self._noting("give back"))


def test_cheap_looks_set_nothing_apart() -> None:
    seen = Seen(DEAR_S / 2)
    run(seen.tidy(35.0, lambda: True))
    assert seen.done == [(10.0, "look"), (20.0, "look"), (30.0, "look")]


def test_much_that_is_new_cuts_a_pause_short() -> None:
    seen = Seen(DEAR_S / 2)

    async def burst() -> None:
        asyncio.get_running_loop().call_later(12.1, setattr, seen, "new", 1)
        await seen.tidy(25.0, lambda: False)

    run(burst())
    assert seen.done == [(10.0, "look"), (12.25, "look"), (22.25, "look")]


def test_holes_of_the_heap_are_given_back_once_a_minute() -> None:
    seen = Seen(DEAR_S / 2)
    run(seen.tidy(125.0, lambda: False))
    assert [at for at, what in seen.done if what == "give back"] == [60.0, 120.0]


def test_after_a_dear_look_what_survived_is_set_apart() -> None:
    seen = Seen(DEAR_S * 2)
    run(seen.tidy(16.0, lambda: False))
    assert seen.done == [(10.0, "look"), (10.0, "apart"), (15.0, "look"), (15.0, "apart")]


def test_dear_looks_come_sooner_and_cheap_ones_later() -> None:
    seen = Seen(DEAR_S * 2)

    async def some() -> None:
        asyncio.get_running_loop().call_later(22.0, setattr, seen, "takes_s", DEAR_S / 4)
        await seen.tidy(46.0, lambda: False)

    run(some())
    looks = [at for at, what in seen.done if what == "look"]
    assert looks == [10.0, 15.0, 17.5, 18.75, 19.75, 20.75, 21.75, 22.75, 24.75, 28.75, 36.75]


def test_everything_is_looked_at_hours_later_and_only_without_calls() -> None:
    seen = Seen(DEAR_S * 2)

    async def some() -> None:
        asyncio.get_running_loop().call_later(12.0, setattr, seen, "takes_s", 0.0)  # one dear look: what it missed
        await seen.tidy(THOROUGH_S + 95.0, lambda: asyncio.get_running_loop().time() > THOROUGH_S + 60.0)

    run(some())
    [back] = [at for at, what in seen.done if what == "back"]
    assert THOROUGH_S + 60.0 < back <= THOROUGH_S + 60.0 + PAUSE_S
    assert [what for at, what in seen.done if at == back][-3:] == ["back", "look", "apart"]


class _Ring:
    """Knows itself."""

    def __init__(self) -> None:
        self.me = self


def test_the_interpreter_s_own_collector_frees_rings() -> None:
    gc.disable()  # it looks by itself now and then
    ring = weakref.ref(_Ring())
    try:
        run(Seen(0.0).tidy(1.0, lambda: True))
        assert ring() is not None, "nobody has looked yet"

        async def some() -> None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PAUSE_S + 1.0):
                    await tidy(lambda: True)

        run(some())
        assert ring() is None
    finally:
        gc.enable()
        gc.unfreeze()
