"""The one thread of a worker in which the recogniser works, so that the worker still answers while a model computes.

Crash-only: whatever goes wrong in an engine ends the process. Control notices, gives the work to another worker and
starts this one anew with a fresh model, which is the only state that is known to be good.
"""

import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from typing import Final, TypeAlias

_log = logging.getLogger("line400.asr")

Work: TypeAlias = Callable[[], None]
CRASHED: Final = 70
"""Exit status of a worker whose engine failed (sysexits: internal software error)."""


class Lane:
    """Runs pieces of work one after the other."""

    def __init__(self) -> None:
        self._work: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._since: float | None = None
        self._thread = threading.Thread(target=self._run, name="recogniser", daemon=True)
        self._thread.start()

    def submit(self, work: Work) -> None:
        """Do ``work`` after what was submitted before."""
        self._work.put(work)

    def beat(self) -> None:
        """Called from within work: one more step of it is done."""
        self._since = time.monotonic()

    def busy_s(self) -> float:
        """How long the present step has taken; 0 when idle."""
        since = self._since
        return 0.0 if since is None else time.monotonic() - since

    def _run(self) -> None:
        try:
            while True:
                work = self._work.get()
                self.beat()
                work()
                self._since = None
        finally:
            _log.critical("the recogniser failed; this worker ends", exc_info=True)
            logging.shutdown()
            os._exit(CRASHED)
