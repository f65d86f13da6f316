"""kill -9 in the middle of writing: what was committed is there, once; recovery ends the rest; nobody is dialled
twice.
"""

import asyncio
import os
import sys
from pathlib import Path

from campaigns.facts import AttemptStarted
from campaigns.ports import NewContact
from reports.levels import sum_of_ends
from reports.model import Bucket, ReportQuery
from store.rows import CallFilter
from tests.unit.store.conftest import Desk

REPOSITORY = Path(__file__).resolve().parents[3]
KILLS_AFTER = (1, 23)
"""The writer is killed when it has printed so many lines."""


async def write_until_killed(url: str, lines: int) -> list[list[str]]:
    """Start the writer, kill it with SIGKILL after ``lines`` lines; all that it had printed by then."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.unit.store.writer_process",
        url,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    printed: list[list[str]] = []
    for _ in range(lines):
        printed.append((await process.stdout.readline()).decode().split())
    process.kill()
    rest = (await process.stdout.read()).decode()
    assert await process.wait() == -9
    complete, _, _ = rest.rpartition("\n")  # a line that the kill cut says nothing
    return printed + [line.split() for line in complete.splitlines()]


async def test_nothing_committed_is_lost_and_nothing_happens_twice(desk: Desk) -> None:
    async with await desk.open() as store:
        people = [NewContact(f"+86138{number:08d}", "", number) for number in range(10_000)]
        await store.contacts.add("spring", [people])
    printed: list[list[str]] = []
    for lines in KILLS_AFTER:
        printed += await write_until_killed(desk.url, lines)
    committed = {(line[1], int(line[2])) for line in printed if line[0] == "event"}
    dialled = [int(line[1]) for line in printed if line[0] == "contact"]
    assert len(committed) >= len(KILLS_AFTER)

    async with await desk.open() as store:
        await store.recover()
        events = await store.events.after(0, limit=100_000)
        assert committed <= {(event.id, event.seq) for event in events}
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        assert len({event.id for event in events}) == len(events)

        started = [event.fields["contact"] for event in events if event.name == AttemptStarted.name]
        assert len(started) == len(set(started)), "a contact was dialled twice"
        assert set(dialled) <= set(started)
        counts = await store.contacts.counts("spring")
        assert (counts.dialling, counts.done) == (0, len(started))

        assert (await store.calls.list(CallFilter(up=True))).total == 0
        report = await store.reports.queues(ReportQuery(0, 1e11, Bucket.TOTAL))
        for cell in report.queues:
            assert (cell.counts.waiting, cell.counts.offered) == (0, sum_of_ends(cell.counts))
        assert report.total.counts.interrupted > 0
        ended = [event.call_id for event in events if event.name == "call.ended"]
        assert len(ended) == len(set(ended)) == (await store.calls.list()).total
        assert len(await store.unfinished_recordings()) == len(ended)
