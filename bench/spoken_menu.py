"""Spoken choices through the whole system: ``python -m bench.spoken_menu [--json] [--every N] [--only NAME] ...``.

Real ``line400 serve``; a simulated caller calls by SIP, says each clip over the main menu's prompt as RTP, and hangs up
when the line has reacted. Counts right, rejected and wrong choices for what the menu has, refused and accepted for what
it has not, and the seconds from the end of the speech to the decision and to the first sound that the caller hears.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from asr.models import find_model
from bench.asr import Clip, clips
from ivr.answers import REPEAT
from tests.interop.menu_caller import MenuLine, Reply, menu_line
from tests.shared import shared_path

_MODELS: Final = Path.home() / ".cache" / "line400" / "models"
_AT_ONCE: Final = 2
"""Calls that are set up or hung up while another one speaks."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of ``clip``."""

    clip: Clip
    reply: Reply

    @property
    def verdict(self) -> str:
        """right, rejected or wrong; refused or accepted for what the menu has not."""
        reply, wanted = self.reply, self.clip.choice
        if wanted == REPEAT:  # no fact is posted, the menu is simply said again
            got = REPEAT if reply.verdict == "none" and reply.heard_s is not None else reply.choice
        else:
            got = reply.choice
        if wanted is None:
            return "accepted" if got else "refused"
        return "rejected" if not got else "right" if got == wanted else "wrong"


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    if not ordered:
        return {}
    return {
        "count": len(ordered),
        "p50_s": round(ordered[len(ordered) // 2], 2),
        "p95_s": round(ordered[len(ordered) * 95 // 100], 2),
        "max_s": round(ordered[-1], 2),
    }


def figures(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Counts by kind of clip, and times. Clips with a pause may be decided before their end: they have no time."""
    groups = sorted({outcome.clip.group for outcome in outcomes})
    decided = [outcome.reply.decided_s for outcome in outcomes]
    heard = [outcome.reply.heard_s for outcome in outcomes if (outcome.reply.decided_s or 0.0) >= 0]
    return {
        "bench": "spoken_menu",
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": [round(value, 1) for value in os.getloadavg()],
        "choices": {
            group: dict(Counter(outcome.verdict for outcome in outcomes if outcome.clip.group == group))
            for group in groups
        },
        "decided_before_the_end": sum(value is not None and value < 0 for value in decided),
        "speech_end_to_decision": _spread([value for value in decided if value is not None and value >= 0]),
        "speech_end_to_sound": _spread([value for value in heard if value is not None]),
    }


async def run(models: Path, wanted: Sequence[Clip], show: bool) -> list[Outcome]:
    """Say every clip, in calls of their own."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(menu: MenuLine, clip: Clip) -> Outcome:
        async with gate:
            outcome = Outcome(clip, await menu.answer(clip.audio))
        if show:
            reply = outcome.reply
            print(
                f"{clip.name}  {clip.text}  {outcome.verdict}  {reply.verdict} {reply.choice}  "
                f"decided {reply.decided_s}  heard {reply.heard_s}",
                file=sys.stderr,
            )
        return outcome

    with tempfile.TemporaryDirectory(prefix="line400-menu-") as folder:
        async with menu_line(Path(folder), models) as menu:
            return list(await asyncio.gather(*(one(menu, clip) for clip in wanted)))


def main() -> int:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--models", type=Path, default=_MODELS, help="folder of installed models (and LINE400_MODELS)")
    parser.add_argument("--every", type=int, default=1, help="only every N-th clip")
    parser.add_argument("--only", default="", help="only clips whose name holds this")
    parser.add_argument("--clips", action="store_true", help="also each clip and what became of it")
    arguments = parser.parse_args()
    found, shared = find_model(arguments.models, None), shared_path("speech")
    if found is None or shared is None:
        print("needs a model (line400 models install, or LINE400_MODELS) and the shared speech", file=sys.stderr)
        return 1
    said = [clip for clip in clips(shared.parent) if clip.group != "sentence" and arguments.only in clip.name]
    said = said[:: arguments.every]
    with contextlib.redirect_stdout(sys.stderr):  # where the line says what it did
        result = figures(asyncio.run(run(found.path.parent, said, arguments.clips)))
    if arguments.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        for key, value in result.items():
            print(f"{key:28} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
