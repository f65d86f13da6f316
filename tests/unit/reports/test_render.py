"""Renderings: the same figures as table, CSV, JSON and workbook."""

import csv
import io
import json
from dataclasses import replace

from openpyxl import load_workbook
from rich.console import Console

from reports.agents import AgentTally
from reports.model import AgentReport, Bucket, ReportQuery
from reports.queues import queue_report
from reports.render import TERMINAL_KEYS, shown, table_to_json, to_csv, to_json, to_terminal, to_xlsx
from reports.rows import EntryRow, TalkTime
from reports.tables import agent_table, queue_table

NINE = 1_772_413_200.0
QUERY = ReportQuery(NINE, NINE + 3600, threshold_s=15.0)
ROWS = [
    EntryRow("q-1", "c-1", "销售", NINE + 60, "answered", 12.5),
    EntryRow("q-2", "c-2", "销售", NINE + 70, "abandoned", 40.0),
    EntryRow("q-3", "c-3", "=1+1", NINE + 1900, "", None),
]
REPORT = queue_report(QUERY, ROWS, made_at=NINE + 4000)


def test_csv_has_every_figure_as_a_plain_number() -> None:
    lines = list(csv.DictReader(io.StringIO(to_csv(queue_table(REPORT)))))
    assert [(line["from"][11:16], line["queue"], line["offered"]) for line in lines] == [
        ("09:00", "销售", "2"),
        ("09:30", "'=1+1", "1"),
        ("", "'=1+1", "1"),
        ("", "销售", "2"),
        ("", "全部", "3"),
    ]
    assert [line["from"] for line in lines[2:]] == ["合计"] * 3
    assert (lines[0]["answer_rate"], lines[0]["asa_s"], lines[1]["asa_s"]) == ("0.5", "12.5", "")


def test_json_holds_the_report() -> None:
    document = json.loads(to_json(REPORT))
    assert (document["threshold_s"], document["bucket"], document["zone"]) == (15.0, "half_hour", "Asia/Shanghai")
    total = document["total"]
    assert (total["offered"], total["answer_rate"], total["waiting"]) == (3, 1 / 3, 1)
    assert total["histogram"][1] == {"from_s": 10.0, "to_s": 20.0, "answered": 1, "abandoned": 0}
    assert [cell["queue"] for cell in document["queues"]] == ["=1+1", "销售"]


def test_the_terminal_shows_figures_with_their_formulas() -> None:
    console = Console(width=250, file=io.StringIO(), record=True)
    console.print(to_terminal(queue_table(REPORT), keys=TERMINAL_KEYS))
    text = console.export_text()
    assert "队列报表 2026-03-02 09:00 – 2026-03-02 10:00 (Asia/Shanghai)" in text
    assert "50.0 %" in text
    assert "服务水平 B = 15 秒内接通 ÷ 进线量" in text
    english = Console(width=250, file=io.StringIO(), record=True)
    english.print(to_terminal(queue_table(REPORT, "en"), "en", TERMINAL_KEYS))
    assert "service level B = answered within 15 s / offered" in english.export_text()


def test_a_workbook_opens_with_numbers_and_formulas() -> None:
    book = load_workbook(io.BytesIO(to_xlsx(queue_table(REPORT))))
    sheet = book["报表"]
    titles = [cell.value for cell in sheet[2]]
    first = dict(zip(titles, [cell.value for cell in sheet[3]], strict=True))
    assert (first["队列"], first["进线量"], first["接通率"], first["放弃最长等待"]) == ("销售", 2, 0.5, 40)
    assert sheet.cell(3, 1 + titles.index("接通率")).number_format == "0.0%"
    assert sheet.cell(4, 2).value == "'=1+1"  # not run by the spreadsheet
    notes = [[cell.value for cell in row] for row in book["公式"].iter_rows()]
    assert ["接通率", "接通 ÷ 进线量", "answer rate", "answered / offered"] in notes


def test_agents_as_table() -> None:
    tally = AgentTally()
    tally.add_talk(TalkTime("amy", "c-1", NINE, 30.0, 2.0))
    report = AgentReport(NINE, NINE + 3600, "Asia/Shanghai", NINE, tally.lines())
    table = agent_table(report, "en")
    (line,) = json.loads(table_to_json(table))
    assert (line["agent"], line["calls"], line["talk_s"], line["occupancy"]) == ("amy", 1, 30.0, None)


def test_one_queue_in_total_is_one_line() -> None:
    report = queue_report(replace(QUERY, bucket=Bucket.TOTAL, queue="销售"), ROWS, NINE)
    assert len(queue_table(report).lines) == 1


def test_values_for_people() -> None:
    assert [shown(value, unit) for value, unit in ((None, "share"), (0.9349, "share"), (3, "count"), (2.04, "s"))] == [
        "—",
        "93.5 %",
        "3",
        "2.0",
    ]
