"""A reader's process, ``python -m service.reader``: it opens the database for reading only and answers one question
after the other, pickled on its input and output.

What runs here has the machine when calls leave it (``nice``), holds no lock of the control process and fills no memory
of it. It ends with its input, so with the process that it reads for, even where that is killed.
"""

import asyncio
import os
import pickle
import secrets
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from sqlalchemy.exc import SQLAlchemyError

from console.from_store import StoredQueries
from console.ports import Queries
from core.bus import Bus
from core.errors import Line400Error, Unavailable
from core.heap import give_back_holes, keep_large_blocks_apart, keep_one_heap
from core.ids import Ids
from service.clock import SystemClock
from store.database import Database
from store.store import Store

Work: TypeAlias = Callable[[Queries], Awaitable[Any]]
Answer: TypeAlias = tuple[Line400Error | None, Any]
"""What went wrong, or what ``Work`` made."""
_NICE: Final = 5
_APART: Final = 16 * 1024
"""Bytes of what is kept apart: a report's columns are of every size, and each is a little longer the next time."""


@dataclass(frozen=True, slots=True)
class Library:
    """What is read: the database's URL, the zone of the reports and each queue's own service level."""

    database: str
    zone: str
    thresholds: tuple[tuple[str, float], ...] = ()

    def queries(self) -> Queries:
        """Open it."""
        clock = SystemClock()
        store = Store(Database(self.database), clock, Ids(clock, secrets.token_bytes), Bus(), Path())
        return StoredQueries.of(store, zone=self.zone, thresholds=self.thresholds)


async def answer(queries: Queries, work: Work) -> Answer:
    """Do ``work``; errors of the house and of the database are answers, any other ends the process."""
    try:
        return None, await work(queries)
    except SQLAlchemyError as error:
        return Unavailable(f"the database cannot be read: {error}"), None
    except Line400Error as error:
        return error, None


def main() -> None:
    """Serve until the input ends. Each question names the library that it is asked of, which seldom changes."""
    for name in (signal.SIGINT, signal.SIGTERM):  # sent to the whole group; control ends us when it is time
        signal.signal(name, signal.SIG_IGN)
    os.nice(_NICE)
    keep_large_blocks_apart(_APART)
    keep_one_heap()
    questions = sys.stdin.buffer
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    known, queries = Library("", ""), None
    with asyncio.Runner() as runner:
        while True:
            try:
                library, work = pickle.load(questions)
            except EOFError:
                return
            if queries is None or library != known:
                known, queries = library, library.queries()
            try:
                pickle.dump(runner.run(answer(queries, work)), answers)
                answers.flush()
            except BrokenPipeError:  # who asked is gone
                os._exit(0)
            give_back_holes()


if __name__ == "__main__":
    main()
