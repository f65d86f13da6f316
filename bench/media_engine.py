"""Cases of ``bench.media`` on media workers alone: control is the media client, in the bench's own process."""

import tempfile
import time
from pathlib import Path
from typing import Final

from bench.loopback import own_host
from bench.media_check import check_recording, write_music
from bench.media_processes import Place, Sink, send_and_hear
from bench.media_result import Result, result
from bench.processes import cpu_seconds
from core.tap_target import TapTarget
from telephony.media.client import MediaClient
from telephony.media.port import Address, Stream

_OURS: Final = own_host(0)
_THEIRS: Final = own_host(1)
_FIRST_PORT: Final = 12000


async def _set_up(media: MediaClient, case: str, calls: int, folder: Path, sink: int) -> list[tuple[Place, Place]]:
    """Make the calls; the far end's own place and where it sends for each leg, the two legs of a call side by side."""
    bridged = case.startswith("bridged")
    far_ends: list[tuple[Place, Place]] = []
    for call in range(calls):
        legs = [f"{call}-{side}" for side in ("a", "b")[: 2 if bridged else 1]]
        for leg in legs:
            port = _FIRST_PORT + 2 * len(far_ends)  # the odd one is for RTCP
            where = await media.open(leg, near=legs[0])
            await media.update(leg, Stream(Address(_THEIRS, port), "PCMA", 8, 101))
            if case.startswith("bridged_recorded"):
                await media.tap(leg, TapTarget("127.0.0.1", sink, len(far_ends)))
            if case.endswith("inband"):
                await media.listen(leg, ("dtmf",))
            far_ends.append(((_THEIRS, port), (where.host, where.port)))
        if "recorded" in case:
            await media.record(f"r{call}", folder / f"{call}.wav", legs[0], legs[1] if bridged else "")
        if bridged:
            await media.bridge(*legs)
        else:
            await media.play(legs[0], f"p{call}", [folder / "music.wav"], loop=True)
    return far_ends


async def run_case(case: str, calls: int, seconds: float, workers: int, slots: int) -> Result:
    """Carry ``calls`` calls for ``seconds`` and measure."""
    bridged = case.startswith("bridged")
    with tempfile.TemporaryDirectory(prefix="line400-bench-") as name:
        folder = Path(name)
        write_music(folder / "music.wav")
        sink = await Sink.open()
        media = MediaClient(workers=workers, bind_host=_OURS)
        await media.start()
        far_ends = await _set_up(media, case, calls, folder, sink.port)

        def used() -> dict[str, float]:
            return {"media": cpu_seconds(media.pids), "rest": time.process_time()}

        wall, grown, heard = await send_and_hear(far_ends, seconds=seconds, bridged=bridged, slots=slots, used=used)
        await media.shut_down()
        tapped = await sink.close()
        recorded = calls if "recorded" in case else 0
        checks = [
            check_recording(folder / f"{call}.wav", call, heard["sent"], bridged=bridged) for call in range(recorded)
        ]
    return result(
        case,
        calls,
        served=False,
        workers=workers,
        wall=wall,
        used=grown,
        heard=heard,
        checks=checks,
        tapped=tapped,
    )
