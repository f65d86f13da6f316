"""What a simulation shows: how far it is, and its reports."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from reports.render import TERMINAL_KEYS, table_to_json, to_json
from reports.tables import Language, agent_table, queue_table
from service.cli_common import complaints
from service.cli_paper import Paper, Shown
from service.cli_report import SHORT_KEYS
from service.simulation_past import PastDay
from service.simulation_run import Conditions, Outcome, Period

AGENT_KEYS: Final = ("agent", "calls", "talk_s", "wrap_up_s", "available_s", "paused_s", "answer_rate", "occupancy")


@contextmanager
def progress(period: Period, past: PastDay | None) -> Iterator[Callable[[int, float], None]]:
    """A bar on the screen of complaints, where that is a terminal; give what is yielded calls and moment."""
    by_calls = period.until is None or past is not None
    total = float(sum(map(len, past.moments.values())) if past else period.calls)
    if period.until is not None and not by_calls:
        total = period.until - period.since
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=complaints, transient=True, auto_refresh=False, disable=not complaints.is_terminal)
    with bar:
        task = bar.add_task("模拟 simulating", total=total)

        def watch(calls: int, now: float) -> None:
            done = calls if by_calls else now - period.since
            bar.update(task, completed=done, description=f"模拟 simulating {calls}", refresh=True)

        yield watch


def paper(outcome: Outcome, conditions: Conditions, language: Language) -> Paper:
    """The reports. CSV and workbooks hold the queues."""
    queues, agents = queue_table(outcome.queues, language), agent_table(outcome.agents, language)
    return Paper(
        queues,
        (
            _head(outcome, conditions),
            Shown(queues, wide=TERMINAL_KEYS, narrow=SHORT_KEYS),
            Shown(agents, wide=AGENT_KEYS, narrow=AGENT_KEYS),
        ),
        partial(_json, outcome, conditions),
    )


def _head(outcome: Outcome, conditions: Conditions) -> str:
    return (
        f"模拟 simulated {outcome.calls} calls in {outcome.seconds:.1f} s; "
        f"通话 talk {conditions.talk}, 耐心 patience {conditions.patience}, 振铃 ring {conditions.ring}, "
        f"未接 missed {conditions.missed:g}, seed {conditions.seed}"
    )


def _json(outcome: Outcome, conditions: Conditions) -> str:
    document = {
        "calls": outcome.calls,
        "seconds": round(outcome.seconds, 3),
        "cpu_seconds": round(outcome.cpu_s, 3),
        "calls_per_s": round(outcome.calls / outcome.seconds) if outcome.seconds > 0 else None,
        "seed": conditions.seed,
        "talk": str(conditions.talk),
        "patience": str(conditions.patience),
        "ring": str(conditions.ring),
        "missed": conditions.missed,
        "report": json.loads(to_json(outcome.queues)),
        "agents": json.loads(table_to_json(agent_table(outcome.agents, "en"))),
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False)
