"""Work that may wait for a disk, done in a thread beside the loop, so that no packet waits for it.

A job runs in the thread and may return a function, which then runs in the loop (after ``wake`` was called from the
thread). Jobs run one after the other in order. They are handed over in batches (``push``), because every hand-over
makes the loop and the thread fight for the interpreter lock once.
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
        self._jobs: SimpleQueue[list[Job] | None] = SimpleQueue()
        self._batch: list[Job] = []
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
        """Do ``job`` after those submitted before, once it has been pushed."""
        self._batch.append(job)

    def push(self) -> None:
        """Hand what was submitted to the thread."""
        if self._batch:
            self._submitted += len(self._batch)
            self._jobs.put(self._batch)
            self._batch = []

    def collect(self) -> None:
        """Run in the loop what finished jobs left to be done there."""
        while self._done:
            self._done.popleft()()

    def close(self, timeout_s: float) -> bool:
        """Finish all jobs and end the thread; False if that took longer than ``timeout_s``."""
        self.push()
        self._jobs.put(None)
        self._thread.join(timeout_s)
        self.collect()
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (batch := self._jobs.get()) is not None:
            for job in batch:
                completion = job()
                if completion is not None:
                    self._done.append(completion)
                    self._wake()
                self._finished += 1
