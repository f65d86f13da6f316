"""Where a tap goes: what control, media workers and recognisers say to each other about it, without the samples."""

from dataclasses import dataclass
from typing import Final

TAP_RATES_HZ: Final = (8000, 16000)


@dataclass(frozen=True, slots=True)
class TapTarget:
    """Where a listener wants its audio: UDP ``host``:``port``; ``stream`` is a number that tells its streams apart;
    ``rate_hz`` one of ``TAP_RATES_HZ``.
    """

    host: str
    port: int
    stream: int
    rate_hz: int = 8000
