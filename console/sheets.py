"""Tables for download: CSV that Excel opens rightly (UTF-8 with a mark), and XLSX."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from campaigns.probe import ProbeRun
from console.desk_views import RatingsView
from console.report_views import AbandonedReport, AgentNumbers, AgentReport, AgentRow
from console.views import CallRow, Figure, FormulaView, QueueNumbers, QueueReport
from core import cells
from reports.ratings import Ratings

Cell: TypeAlias = "str | int | float | None"
Kind: TypeAlias = Literal["csv", "xlsx"]


@dataclass(frozen=True, slots=True)
class Table:
    """A heading and rows of the same width."""

    heading: list[str]
    rows: list[list[Cell]]


def harmless(cell: Cell) -> Cell:
    """See ``core.cells``."""
    return cells.harmless(cell) if isinstance(cell, str) else cell


def written(table: Table, kind: Kind) -> bytes:
    """The file."""
    return to_csv(table) if kind == "csv" else to_xlsx(table)


def to_csv(table: Table) -> bytes:
    """UTF-8 with byte-order mark, CRLF."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([harmless(title) for title in table.heading])
    writer.writerows([harmless(cell) for cell in row] for row in table.rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def to_xlsx(table: Table) -> bytes:
    """One sheet, heading in bold and fixed; text cells are text, never formulas."""
    from openpyxl import Workbook  # noqa: PLC0415 - only a reader makes workbooks, when one is asked for
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Font  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Line400")
    sheet.freeze_panes = "A2"
    heading = []
    for title in table.heading:
        cell = WriteOnlyCell(sheet, title)
        cell.font = Font(bold=True)
        heading.append(cell)
    sheet.append(heading)
    for row in table.rows:
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value)
            if isinstance(value, str):
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def local_time(at: float | None, zone: ZoneInfo) -> str:
    """A moment as people read it in a table; "" for None."""
    return "" if at is None else datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M:%S")


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


_CALL_COLUMNS: Final = (
    "编号 id",
    "开始 started",
    "方向 direction",
    "主叫 ani",
    "被叫 dnis",
    "队列 queue",
    "坐席 agent",
    "等待秒 wait_s",
    "排队结果 outcome",
    "通话秒 talk_s",
    "结果 reason",
    "挂机方 ended_by",
    "语音质量 mos",
    "处理结果 disposition",
)


def calls_table(rows: Sequence[CallRow], zone: ZoneInfo) -> Table:
    """The list of calls."""
    return Table(
        list(_CALL_COLUMNS),
        [
            [
                row.id,
                local_time(row.started_at, zone),
                row.direction,
                row.ani,
                row.dnis,
                row.queue,
                row.agent,
                _rounded(row.wait_s, 1),
                row.outcome,
                _rounded(row.talk_s, 1),
                row.reason,
                row.ended_by,
                row.mos,
                "missing" if row.disposition == "" else row.disposition,
            ]
            for row in rows
        ],
    )


def report_table(report: QueueReport) -> Table:
    """Each queue (or line) in each bucket, then its total, then everything, then the totals of the period before if it
    was asked for; the formulas at the end.
    """
    zone = ZoneInfo(report.zone)

    def times(numbers: QueueNumbers) -> list[Cell]:
        if numbers.label.partition("T")[0].isdigit():  # an hour of the week is no span
            return [numbers.label, ""]
        return [local_time(numbers.start_at, zone), local_time(numbers.end_at, zone)]

    def line(numbers: QueueNumbers) -> list[Cell]:
        cells: list[Cell] = [
            *times(numbers),
            (numbers.line if report.by == "line" else numbers.queue) or "全部 all",
        ]
        return cells + [_short(numbers.figures.get(key)) for key in report.formulas]

    rows = [line(numbers) for numbers in (*report.rows, *report.totals, report.total, *report.before)]
    named = "被叫号码 line" if report.by == "line" else "队列 queue"
    return _explained(["开始 from", "结束 to", named], rows, report.formulas)


