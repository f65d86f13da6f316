"""What trunks have left for campaigns: channels beyond those that are kept for callers and agents, and turns that
nobody else waits for. Fills ``campaigns.turns.TrunkRoom``.
"""

from collections.abc import Collection, Mapping

from core.clock import Clock
from service.config_model import Config
from telephony.trunk import TrunkBook


def reserves_of(config: Config) -> dict[str, int]:
    """Channels that campaigns leave free, by trunk."""
    return {trunk.name: trunk.reserve for trunk in config.trunks}


class SharedTrunks:
    """Over the trunks of the house. ``reserves`` by trunk may be changed while it works; a trunk has one channel for
    campaigns whatever its reserve.
    """

    def __init__(self, book: TrunkBook, clock: Clock, reserves: Mapping[str, int]) -> None:
        self.reserves = reserves
        self._book = book
        self._clock = clock

    def members(self, trunk: str) -> Collection[str]:
        """See ``campaigns.turns.TrunkRoom``."""
        return self._book.members(trunk)

    def free(self, trunk: str) -> float:
        """See ``campaigns.turns.TrunkRoom``."""
        settings = self._book.named(trunk)
        if settings is None:
            return 0
        kept = min(self.reserves.get(trunk, 0), settings.max_calls - 1)
        return settings.max_calls - kept - self._book.calls(trunk)

    def wait_s(self, trunk: str, coming: int) -> float:
        """See ``campaigns.turns.TrunkRoom``."""
        return self._book.waits_s(trunk, self._clock.now(), coming)
