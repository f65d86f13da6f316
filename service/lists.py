"""Lists that somebody hands over in the console: kept in a folder, looked at and taken in by processes of their own."""

import asyncio
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, Protocol, TypeAlias

from campaigns.list_file import GUESS, Wanted
from campaigns.rows import MAX_BYTES
from console.list_views import ListLook, ListTaken, ListView, RejectView
from core.clock import Clock
from core.errors import LocalProtocolError, ParseError, Unavailable
from service.list_worker import Order, order_line

_log = logging.getLogger("line400.service")
WORKER: Final = (sys.executable, "-m", "service.list_worker")
MOST: Final = 10
MOST_AT_WORK: Final = 2
KEPT_S: Final = 86_400.0
"""A file holds numbers of people: it is deleted as soon as it is taken in, else after a day."""
LOOK_EVERY_S: Final = 30.0
_PIECE: Final = 1 << 20
_ID_BYTES: Final = 8
_WORKING: Final = ("checking", "taking")
_DIED: Final = "读取名单的进程意外结束，请重试 (the process that reads lists died; try again)"
_Said: TypeAlias = dict[str, dict[str, object]]
"""A line of a worker."""


@dataclass
class _Job:
    """One list, and who works on it."""

    view: ListView
    path: Path
    made_at: float
    wanted: Wanted = GUESS
    process: "subprocess.Popen[bytes] | None" = None
    task: "asyncio.Task[None] | None" = None

    @property
    def rejects(self) -> Path:
        return self.path.with_suffix(".rejects")


class Unfinished(Protocol):
    """What the dead have left (``store.lists``, ``store.consent_lists``)."""

    async def finish(self) -> int:
        """Sweep away or finish their lists; how many."""
        ...


async def finish_lists(unfinished: Unfinished) -> None:
    """Look for lists whose process died, until cancelled: they are in whole, or not at all, soon after."""
    while True:
        if count := await unfinished.finish():
            _log.warning(
                "%d lists whose process had died were finished, or swept away where they had not been read", count
            )
        await asyncio.sleep(LOOK_EVERY_S)


