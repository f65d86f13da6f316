"""Cases of ``bench.media`` on a real ``line400 serve``: callers of a carrier, a queue, agents' phones, all by SIP.

CPU is that of the whole process tree: control with its SIP, event log, console and API, the media workers, the packer.
"""

import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final, cast

from bench.media_check import check_recording, write_music
from bench.media_processes import Place, Sink, send_and_hear
from bench.media_result import Result, result
from bench.processes import cpu_seconds
from bench.served.config import CARRIER, DESK, HOUSE, configuration, fixed_phones
from bench.served.leader import Leader
from bench.served.line import MEDIA_WORKER, Json, ServedLine

_BEGUN_AT_ONCE: Final = 20
_SET_UP_S: Final = 30.0
_FLOW: Final = """
name = "music"
start = "music"
[nodes.music]
kind = "play"
prompts = ["hold_music", "hold_music", "hold_music", "hold_music", "hold_music"]
goto = "desk"
[nodes.desk]
kind = "queue"
queue = "desk"
"""


async def run_case(case: str, calls: int, seconds: float, workers: int, slots: int) -> Result:
    """Carry ``calls`` calls for ``seconds`` and measure."""
    bridged, tapped_too = case.startswith("bridged"), case.startswith("bridged_recorded")
    with tempfile.TemporaryDirectory(prefix="line400-bench-") as name:
        folder = Path(name)
        async with AsyncExitStack() as exits:
            sink = await Sink.open()
            line = await _line(folder, case, calls, workers, sink.port if tapped_too else 0)
            exits.push_async_callback(line.stop)
            people = Leader(events=not case.endswith("inband"))
            exits.push_async_callback(people.close)
            await people.start()
            if bridged:
                await line.staff(calls)
            for first in range(0, calls, _BEGUN_AT_ONCE):
                last = min(calls, first + _BEGUN_AT_ONCE)
                people.begin(range(first, last))
                await people.until_up(last, sides=2 if bridged else 1, timeout_s=_SET_UP_S)

            def used() -> dict[str, float]:
                tree = line.tree()
                media = [pid for pid, command in tree.items() if MEDIA_WORKER in command]
                return {"media": cpu_seconds(media), "rest": cpu_seconds(tree.keys() - set(media))}

            far_ends = _far_ends(people, calls)
            wall, grown, heard = await send_and_hear(far_ends, seconds=seconds, bridged=bridged, slots=slots, used=used)
            if people.over:
                raise SystemExit(f"the line ended {len(people.over)} calls: {people.over}")
            people.end(range(calls))
            checks = []
            if "recorded" in case:
                paths = await _recordings(line, calls)
                checks = [check_recording(paths[call], call, heard["sent"], bridged=bridged) for call in range(calls)]
        tapped = await sink.close()
    return result(
        case,
        calls,
        served=True,
        workers=workers,
        wall=wall,
        used=grown,
        heard=heard,
        checks=checks,
        tapped=tapped,
    )


async def _line(folder: Path, case: str, calls: int, workers: int, sink: int) -> ServedLine:
    (folder / "prompts").mkdir()
    write_music(folder / "prompts" / "hold_music.wav")
    (folder / "music.toml").write_text(_FLOW)
    text = configuration(
        folder,
        fixed_phones(calls if case.startswith("bridged") else 1),
        to="queue:desk" if case.startswith("bridged") else "flow:music",
        workers=workers,
        media="silent_s = 120",
        record="recorded" in case,
        more=f'[[flow]]\nname = "music"\nfile = "{folder / "music.toml"}"\n',
    )
    (folder / "line400.toml").write_text(text, encoding="utf-8")
    extras = [*(["--tap", f"127.0.0.1:{sink}"] if sink else [])]
    extras += ["--record-callers"] if case == "prompt_recorded" else []
    line = ServedLine(folder, extras)
    await line.start()
    return line


def _far_ends(people: Leader, calls: int) -> list[tuple[Place, Place]]:
    return [
        ((own_host, own), (HOUSE, to))
        for call in range(calls)
        for own_host, (own, to) in zip((CARRIER, DESK), people.up[call], strict=False)
    ]


async def _recordings(line: ServedLine, calls: int) -> dict[int, Path]:
    """The file of each call's recording, once all are closed."""
    paths: dict[int, Path] = {}
    for call in await line.until_over(calls):
        (recording,) = cast("list[Json]", call["recordings"])
        paths[int(str(cast("Json", call["call"])["ani"])[-8:])] = line.recording(recording["id"])
    return paths
