"""Large answers are written in pieces, and read as if they were written at once."""

import json

from pydantic import TypeAdapter

from console.json_text import to_json
from console.views import FormulaView, QueueNumbers, QueueReport, WaitBin


def _report(rows: int) -> QueueReport:
    numbers = [
        QueueNumbers("销售", float(n), n + 1800.0, {"offered": n, "asa_s": None, "rate": n / 7}) for n in range(rows)
    ]
    return QueueReport(
        from_at=0.5,
        to_at=1e9,
        bucket="half_hour",
        zone="Asia/Shanghai",
        threshold_s=20.0,
        formulas={"offered": FormulaView("呼入量", "offered", '"x" \\ y', "n", "count")},
        rows=numbers,
        all_queues=[],
        totals=numbers[:1],
        total=QueueNumbers("", 0.0, 1.0, {}),
        histogram=[WaitBin(0.0, None, 1, 2)],
    )


def test_the_text_is_that_of_the_api() -> None:
    for rows in (1, 49, 50, 51, 173):
        report = _report(rows)
        assert json.loads(to_json(report)) == json.loads(TypeAdapter(QueueReport).dump_json(report))


def test_lists_may_be_empty() -> None:
    assert json.loads(to_json(_report(0)))["rows"] == []
