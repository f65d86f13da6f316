"""The supervisor: nothing dies in silence, services come back, calls are given time."""

import asyncio
import contextlib

import pytest

from service.supervisor import Supervisor
from tests.virtual_loop import run


def now() -> float:
    return asyncio.get_running_loop().time()


def test_a_crash_is_logged_with_the_name_of_the_task_and_harms_nobody_else(caplog: pytest.LogCaptureFixture):
    async def main() -> None:
        tasks = Supervisor()
        done: list[str] = []

        async def call(name: str) -> None:
            await asyncio.sleep(1.0)
            if name == "bad":
                raise ZeroDivisionError
            done.append(name)

        for name in ("good", "bad", "other"):
            tasks.spawn(f"call {name}", call(name))
        await tasks.settle(10.0)
        assert done == ["good", "other"]
        assert tasks.crashes == 1
        await tasks.close()

    run(main())
    assert [record.getMessage() for record in caplog.records] == ["call bad broke off"]


def test_a_service_comes_back_with_growing_pauses_that_shrink_when_it_was_steady(caplog: pytest.LogCaptureFixture):
    async def main() -> None:
        tasks = Supervisor()
        starts: list[float] = []

        async def service() -> None:
            starts.append(now())
            if len(starts) == 5:
                await asyncio.sleep(100.0)
            if len(starts) < 7:
                raise OSError("gone")

        tasks.keep("service", service)
        await asyncio.sleep(1000.0)
        assert starts == pytest.approx([0.0, 0.5, 1.5, 3.5, 7.5, 108.0, 109.0])
        assert tasks.crashes == 6
        await tasks.close()

    run(main())
    assert len(caplog.records) == 6


def test_the_pause_has_a_bound():
    async def main() -> None:
        tasks = Supervisor()
        starts: list[float] = []

        async def service() -> None:
            starts.append(now())
            raise OSError

        tasks.keep("service", service)
        await asyncio.sleep(3600.0)
        assert starts[-1] - starts[-2] == pytest.approx(30.0)
        await tasks.close()

    run(main())


def test_settling_waits_for_calls_and_not_for_services():
    async def main() -> None:
        tasks = Supervisor()
        tasks.keep("service", asyncio.Event().wait)
        tasks.spawn("call", asyncio.sleep(3.0))
        await tasks.settle(60.0)
        assert now() == pytest.approx(3.0)
        tasks.spawn("long call", asyncio.sleep(1000.0))
        await tasks.settle(60.0)
        assert now() == pytest.approx(63.0)
        await tasks.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(main())


def test_a_cancellation_that_was_swallowed_is_repeated():
    async def main() -> None:
        tasks = Supervisor()

        async def deaf() -> None:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(1000.0)
            await asyncio.sleep(1000.0)

        tasks.spawn("deaf", deaf())
        await asyncio.sleep(1.0)
        await tasks.close()
        assert now() == pytest.approx(6.0)

    run(main())


def test_what_is_kept_can_be_ended_alone():
    async def main() -> None:
        tasks = Supervisor()
        beats: list[str] = []

        async def beat(name: str) -> None:
            while True:
                beats.append(name)
                await asyncio.sleep(1.0)

        end = tasks.keep("one", lambda: beat("one"))
        tasks.keep("two", lambda: beat("two"))
        await asyncio.sleep(0.5)
        end()
        await asyncio.sleep(1.0)
        assert beats == ["one", "two", "two"]
        await tasks.close()

    run(main())
