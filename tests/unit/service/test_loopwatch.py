"""The loop watch, on a clock that the test moves while the loop stands still."""

import asyncio

import pytest

from service.loopwatch import LoopWatch
from tests.virtual_loop import run


class Wall:
    """Loop time plus the time for which the loop was blocked."""

    def __init__(self) -> None:
        self.blocked_s = 0.0
        self.cpu_s = 0.0

    def wall(self) -> float:
        return asyncio.get_running_loop().time() + self.blocked_s

    def cpu(self) -> float:
        return self.cpu_s

    def block(self, seconds: float, cpu_s: float = 0.0) -> None:
        self.blocked_s += seconds
        self.cpu_s += cpu_s


def test_blocks_are_counted_and_the_worst_is_kept(caplog: pytest.LogCaptureFixture):
    async def main() -> None:
        wall = Wall()
        async with LoopWatch(wall=wall.wall, cpu=wall.cpu) as watch:
            await asyncio.sleep(1.0)
            wall.block(0.019)
            await asyncio.sleep(1.0)
            assert watch.report().blocks == 0
            wall.block(0.030, cpu_s=0.030)
            await asyncio.sleep(1.0)
            wall.block(0.250, cpu_s=0.001)
            await asyncio.sleep(1.0)
            wall.block(0.040)
            await asyncio.sleep(20.0)
        report = watch.report()
        assert report.blocks == 3
        assert report.worst_s == pytest.approx(0.250, abs=0.006)
        assert report.worst_cpu_s == pytest.approx(0.001)
        assert report.busiest_s == pytest.approx(0.030), "what others took of the machine is not our computation"
        assert report.watched_s == pytest.approx(24.339)
        assert report.lag_s < 0.001

    run(main())
    assert len(caplog.records) == 2, "a warning at once, then one for all of the next ten seconds"
    assert "stood still 2 times" in caplog.records[1].getMessage()


def test_a_stop_is_recent_for_a_minute_or_two():
    async def main() -> None:
        wall = Wall()
        async with LoopWatch(wall=wall.wall, cpu=wall.cpu) as watch:
            await asyncio.sleep(30.0)
            wall.block(0.300)
            await asyncio.sleep(60.0)
            assert watch.report().recent_s == pytest.approx(0.300, abs=0.006)
            await asyncio.sleep(70.0)
            report = watch.report()
            assert report.recent_s < 0.006 and report.worst_s == pytest.approx(0.300, abs=0.006)

    run(main())


def test_a_block_at_the_very_end_is_seen():
    async def main() -> None:
        wall = Wall()
        async with LoopWatch(wall=wall.wall, cpu=wall.cpu) as watch:
            await asyncio.sleep(0.1)
            wall.block(0.5)
        assert watch.report().blocks == 1

    run(main())


def test_it_runs_until_cancelled():
    async def main() -> None:
        wall = Wall()
        watch = LoopWatch(wall=wall.wall, cpu=wall.cpu)
        task = asyncio.create_task(watch.run())
        await asyncio.sleep(1.0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        turns = watch.report().turns
        assert turns == pytest.approx(50, abs=1)
        await asyncio.sleep(1.0)
        assert watch.report().turns == turns

    run(main())


def test_a_reset_forgets_what_was_and_what_is_going_on():
    async def main() -> None:
        wall = Wall()
        async with LoopWatch(wall=wall.wall, cpu=wall.cpu) as watch:
            await asyncio.sleep(0.1)
            wall.block(0.5, cpu_s=0.5)
            await asyncio.sleep(0.1)
            wall.block(0.7, cpu_s=0.7)
            watch.reset()
            await asyncio.sleep(1.0)
            report = watch.report()
            assert (report.blocks, report.worst_s, report.busiest_s) == (0, 0.0, 0.0)
            assert report.watched_s == pytest.approx(1.0)
            wall.block(0.040, cpu_s=0.010)
            await asyncio.sleep(0.1)
        assert watch.report().blocks == 1
        assert watch.report().busiest_s == pytest.approx(0.010)

    run(main())