def agents_table(report: AgentReport) -> Table:
    """A row for each agent, before them where it was asked for each in each bucket; the formulas at the end."""

    def line(each: AgentRow | AgentNumbers, *times: Cell) -> list[Cell]:
        return [*times, each.agent, *(_short(each.figures.get(key)) for key in report.formulas)]

    if report.bucket == "total":
        return _explained(["坐席 agent"], [line(each) for each in report.agents], report.formulas)
    zone = ZoneInfo(report.zone)
    rows = [line(each, local_time(each.start_at, zone), local_time(each.end_at, zone)) for each in report.rows]
    whole = (local_time(report.from_at, zone), local_time(report.to_at, zone))
    rows += [line(each, *whole) for each in report.agents]
    return _explained(["开始 from", "结束 to", "坐席 agent"], rows, report.formulas)


def abandoned_table(report: AbandonedReport) -> Table:
    """A row for each wait that was given up; what the figures are and how they are counted at the end."""
    zone = ZoneInfo(report.zone)
    heading = [
        "进入队列 entered", "号码 number", "被叫号码 line", "队列 queue", "等待秒 wait_s", "通话 call",
        "联系 contact", "联系时间 contact_at", "坐席 agent", "间隔秒 after_s", "联系通话 contact_call",
    ]  # fmt: skip
    rows: list[list[Cell]] = []
    for item in report.items:
        row: list[Cell] = [local_time(item.entered_at, zone), item.number, item.line, item.queue, round(item.wait_s, 1)]
        row.append(item.call_id)
        if item.next is not None:
            how = "回电 called back" if item.next.by_us else "再次来电 called again"
            row += [how, local_time(item.next.at, zone), item.next.agent, round(item.next.after_s), item.next.call_id]
        rows.append(row)
    for key, formula in report.formulas.items():
        said: list[Cell] = [f"{formula.title_zh} {formula.title_en}", report.figures.get(key)]
        rows.append([*said, formula.formula_zh, formula.formula_en])
    return _even(heading, rows)


def _short(figure: Figure) -> Cell:
    return round(figure, 4) if isinstance(figure, float) else figure


def _explained(first: list[str], rows: list[list[Cell]], formulas: Mapping[str, FormulaView]) -> Table:
    """``rows`` under the titles of ``formulas``, which follow below."""
    heading = [*first, *(f"{formula.title_zh} {formula.title_en}" for formula in formulas.values())]
    said: list[list[Cell]] = [
        [f"{formula.title_zh} {formula.title_en}", formula.formula_zh, formula.formula_en]
        for formula in formulas.values()
    ]
    return _even(heading, [*rows, *said])


def _even(heading: list[str], rows: list[list[Cell]]) -> Table:
    return Table(heading, [row + [None] * (len(heading) - len(row)) for row in rows])


_PROBE_COLUMNS: Final = (
    "时间 started",
    "拨测 probe",
    "结果 result",
    "振铃秒 ring_s",
    "语音导航秒 menu_s",
    "排队秒 wait_s",
    "队列 queue",
    "坐席 agent",
    "通话 call",
    "发起 by",
)


def probes_table(runs: Sequence[ProbeRun], zone: ZoneInfo) -> Table:
    """Test calls."""
    return Table(
        list(_PROBE_COLUMNS),
        [
            [
                local_time(run.started_at, zone),
                run.probe,
                run.result,
                _rounded(run.ring_s, 1),
                _rounded(run.menu_s, 1),
                _rounded(run.wait_s, 1),
                run.queue,
                run.agent,
                run.inbound,
                run.by,
            ]
            for run in runs
        ],
    )


def ratings_table(view: RatingsView) -> Table:
    """All, then each queue, then each agent; the formulas at the end."""
    keys = list(view.formulas)
    titles = [f"{formula.title_zh} {formula.title_en}" for formula in view.formulas.values()]
    lines: list[tuple[str, str, Ratings]] = [("全部 all", "", view.total)]
    lines += [("队列 queue", ratings.name, ratings) for ratings in view.queues]
    lines += [("坐席 agent", ratings.name, ratings) for ratings in view.agents]
    rows: list[list[Cell]] = []
    for kind, name, ratings in lines:
        figures = (getattr(ratings, key) for key in keys)
        rows.append([kind, name, *(round(figure, 4) if isinstance(figure, float) else figure for figure in figures)])
    heading = ["", "名称 name", *titles]
    for title, formula in zip(titles, view.formulas.values(), strict=True):
        rows.append([title, formula.formula_zh, formula.formula_en])
    return Table(heading, [row + [None] * (len(heading) - len(row)) for row in rows])
