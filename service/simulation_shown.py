"""What a simulation shows: how far it is, and its reports as tables, CSV, JSON or a workbook."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from reports.render import TERMINAL_KEYS, table_to_json, to_csv, to_json, to_terminal, to_xlsx
from reports.tables import Language, agent_table, queue_table
from service.cli_common import complaints, out
from service.cli_report import SHORT_KEYS, WIDE, Format
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


def show(outcome: Outcome, conditions: Conditions, form: Format, output: Path | None, language: Language) -> None:
    """To the file ``output`` or the screen; ``OSError`` where it cannot be written. CSV and XLSX hold the queues."""
    queues, agents = queue_table(outcome.queues, language), agent_table(outcome.agents, language)
    if form is Format.XLSX and output is not None:
        output.write_bytes(to_xlsx(queues, language))
    elif form is Format.TABLE and output is None:
        screen = out if out.is_terminal else Console(width=WIDE, highlight=False, markup=False)
        screen.print(_head(outcome, conditions))
        screen.print(to_terminal(queues, language, TERMINAL_KEYS if screen.width >= WIDE else SHORT_KEYS))
        screen.print(to_terminal(agents, language, AGENT_KEYS))
    else:
        text = _json(outcome, conditions) if form is Format.JSON else to_csv(queues)
        if output is None:
            typer.echo(text.rstrip("\r\n"))
        else:
            output.write_text(text, encoding="utf-8-sig" if form is Format.CSV else "utf-8", newline="")


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
