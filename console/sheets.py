"""Tables for download: CSV that Excel opens rightly (UTF-8 with a mark), and XLSX."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from console.views import CallRow, CampaignResult, QueueNumbers, QueueReport

Cell: TypeAlias = "str | int | float | None"
Kind: TypeAlias = Literal["csv", "xlsx"]


@dataclass(frozen=True, slots=True)
class Table:
    """A heading and rows of the same width."""

    heading: list[str]
    rows: list[list[Cell]]


def harmless(cell: Cell) -> Cell:
    """Text that a spreadsheet would take for a formula, with a mark before it; plain signed numbers stay."""
    if isinstance(cell, str) and cell[:1] in ("=", "@", "\t", "\r"):
        return f"'{cell}"
    if isinstance(cell, str) and cell[:1] in ("+", "-") and not cell[1:].replace("*", "").replace(".", "").isdigit():
        return f"'{cell}"
    return cell


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


def _local(at: float | None, zone: ZoneInfo) -> str:
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
)


def calls_table(rows: Sequence[CallRow], zone: ZoneInfo) -> Table:
    """The list of calls."""
    return Table(
        list(_CALL_COLUMNS),
        [
            [
                row.id,
                _local(row.started_at, zone),
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
            ]
            for row in rows
        ],
    )


def report_table(report: QueueReport) -> Table:
    """Each queue in each bucket, then each queue's total, then everything; the formulas at the end."""
    zone = ZoneInfo(report.zone)

    def line(numbers: QueueNumbers) -> list[Cell]:
        cells: list[Cell] = [
            _local(numbers.start_at, zone),
            _local(numbers.end_at, zone),
            numbers.queue or "全部 all",
        ]
        figures = (numbers.figures.get(key) for key in report.formulas)
        return cells + [round(figure, 4) if isinstance(figure, float) else figure for figure in figures]

    rows = [line(numbers) for numbers in (*report.rows, *report.totals, report.total)]
    heading = ["开始 from", "结束 to", "队列 queue"]
    for formula in report.formulas.values():
        title = f"{formula.title_zh} {formula.title_en}"
        heading.append(title)
        rows.append([title, formula.formula_zh, formula.formula_en])
    return Table(heading, [row + [None] * (len(heading) - len(row)) for row in rows])


def results_table(results: Sequence[CampaignResult], zone: ZoneInfo) -> Table:
    """A row for each contact, a column for each question that anyone answered, in the order in which they came up: the
    value, or the words where there is none.
    """
    questions = list(dict.fromkeys(answer.question for result in results for answer in result.answers))
    heading = ["序号 contact", "姓名 name", "号码 number", "结果 result", "时间 at", "通话 call", *questions]
    rows: list[list[Cell]] = []
    for result in results:
        given = {answer.question: answer.value or answer.text for answer in result.answers}
        row: list[Cell] = [result.contact, result.name, result.number, result.result]
        rows.append([*row, _local(result.at, zone), result.call_id, *(given.get(q, "") for q in questions)])
    return Table(heading, rows)
