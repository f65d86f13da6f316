"""What came of calls as a table for download."""

from console.disposition_report_views import DispositionsView
from console.sheets import Cell, Table
from reports.dispositions import DispositionCounts


def dispositions_table(view: DispositionsView) -> Table:
    """All, then each queue, then each agent; a row for each code and one for those that are missing; the formulas at
    the end.
    """
    names = {entry.code: f"{entry.zh} {entry.en}".strip() for entry in view.entries}
    rows: list[list[Cell]] = _rows("全部 all", view.total, names)
    for counts in view.queues:
        rows += _rows("队列 queue", counts, names)
    for counts in view.agents:
        rows += _rows("坐席 agent", counts, names)
    for formula in view.formulas.values():
        rows.append([f"{formula.title_zh} {formula.title_en}", formula.formula_zh, formula.formula_en, "", "", ""])
    titles = {key: f"{formula.title_zh} {formula.title_en}" for key, formula in view.formulas.items()}
    return Table(["", "名称 name", "代码 code", "处理结果 disposition", titles["times"], titles["share"]], rows)


def _rows(kind: str, counts: DispositionCounts, names: dict[str, str]) -> list[list[Cell]]:
    rows: list[list[Cell]] = [
        [kind, counts.name, each.code, names.get(each.code, ""), each.times, round(each.share, 4)]
        for each in counts.codes
    ]
    if counts.missing:
        rows.append([kind, counts.name, "", "漏填 missing", counts.missing, None])
    return rows
