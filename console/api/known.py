"""Queues and agents that a request names: 422 with the names that there are for one that nobody knows."""

from functools import partial

from console.papers import behind
from console.ports import Directory, Reading
from console.problems import Problem
from console.report_ports import FigureCell, ReportAsked


def known_queue(directory: Directory, queue: str, where: str) -> None:
    """422 for a queue that is not configured."""
    names = [one.id for one in directory.queues]
    if queue not in names:
        raise _unknown("queue", queue, names, where)


def known_agent(directory: Directory, agent: str, where: str) -> None:
    """422 for an agent who is not configured."""
    names = [one.id for one in directory.agents]
    if agent not in names:
        raise _unknown("agent", agent, names, where)


async def reported_queue(directory: Directory, reading: Reading, queue: str, since: float, until: float) -> None:
    """422 for a queue that is not configured, unless callers came to it in the period: it was there then."""
    if not queue or any(one.id == queue for one in directory.queues):
        return
    cell = FigureCell("offered", ReportAsked(since, until, queue=queue))
    if not await reading.ask(partial(behind, cell=cell, most=1)):
        known_queue(directory, queue, "query.queue")


def _unknown(what: str, name: str, names: list[str], where: str) -> Problem:
    return Problem(
        422,
        f"there is no {what} {name!r}",
        where=where,
        mend=f"Configured are: {', '.join(names) or 'none'}.",
        code="invalid",
    )
