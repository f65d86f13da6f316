"""Staffing of a day as a table, with the words for each column."""

from typing import Final

from reports.formulas import Formula
from reports.staffing import StaffingReport, StaffingSlot
from reports.tables import Column, Language, Table

STAFFING_FORMULAS: Final = (
    Formula(
        "calls",
        "预测来电",
        "expected calls",
        "过去同类日同一半小时来电的加权平均（权重每四周减半）",
        "weighted mean of the same half hour of past days of the same kind (weights halve every four weeks)",
        "number",
    ),
    Formula("low", "下限", "low", "90 % 区间下限", "lower end of the 90 % interval", "number"),
    Formula("high", "上限", "high", "90 % 区间上限", "upper end of the 90 % interval", "number"),
    Formula("came", "实际来电", "came", "该半小时实际进入队列", "entries into the queue in that half hour", "count"),
    Formula(
        "needed",
        "需要坐席",
        "agents needed",
        "达到目标的最少坐席（知道来电人耐心时用 Erlang A，否则 Erlang C）",
        "fewest agents who keep the promise (Erlang A where patience is known, else Erlang C)",
        "count",
    ),
    Formula(
        "needed_high",
        "按上限需要",
        "needed for high",
        "来电达到上限时需要的坐席",
        "fewest agents for as many calls as the upper end",
        "count",
    ),
    Formula(
        "rostered",
        "应排坐席",
        "to roster",
        "需要坐席 ÷（1 − 缩减率），向上取整",
        "agents needed / (1 − shrinkage), rounded up",
        "count",
    ),
    Formula(
        "there",
        "实际在岗",
        "there",
        "空闲、振铃、通话、话后状态的人时 ÷ 半小时",
        "time available, ringing, talking or in wrap-up of all agents / half an hour",
        "number",
    ),
    Formula(
        "usual",
        "往常在岗",
        "usually there",
        "预测所用的日子（最近的几天）同一半小时的平均在岗",
        "mean of the same on the (latest) days that the forecast was made of",
        "number",
    ),
    Formula("gap", "差额", "gap", "实际在岗 − 需要坐席", "there − agents needed", "number"),
    Formula(
        "within",
        "预计及时接通",
        "answered in time",
        "按需要坐席，目标时间内接通 ÷ 来电",
        "with the agents needed: answered in time / calls",
        "share",
    ),
    Formula(
        "occupancy",
        "预计利用率",
        "occupancy",
        "按需要坐席，忙时 ÷ 在岗时",
        "with the agents needed: busy / there",
        "share",
    ),
)
"""Every column of staffing, in order."""


def idle(slot: StaffingSlot) -> bool:
    """Nobody calls and nobody is there: a line that says nothing."""
    return not (slot.calls or slot.came or slot.there or slot.usual)


def staffing_table(report: StaffingReport, language: Language = "zh") -> Table:
    """A line for each half hour in which anything is or was to be done, then the day."""
    slots = [slot for slot in report.slots if not idle(slot)]
    lines = [(slot.label, *(getattr(slot, formula.key) for formula in STAFFING_FORMULAS)) for slot in slots]
    came = [slot.came for slot in slots if slot.came is not None]
    day = {"calls": sum(slot.calls for slot in slots), "came": sum(came) if came else None}
    lines.append(("合计" if language == "zh" else "total", *(day.get(formula.key) for formula in STAFFING_FORMULAS)))
    queue = report.queue or ("全部" if language == "zh" else "all")
    head = f"排班 {report.day}（{queue}）" if language == "zh" else f"staffing {report.day} ({queue})"
    return Table(
        title=head,
        columns=(
            Column("from", "时段", "from", "text"),
            *(Column(formula.key, formula.zh, formula.en, formula.unit) for formula in STAFFING_FORMULAS),
        ),
        lines=tuple(lines),
        formulas=STAFFING_FORMULAS,
    )


def said(report: StaffingReport, language: Language = "zh") -> str:
    """What it was reckoned from, in a sentence."""
    promise, assumed = report.promise, report.assumed
    share, within = f"{100 * promise.share:g} %", f"{promise.within_s:g}"
    days = len(report.days)
    if language == "zh":
        patience = "无限（Erlang C）" if assumed.patience_s is None else f"{assumed.patience_s:.0f} 秒（Erlang A）"
        return (
            f"目标：{within} 秒内接通 {share}；由 {days} 个{_ALIKE[report.alike][0]}预测；"
            f"平均处理 {assumed.handle_s:.0f} 秒；平均耐心 {patience}"
        )
    patience = "endless (Erlang C)" if assumed.patience_s is None else f"{assumed.patience_s:.0f} s (Erlang A)"
    return (
        f"promise: {share} answered within {within} s; forecast of {days} {_ALIKE[report.alike][1]}; "
        f"handling time {assumed.handle_s:.0f} s; mean patience {patience}"
    )


_ALIKE: Final = {
    "weekday": ("相同星期的日子", "days of the same weekday"),
    "holidays": ("节假日", "public holidays"),
    "sundays": ("星期日（节假日太少）", "Sundays (too few holidays)"),
    "working_days": ("工作日", "working days"),
}
