"""Work that may wait for a disk, done in a thread beside the loop, so that no packet waits for it.

A job runs in the thread and may return a function, which then runs in the loop (after ``wake`` was called from the
thread). Jobs run one after the other in order.
"""

import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeAlias

Completion: TypeAlias = Callable[[], None]
Job: TypeAlias = Callable[[], Completion | None]


class Background:
    """One such thread."""

    def __init__(self, name: str, wake: Callable[[], None]) -> None:
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._done: deque[Completion] = deque()
        self._wake = wake
        self._submitted = 0
        self._finished = 0
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def pending(self) -> int:
        """Jobs that are not finished."""
        return self._submitted - self._finished

    def submit(self, job: Job) -> None:
        """Do ``job`` after those submitted before."""
        self._submitted += 1
        self._jobs.put(job)

    def collect(self) -> None:
        """Run in the loop what finished jobs left to be done there."""
        while self._done:
            self._done.popleft()()

    def close(self, timeout_s: float) -> bool:
        """Finish all jobs and end the thread; False if that took longer than ``timeout_s``."""
        self._jobs.put(None)
        self._thread.join(timeout_s)
        self.collect()
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            completion = job()
            self._finished += 1
            if completion is not None:
                self._done.append(completion)
                self._wake()
