"""Reports for people and programs: a terminal table, CSV, JSON and XLSX."""

import csv
import io
import json
from collections.abc import Mapping
from typing import Final

from rich.console import Group
from rich.table import Table as RichTable
from rich.text import Text

from reports.figures import Figure, figures
from reports.model import Cell, QueueReport
from reports.tables import Column, Language, Table

NONE: Final = "—"
_EXCEL_FORMATS: Final = {"share": "0.0%", "s": "0.0", "count": "0", "number": "0.0", "text": "@"}
TERMINAL_KEYS: Final = (
    "from",
    "queue",
    "line",
    "offered",
    "answered",
    "abandoned",
    "overflowed",
    "called_back",
    "left_by_key",
    "waiting",
    "answer_rate",
    "service_level_a",
    "service_level_b",
    "service_level_c",
    "service_level_d",
    "asa_s",
    "answered_p50_s",
    "answered_p90_s",
    "answered_max_s",
    "abandoned_p50_s",
)
"""Columns of a queue report that fit a terminal; the files have all of them."""


def shown(value: str | Figure, unit: str) -> str:
    """A value for people: ``93.5 %``, ``12.3``, ``—``."""
    if value is None:
        return NONE
    if isinstance(value, str):
        return value
    if unit == "share":
        return f"{100 * value:.1f} %"
    return str(value) if isinstance(value, int) else f"{value:.1f}"


def to_terminal(table: Table, language: Language = "zh", keys: tuple[str, ...] = ()) -> Group:
    """For ``rich``: the table with only the columns ``keys`` (all), and below it each column's formula."""
    picked = [(place, column) for place, column in enumerate(table.columns) if not keys or column.key in keys]
    rich = RichTable(title=table.title, title_justify="left")
    for _, column in picked:
        rich.add_column(column.title(language), justify="left" if column.unit == "text" else "right", overflow="fold")
    for line in table.lines:
        rich.add_row(*(shown(line[place], column.unit) for place, column in picked))
    wanted = {column.key for _, column in picked}
    notes = [
        Text(
            f"{formula.zh} = {formula.formula_zh}" if language == "zh" else f"{formula.en} = {formula.formula_en}",
            style="dim",
        )
        for formula in table.formulas
        if formula.key in wanted
    ]
    return Group(rich, *notes)


def to_csv(table: Table) -> str:
    """CSV with keys as headings, plain numbers (shares from 0 to 1, seconds), and nothing where there is no figure."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    writer.writerow([column.key for column in table.columns])
    for line in table.lines:
        writer.writerow(["" if value is None else _safe(value) for value in line])
    return text.getvalue()


def to_json(report: QueueReport) -> str:
    """The whole queue report as one JSON object."""
    query = report.query
    document = {
        "from": query.since,
        "to": query.until,
        "zone": query.zone,
        "bucket": query.bucket.value,
        "by": query.by.value,
        "threshold_s": report.total.threshold_s,
        "short_s": query.short_s,
        "made_at": report.made_at,
        "cells": [_cell(cell) for cell in report.cells],
        "buckets": [_cell(cell) for cell in report.buckets],
        "queues": [_cell(cell) for cell in report.queues],
        "total": _cell(report.total),
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def table_to_json(table: Table) -> str:
    """Any table as a JSON list of objects by key."""
    keys = [column.key for column in table.columns]
    lines = [dict(zip(keys, line, strict=True)) for line in table.lines]
    return json.dumps(lines, ensure_ascii=False, allow_nan=False)


def to_xlsx(table: Table, language: Language = "zh") -> bytes:
    """A workbook: the table with number formats, and a second sheet with the formulas in both languages."""
    from openpyxl import Workbook  # noqa: PLC0415 - the other forms do without
    from openpyxl.styles import Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook()
    sheet = book.active
    sheet.title = "报表" if language == "zh" else "report"
    sheet.append([table.title])
    sheet.append([column.title(language) for column in table.columns])
    for line in table.lines:
        sheet.append([_safe(value) for value in line])
    for place, column in enumerate(table.columns, 1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = _width(column)
        sheet[f"{letter}2"].font = Font(bold=True)
        for number in range(3, 3 + len(table.lines)):
            sheet[f"{letter}{number}"].number_format = _EXCEL_FORMATS[column.unit]
    sheet.freeze_panes = "A3"
    notes = book.create_sheet("公式" if language == "zh" else "formulas")
    notes.append(["指标", "公式", "figure", "formula"])
    for formula in table.formulas:
        notes.append([formula.zh, formula.formula_zh, formula.en, formula.formula_en])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _width(column: Column) -> int:
    return 24 if column.unit == "text" else 14


def _safe(value: str | Figure) -> str | Figure:
    """Text that a spreadsheet would run as a formula is kept as text."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value


def _cell(cell: Cell) -> Mapping[str, object]:
    return {
        "queue": cell.queue,
        "line": cell.line,
        "from": cell.since,
        "to": cell.until,
        "label": cell.label,
        "threshold_s": cell.threshold_s,
        **figures(cell),
        "histogram": [
            {"from_s": it.from_s, "to_s": it.to_s, "answered": it.answered, "abandoned": it.abandoned}
            for it in cell.histogram
        ],
    }
