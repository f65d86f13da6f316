"""What each figure means, in words for people: shown wherever the figure is shown."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Formula:
    """A figure's ``key`` in JSON and CSV, its title and its formula, Chinese and English; ``unit`` is count, share
    or s.
    """

    key: str
    zh: str
    en: str
    formula_zh: str
    formula_en: str
    unit: str


_FORMULAS: Final = (
    Formula("offered", "进线量", "offered", "时段内进入队列的次数", "entries into the queue in the period", "count"),
    Formula("answered", "接通", "answered", "由坐席接起", "taken by an agent", "count"),
    Formula(
        "abandoned",
        "放弃",
        "abandoned",
        "排队中来电人挂机（含系统中断）",
        "caller hung up while waiting (interrupted included)",
        "count",
    ),
    Formula(
        "short_abandons",
        "其中短时放弃",
        "of which short",
        "放弃且等待 < {short_s:g} 秒",
        "abandoned after less than {short_s:g} s",
        "count",
    ),
    Formula(
        "interrupted",
        "其中系统中断",
        "of which interrupted",
        "等待中系统停止运行，计入放弃",
        "our system stopped while the caller waited; counted as abandoned",
        "count",
    ),
    Formula("overflowed", "溢出", "overflowed", "转出到溢出目标", "sent on by the overflow rule", "count"),
    Formula("called_back", "转回呼", "called back", "保留位置，改为回呼", "kept the place and is called back", "count"),
    Formula("left_by_key", "按键离开", "left by key", "按键离开队列", "left the queue by a key", "count"),
    Formula("waiting", "仍在等待", "waiting", "统计时仍在排队", "still waiting when this was counted", "count"),
    Formula("answer_rate", "接通率", "answer rate", "接通 ÷ 进线量", "answered / offered", "share"),
    Formula(
        "answer_rate_without_short",
        "接通率（除短时放弃）",
        "answer rate without short abandons",
        "接通 ÷（进线量 − 短时放弃）",
        "answered / (offered − short abandons)",
        "share",
    ),
    Formula(
        "answer_rate_without_key",
        "接通率（除按键离开）",
        "answer rate without left by key",
        "接通 ÷（进线量 − 按键离开）",
        "answered / (offered − left by key)",
        "share",
    ),
    Formula("abandon_rate", "放弃率", "abandon rate", "放弃 ÷ 进线量", "abandoned / offered", "share"),
    Formula(
        "abandon_rate_without_short",
        "放弃率（除短时放弃）",
        "abandon rate without short abandons",
        "（放弃 − 短时放弃）÷（进线量 − 短时放弃）",
        "(abandoned − short abandons) / (offered − short abandons)",
        "share",
    ),
    Formula(
        "service_level_a",
        "服务水平 A",
        "service level A",
        "{t} 秒内接通 ÷ 接通",
        "answered within {t} s / answered",
        "share",
    ),
    Formula(
        "service_level_b",
        "服务水平 B",
        "service level B",
        "{t} 秒内接通 ÷ 进线量",
        "answered within {t} s / offered",
        "share",
    ),
    Formula(
        "service_level_c",
        "服务水平 C",
        "service level C",
        "{t} 秒内接通 ÷（接通 + {t} 秒后放弃）",
        "answered within {t} s / (answered + abandoned after {t} s)",
        "share",
    ),
    Formula(
        "service_level_d",
        "服务水平 D",
        "service level D",
        "（{t} 秒内接通 + {t} 秒内放弃）÷（接通 + 放弃）",
        "(answered + abandoned within {t} s) / (answered + abandoned)",
        "share",
    ),
    Formula(
        "asa_s",
        "平均应答速度",
        "ASA",
        "接通者等待之和 ÷ 接通（从进入队列起算）",
        "Σ wait of answered / answered (from queue entry)",
        "s",
    ),
)

_PERCENTILE_ZH: Final = (
    "{which}等待的第 {percent} 百分位（最近秩：第 ⌈{percent}% × n⌉ 小的等待，向上取整到秒；"
    "10 分钟以上到 10 秒，1 小时以上到 1 分钟）"
)
_PERCENTILE_EN: Final = (
    "{percent}th percentile of waits of {which} (nearest rank: the ⌈{percent} % of n⌉-th smallest wait, rounded up to "
    "the second; above 10 minutes to 10 s, above an hour to a minute)"
)


def _waits(key: str, zh: str, en: str) -> tuple[Formula, ...]:
    percentiles = tuple(
        Formula(
            f"{key}_p{percent}_s",
            f"{zh}等待 p{percent}",
            f"wait of {en} p{percent}",
            _PERCENTILE_ZH.format(which=zh, percent=percent),
            _PERCENTILE_EN.format(which=en, percent=percent),
            "s",
        )
        for percent in (50, 80, 90, 95)
    )
    longest = Formula(
        f"{key}_max_s", f"{zh}最长等待", f"longest wait of {en}", f"{zh}等待的最大值", f"longest wait of {en}", "s"
    )
    return (*percentiles, longest)


QUEUE_FORMULAS: Final = (*_FORMULAS, *_waits("answered", "接通", "answered"), *_waits("abandoned", "放弃", "abandoned"))
"""Every figure of a queue report, in the order of its columns."""

AGENT_FORMULAS: Final = (
    Formula("calls", "通话数", "calls", "时段内开始的通话", "talks that began in the period", "count"),
    Formula("talk_s", "通话时长", "talk", "通话时间之和（不含保持）", "Σ talk time without hold", "s"),
    Formula("hold_s", "保持时长", "hold", "保持时间之和", "Σ hold time", "s"),
    Formula("wrap_up_s", "话后时长", "wrap-up", "时段内话后处理状态的时间", "time in wrap-up inside the period", "s"),
    Formula("available_s", "空闲时长", "available", "时段内空闲状态的时间", "time available inside the period", "s"),
    Formula("paused_s", "示忙时长", "paused", "时段内示忙状态的时间", "time paused inside the period", "s"),
    Formula(
        "rung",
        "振铃数",
        "rung",
        "时段内向其振铃且已结束的次数（不含撤回）",
        "offers made in the period that ended, without those withdrawn",
        "count",
    ),
    Formula("answered", "接起数", "answered", "其中接起", "of which taken", "count"),
    Formula(
        "withdrawn",
        "撤回",
        "withdrawn",
        "振铃中来电人离开或由同事接起，不计入振铃数",
        "caller left or a colleague took the call while it rang; not counted as rung",
        "count",
    ),
    Formula("answer_rate", "接起率", "answer rate", "接起 ÷ 振铃", "answered / rung", "share"),
    Formula(
        "aht_s",
        "平均处理时长",
        "AHT",
        "（通话 + 保持 + 话后）÷ 通话数",
        "(talk + hold + wrap-up) / calls",
        "s",
    ),
    Formula(
        "occupancy",
        "工时利用率",
        "occupancy",
        "（通话状态 + 话后）÷（通话状态 + 话后 + 空闲），按时段内状态时间",
        "(talking + wrap-up) / (talking + wrap-up + available): time in these states inside the period, hold included",
        "share",
    ),
)
"""Every figure of an agent report, in the order of its columns."""


def filled(formula: Formula, *, threshold_s: float | None, short_s: float) -> Formula:
    """``formula`` with the report's T and the limit of short abandons put in; without a T that holds for every queue it
    says T, which each row names.
    """
    t = "T" if threshold_s is None else f"{threshold_s:g}"
    return Formula(
        formula.key,
        formula.zh,
        formula.en,
        formula.formula_zh.format(t=t, short_s=short_s),
        formula.formula_en.format(t=t, short_s=short_s),
        formula.unit,
    )
