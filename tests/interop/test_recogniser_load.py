"""Whatever the recognisers do, calls do not notice: a backlog of long recordings, and recognisers that are killed."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from tests.interop.recogniser_load import busy, leave_backlog, nth_of, recognisers, spread_ms
from tests.models import need_whisper

pytestmark = [pytest.mark.interop, pytest.mark.slow]


async def test_calls_hear_an_even_stream_while_recognisers_work_and_die(tmp_path: Path) -> None:
    model = need_whisper()
    await leave_backlog(tmp_path, recordings=2, seconds=90)
    async with busy(tmp_path, str(model.path.parent)) as calls:
        await asyncio.sleep(5)
        before = {kind: len(voice.arrived) for kind, voice in calls.voices.items()}
        workers = recognisers(calls.line)
        assert len(workers) == 2
        assert max(one.nice for one in workers) - min(one.nice for one in workers) >= 10, "the batch worker is not nice"
        used = sum(one.cpu_s for one in workers)
        await asyncio.sleep(8)
        assert sum(one.cpu_s for one in recognisers(calls.line)) > used, "no recogniser worked"
        for one in workers:
            os.kill(one.pid, signal.SIGKILL)
        await asyncio.sleep(4)
        assert not calls.waiting.ended.done()
        assert not calls.talking.ended.done()
        for kind, voice in calls.voices.items():
            gaps = voice.gaps_ms(before[kind])
            print(kind, spread_ms(gaps), "lost", voice.lost(before[kind]))
            assert len(gaps) > 500
            assert voice.lost(before[kind]) == 0
            # 20 ms when the machine is quiet; the bound leaves room for one that is shared.
            assert nth_of(gaps, 0.99) < 60