class ListDesk:
    """``console.list_ports.ListControl``. ``folder`` is its own: what an earlier process left there is deleted.
    ``names`` tells the campaigns (or kinds of records), ``entropy(n)`` gives unpredictable bytes, ``worker`` is the
    command that looks at lists and takes them in; ``may_take`` refuses one (``LocalProtocolError``).
    """

    def __init__(
        self,
        folder: Path,
        database: str,
        names: Callable[[], Sequence[str]],
        clock: Clock,
        entropy: Callable[[int], bytes],
        worker: Sequence[str] = WORKER,
        may_take: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self._folder = folder
        self._database = database
        self._names = names
        self._clock = clock
        self._entropy = entropy
        self._worker = worker
        self._may_take = may_take
        self._jobs: dict[str, _Job] = {}
        shutil.rmtree(folder, ignore_errors=True)

    def campaigns(self) -> Sequence[str]:
        """See the port."""
        return self._names()

    def lists(self) -> Sequence[ListView]:
        """See the port."""
        return [job.view for job in reversed(self._jobs.values())]

    def is_taking(self, campaign: str) -> bool:
        """Whether a list is being taken into ``campaign``."""
        return any(job.view.state == "taking" and job.view.campaign == campaign for job in self._jobs.values())

    def find(self, list_id: str) -> ListView | None:
        """See the port."""
        job = self._jobs.get(list_id)
        return None if job is None else job.view

    async def receive(self, campaign: str, name: str, by: str, pieces: AsyncIterator[bytes]) -> ListView:
        """See the port."""
        self._may_work()
        if self._may_take is not None:
            await self._may_take(campaign)
        await self._make_room()
        list_id = self._entropy(_ID_BYTES).hex()
        path = self._folder / f"{list_id}.list"
        try:
            size = await self._keep(path, pieces)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        view = ListView(list_id, campaign, "".join(each for each in name if each.isprintable()), size, by, "checking")
        job = self._jobs[list_id] = _Job(view, path, self._clock.now())
        self._begin(job, "check", by)
        return job.view

    def check(self, list_id: str, wanted: Wanted) -> None:
        """See the port."""
        job = self._idle(list_id)
        if job.view.state == "taken":
            raise LocalProtocolError("the list has been taken in")
        self._may_work()
        job.wanted = wanted
        job.view = replace(job.view, state="checking", read_bytes=0, rows=0, rejected=0, moved=0, of=0, fault="")
        self._begin(job, "check", job.view.by)

    def take(self, list_id: str, by: str) -> None:
        """See the port."""
        job = self._idle(list_id)
        if job.view.state != "checked":
            raise LocalProtocolError(f"the list is {job.view.state}; look at it first")
        if (campaign := job.view.campaign) not in self._names():
            raise LocalProtocolError(f"没有任务“{campaign}” / there is no campaign {campaign!r} any more")
        self._may_work()
        job.view = replace(job.view, state="taking", by=by, read_bytes=0, rows=0, rejected=0, moved=0, of=0, fault="")
        self._begin(job, "take", by)

    def rejects(self, list_id: str) -> Path | None:
        """See the port."""
        job = self._jobs.get(list_id)
        return job.rejects if job is not None and job.view.taken is not None and job.view.taken.file else None

    async def forget(self, list_id: str) -> bool:
        """See the port."""
        job = self._jobs.get(list_id)
        if job is None:
            return False
        if job.view.state == "taking":
            raise LocalProtocolError("the list is being taken in")
        del self._jobs[list_id]
        await self._end(job)
        return True

    async def close(self) -> None:
        """End the work and delete what is left."""
        for job in self._jobs.values():
            await self._end(job)
        self._jobs.clear()
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    def _idle(self, list_id: str) -> _Job:
        job = self._jobs[list_id]
        if job.view.state in _WORKING:
            raise LocalProtocolError(f"the list is {job.view.state} now; wait until that is done")
        return job

    def _may_work(self) -> None:
        if sum(job.view.state in _WORKING for job in self._jobs.values()) >= MOST_AT_WORK:
            raise Unavailable(f"{MOST_AT_WORK} lists are being worked on; wait until one of them is done")

    async def _make_room(self) -> None:
        idle = [job for job in self._jobs.values() if job.view.state not in _WORKING]
        old = [job for job in idle if self._clock.now() - job.made_at > KEPT_S]
        for job in old or (idle[:1] if len(self._jobs) >= MOST else []):
            await self.forget(job.view.id)

    async def _keep(self, path: Path, pieces: AsyncIterator[bytes]) -> int:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        size = 0
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            held = bytearray()
            async for piece in pieces:
                held += piece
                size += len(piece)
                if size > MAX_BYTES:
                    raise ParseError(
                        f"超过 {MAX_BYTES // 1_000_000} MB，请拆分 (larger than {MAX_BYTES // 1_000_000} MB; split it)",
                        where="body",
                    )
                if len(held) >= _PIECE:
                    await asyncio.to_thread(file.write, bytes(held))
                    held.clear()
            await asyncio.to_thread(file.write, bytes(held))
        return size

    def _begin(self, job: _Job, do: Literal["check", "take"], by: str) -> None:
        view, rejects = job.view, str(job.rejects)
        order = Order(do, str(job.path), view.campaign, self._database, by, rejects, job.wanted, view.name)
        job.task = asyncio.create_task(self._work(job, order), name=f"list {view.id}")

    async def _work(self, job: _Job, order: Order) -> None:
        """By ``subprocess``: it does not copy this process for it, as the event loop's own way does."""
        loop = asyncio.get_running_loop()

        def follow() -> _Said:
            last: _Said = {}
            with subprocess.Popen(self._worker, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
                job.process = process
                assert process.stdin is not None and process.stdout is not None  # they are pipes
                with suppress(BrokenPipeError):
                    process.stdin.write(order_line(order).encode())
                    process.stdin.flush()
                for line in process.stdout:
                    last = json.loads(line)
                    if "at" in last:
                        loop.call_soon_threadsafe(self._move, job, last["at"])
            return last

        said = await asyncio.to_thread(follow)
        job.process = None
        if "taken" in said:
            job.path.unlink(missing_ok=True)
        self._conclude(job, said)  # now that its process has ended: another may begin

    def _move(self, job: _Job, at: Mapping[str, object]) -> None:
        known = {key: value for key, value in at.items() if key != "total_bytes"}
        job.view = replace(job.view, **known)  # type: ignore[arg-type]

    def _conclude(self, job: _Job, said: _Said) -> None:
        """What the worker said last."""
        match said:
            case {"look": look}:
                job.view = replace(job.view, state="checked", look=_look(look))
            case {"taken": taken}:
                job.view = replace(job.view, state="taken", taken=_taken(taken))
            case {"fault": fault}:
                told = str(fault).replace(job.path.name, job.view.name)  # by which whoever handed it over knows it
                job.view = replace(job.view, state="failed", fault=told)
            case _:
                if job.view.state in _WORKING:  # not because it was to end
                    _log.warning("list %s: its process died", job.view.id)
                job.view = replace(job.view, state="failed", fault=_DIED)

    async def _end(self, job: _Job) -> None:
        job.view = replace(job.view, state="failed")
        if job.process is not None:
            job.process.kill()
        if job.task is not None:
            await asyncio.gather(job.task, return_exceptions=True)
        for path in (job.path, job.rejects):
            path.unlink(missing_ok=True)


def _look(values: dict[str, object]) -> ListLook:
    return ListLook(**{**values, "rejects": _rejects(values)})  # type: ignore[arg-type]


def _taken(values: dict[str, object]) -> ListTaken:
    return ListTaken(**{**values, "rejects": _rejects(values)})  # type: ignore[arg-type]


def _rejects(values: dict[str, object]) -> list[RejectView]:
    rows = values["rejects"]
    assert isinstance(rows, list)  # our own worker wrote it
    return [RejectView(**row) for row in rows]
