"""A report as a plain table: headings, rows of values, and the formulas that belong below it. All renderings start
here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from reports.buckets import zone_of
from reports.figures import Figure, agent_figures, figures
from reports.formulas import AGENT_FORMULAS, QUEUE_FORMULAS, Formula, filled
from reports.model import AgentReport, Bucket, By, Cell, QueueReport

Language: TypeAlias = Literal["zh", "en"]

ALL: Final = {"zh": "全部", "en": "all"}
TOTAL: Final = {"zh": "合计", "en": "total"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``key`` in CSV and JSON; ``unit`` is text, count, share or s."""

    key: str
    zh: str
    en: str
    unit: str

    def title(self, language: Language) -> str:
        """Its heading."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Table:
    """``lines`` of cells under ``columns``; ``title`` says of what and when; ``formulas`` explain the columns."""

    title: str
    columns: tuple[Column, ...]
    lines: tuple[tuple[str | Figure, ...], ...]
    formulas: tuple[Formula, ...]


def queue_table(report: QueueReport, language: Language = "zh") -> Table:
    """Cells by bucket and queue, then each queue's total, then everything."""
    query = report.query
    formulas = tuple(filled(it, threshold_s=report.total.threshold_s, short_s=query.short_s) for it in QUEUE_FORMULAS)
    total = TOTAL[language]
    cut = [] if query.bucket is Bucket.TOTAL else [(cell.label, cell) for cell in report.cells]
    cells = [*cut, *((total, cell) for cell in report.queues)]
    by_line = query.by is By.LINE
    if not (query.line if by_line else query.queue):
        cells.append((total, report.total))
    named = Column("line", "被叫号码", "line", "text") if by_line else Column("queue", "队列", "queue", "text")
    return Table(
        title=f"{_heading('队列报表', 'queues', language)} {_period(query.since, query.until, query.zone)}",
        columns=(
            Column("from", "时段", "from", "text"),
            named,
            *_columns(formulas),
            Column("threshold_s", "T", "T", "s"),
        ),
        lines=tuple(
            (label, _name(cell, query.by) or ALL[language], *_values(cell, formulas), cell.threshold_s)
            for label, cell in cells
        ),
        formulas=formulas,
    )


def agent_table(report: AgentReport, language: Language = "zh") -> Table:
    """One line for each agent."""
    return Table(
        title=f"{_heading('坐席报表', 'agents', language)} {_period(report.since, report.until, report.zone)}",
        columns=(Column("agent", "坐席", "agent", "text"), *_columns(AGENT_FORMULAS)),
        lines=tuple(
            (line.agent, *(agent_figures(line)[formula.key] for formula in AGENT_FORMULAS)) for line in report.agents
        ),
        formulas=AGENT_FORMULAS,
    )


def _name(cell: Cell, by: By) -> str:
    return cell.line if by is By.LINE else cell.queue


def _columns(formulas: Sequence[Formula]) -> tuple[Column, ...]:
    return tuple(Column(formula.key, formula.zh, formula.en, formula.unit) for formula in formulas)


def _values(cell: Cell, formulas: Sequence[Formula]) -> tuple[Figure, ...]:
    by_key = figures(cell)
    return tuple(by_key[formula.key] for formula in formulas)


def _heading(zh: str, en: str, language: Language) -> str:
    return zh if language == "zh" else en


def _period(since: float, until: float, zone: str) -> str:
    first, last = (datetime.fromtimestamp(at, zone_of(zone)).strftime("%Y-%m-%d %H:%M") for at in (since, until))
    return f"{first} – {last} ({zone})"
