"""Pacing compared: ``python -m bench.pacing [--json] [--seeds N] [--setting NAME] [--write]``.

A row for each policy and setting, ``--json``: each a JSON object on a line of its own. ``--write`` puts the table and
the pictures into docs; ``--rows FILE`` takes the rows from what ``--json`` printed before.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bench.pacing.figures import Row
from bench.pacing.paper import write
from bench.pacing.run import FIXED, Comparison
from bench.pacing.settings import SETTINGS, Setting

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "pacing.md"


def compare(settings: Sequence[Setting], policies: Sequence[str], seeds: int, jobs: int, *, as_json: bool) -> list[Row]:
    """Run all; with ``as_json`` each row is printed as soon as it is known."""
    rows: list[Row] = []
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    told = Console(stderr=True)
    with (
        ProcessPoolExecutor(jobs) as pool,
        Progress(*columns, TimeElapsedColumn(), console=told, transient=True, disable=not told.is_terminal) as bar,
    ):
        task = bar.add_task("", total=seeds)
        comparison = Comparison(
            pool, seeds, lambda what, done, of: bar.update(task, description=what, completed=done, total=of)
        )
        for setting in settings:
            found = comparison.fixed(setting, policies)
            found += comparison.hindsight(setting) if policies == FIXED else []
            for row in found:
                if as_json:
                    print(json.dumps(asdict(row)), flush=True)
            rows += found
    return rows


def show(rows: Sequence[Row]) -> None:
    """As a table."""
    table = Table("setting", "policy")
    for head in ("idle s/agent hour", "talk %", "abandoned %", "worst window %", "windows over %"):
        table.add_column(head, justify="right")
    for row in rows:
        table.add_row(
            row.setting,
            row.policy,
            f"{row.idle_s_per_agent_hour:.0f}",
            f"{row.talk_pct:.1f}",
            f"{row.abandon_pct:.2f}",
            f"{row.worst_window_abandon_pct:.2f}",
            f"{row.windows_over_pct:.2f}",
        )
    Console().print(table)


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="a JSON object for each row instead of a table")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--setting", action="append", choices=[setting.name for setting in SETTINGS])
    parser.add_argument("--policy", action="append", choices=FIXED, help="only this one, and no search for ratios")
    parser.add_argument("--rows", type=Path, help="rows printed before by --json, instead of running")
    parser.add_argument("--write", action="store_true", help="put table and pictures into docs")
    arguments = parser.parse_args()
    if arguments.rows:
        rows = [Row(**json.loads(line)) for line in arguments.rows.read_text(encoding="utf-8").splitlines()]
    else:
        settings = [each for each in SETTINGS if not arguments.setting or each.name in arguments.setting]
        policies = tuple(arguments.policy or FIXED)
        rows = compare(settings, policies, arguments.seeds, arguments.jobs, as_json=arguments.json)
    if arguments.write:
        write(rows, DOCUMENT)
        print(f"written: {DOCUMENT}", file=sys.stderr)
    if not arguments.json:
        show(rows)


if __name__ == "__main__":
    main()
