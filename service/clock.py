"""The real clock: wall time at start, carried on by the monotonic clock, so that it never goes backwards."""

import time


class SystemClock:
    """Implements ``core.clock.Clock``. A correction of the machine's time is seen at the next start of the process."""

    __slots__ = ("_offset",)

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        """Epoch seconds."""
        return self._offset + time.monotonic()
