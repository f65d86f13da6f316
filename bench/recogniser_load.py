"""Packet gaps of calls while recognisers work at full load: ``python -m bench.recogniser_load [--json] [--seconds S]``.

The same two calls twice: on a line without recognition, and on one that has a backlog of long recordings to transcribe
all the time. Gaps are measured at the simulated callers, by the kernel's time of each packet.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Final

from asr.models import find_model
from tests.interop.recogniser_load import busy, leave_backlog, recognisers, spread_ms
from tests.shared import shared_path

_MODELS: Final = Path.home() / ".cache" / "line400" / "models"
_SETTLE_S: Final = 6.0
"""Until the queue's announcements are over and the music plays."""


async def measure(models: str, seconds: float) -> dict[str, object]:
    """One line; ``models`` "" is without recognition."""
    with tempfile.TemporaryDirectory(prefix="line400-load-") as name:
        folder = Path(name)
        if models:
            await leave_backlog(folder, recordings=4, seconds=2 * seconds)
        async with busy(folder, models) as calls:
            await asyncio.sleep(_SETTLE_S)
            before = {kind: len(voice.arrived) for kind, voice in calls.voices.items()}
            used = {one.pid: one.cpu_s for one in recognisers(calls.line)}
            await asyncio.sleep(seconds)
            gaps = {kind: spread_ms(voice.gaps_ms(before[kind])) for kind, voice in calls.voices.items()}
            lost = {kind: voice.lost(before[kind]) for kind, voice in calls.voices.items()}
            working = [
                {"nice": one.nice, "cpu_share": round((one.cpu_s - used.get(one.pid, 0.0)) / seconds, 2)}
                for one in recognisers(calls.line)
            ]
            both_up = not calls.waiting.ended.done() and not calls.talking.ended.done()
            done = await calls.transcribed()
    return {"gaps": gaps, "lost": lost, "recognisers": working, "calls_up": both_up, "transcribed_meanwhile": done}


async def run(models: str, seconds: float) -> dict[str, object]:
    """Without and with load."""
    return {"without": await measure("", seconds), "with_backlog": await measure(models, seconds)}


def main() -> int:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--models", type=Path, default=_MODELS, help="folder of installed models (and LINE400_MODELS)")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each measurement takes")
    arguments = parser.parse_args()
    found = find_model(arguments.models, None)
    if found is None or shared_path("speech") is None:
        print("needs a model (line400 models install, or LINE400_MODELS) and the shared speech", file=sys.stderr)
        return 1
    with contextlib.redirect_stdout(sys.stderr):  # where the line says what it did
        cases = asyncio.run(run(str(found.path.parent), arguments.seconds))
    result = {
        "bench": "recogniser_load",
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": [round(value, 1) for value in os.getloadavg()],
        **cases,
    }
    if arguments.json:
        print(json.dumps(result))
    else:
        for key, value in result.items():
            print(f"{key:14} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
