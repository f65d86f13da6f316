"""One scripted morning at a service centre, the same at every run: calls, waits, a dialogue with words, a dial list."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from console.ports import AgentEntry, CallFilter, Directory, QueueEntry
from console.report_ports import FigureCell
from console.result_views import Answer, CampaignResult
from console.survey_views import SurveyTitle
from console.views import (
    Bucket,
    By,
    CallRow,
    CampaignView,
    DirectionView,
    EntryView,
    EventView,
    FormulaView,
    GapView,
    LegQualityView,
    LegView,
    QueueNumbers,
    QueueReport,
    RecordingView,
    SegmentView,
    WaitBin,
    WordView,
)
from reports.answer_words import AnswerWords
from reports.formulas import QUEUE_FORMULAS, filled
from reports.survey_form import Text
from tests.unit.console.agent_desk_fake import ENTRIES

ZONE: Final = ZoneInfo("Asia/Shanghai")
MIDNIGHT: Final = datetime(2026, 11, 19, tzinfo=ZONE).timestamp()
NOW: Final = MIDNIGHT + 10 * 3600 + 17 * 60 + 20
STAR: Final = "c-0000000000-dialogue01"
LINE: Final = "4008001234"
STEP_S: Final[dict[str, float]] = {
    "half_hour": 1800.0, "hour": 3600.0, "week_hour": 3600.0, "day": 86_400.0, "week": 7 * 86_400.0,
    "month": 30 * 86_400.0, "total": 0.0,
}  # fmt: skip

DIRECTORY: Final = Directory(
    queues=(
        QueueEntry("sales", "购车咨询"),
        QueueEntry("service", "保养维修"),
        QueueEntry("tradein", "旧车置换"),
        QueueEntry("complaint", "投诉建议"),
    ),
    agents=(
        AgentEntry("101", "王丽", "101", ("sales", "tradein")),
        AgentEntry("102", "陈晓东", "102", ("sales", "service")),
        AgentEntry("103", "刘敏", "103", ("service",)),
        AgentEntry("104", "赵建国", "104", ("service", "complaint")),
        AgentEntry("105", "孙倩", "105", ("tradein", "sales")),
        AgentEntry("106", "周海燕", "106", ("complaint", "service")),
        AgentEntry("107", "吴磊", "107", ("sales",)),
        AgentEntry("108", "郑爽", "108", ("service", "tradein")),
    ),
    dispositions=ENTRIES,
    surveys=(SurveyTitle("return_visit", "服务回访", "Return visit"),),
)

DIALOGUE: Final = (
    ("agent", "greet.zf_xiaoxiao", 4.11, "您好 ， 工号 一零一 为 您 服务 ， 请问 有 什么 可以 帮 您 ？"),
    ("caller", "buy_1.zm_yunxi", 4.66, "你好 ， 我 想 问 一下 ， 你们 店里 那辆 二零一九年 的 白色 凯美瑞 还在 吗 ？"),
    (
        "agent",
        "check_stock.zf_xiaoxiao",
        6.95,
        "请稍等 ， 我 帮 您 查 一下 库存 。 这辆车 是 二零一九年 六月 上牌 ， 高配 ， 带 全景 天窗 。",
    ),
    ("caller", "tradein_1.zm_yunxi", 4.49, "我 那辆车 开 了 七年 了 ， 想 换 一辆 新能源 的 ， 旧车 能 抵 多少 钱 ？"),
    (
        "agent",
        "tradein_quote.zf_xiaoxiao",
        6.62,
        "您 的 车 大约 可以 估价 六万元 ， 现在 置换 还有 八千元 补贴 ， 您 看 这个 周末 方便 到店 吗 ？",
    ),
    ("caller", "service_1.zm_yunxi", 3.8, "我 想 预约 这个 星期六 上午 的 保养 ， 车 跑 了 三万公里 了 。"),
    ("agent", "book.zf_xiaoxiao", 4.55, "好的 ， 已经 为 您 预约 了 星期六 上午 九点 ， 请 您 准时 到店 。"),
    (
        "agent",
        "close.zf_xiaoxiao",
        5.36,
        "请问 还有 其他 可以 帮 您 的 吗 ？ 感谢 您 的 来电 ， 祝 您 生活 愉快 ， 再见 。",
    ),
)
GAP_S: Final = 0.6


def dialogue() -> tuple[list[SegmentView], float]:
    """The dialogue as segments with words spread evenly over each clip, and its length in seconds."""
    segments = []
    at = 0.4
    for speaker, _clip, length, text in DIALOGUE:
        pieces = text.split()
        letters = sum(len(piece) for piece in pieces)
        begin = at + 0.1
        words: list[WordView] = []
        for piece in pieces:
            share = (length - 0.2) * len(piece) / letters
            if piece in "，。？":
                last = words.pop()
                words.append(replace(last, text=last.text + piece))
            else:
                words.append(WordView(piece, round(begin, 3), round(begin + share, 3), 0.9))
            begin += share
        segments.append(SegmentView(speaker, words[0].start_s, words[-1].end_s, text.replace(" ", ""), words))
        at += length + GAP_S
    return segments, round(at, 2)


@dataclass(frozen=True, slots=True)
class Wait:
    """One wait in a queue, as the fake report counts it."""

    entry: str
    call_id: str
    queue: str
    entered_at: float
    outcome: str
    wait_s: float


def morning() -> tuple[list[CallRow], list[Wait]]:
    """Calls from 8:00 until now, newest last."""
    rows, waits = [], []
    queues = ("sales", "service", "service", "tradein", "sales", "complaint", "service")
    for number in range(84):
        started = MIDNIGHT + 8 * 3600 + number * 96.5 + (number * 37 % 50)
        queue = queues[number % len(queues)]
        agent = DIRECTORY.agents[(number * 5) % 8].id
        wait_s = 3.0 + (number * 29 % 41) * (1.3 if 24 < number < 40 else 0.45)
        lost = number % 23 == 6 or number in (29, 37)
        talk_s = 45.0 + (number * 53 % 260)
        call_id = f"c-{number:010d}-morning{number:03d}"
        end = started + 14 + wait_s + (0 if lost else talk_s)
        rows.append(
            CallRow(
                id=call_id,
                direction="inbound",
                ani=f"+86138{(number * 7919 + 12345678) % 100_000_000:08d}",
                dnis=LINE,
                started_at=started,
                answered_at=started + 1.0,
                ended_at=min(end, NOW - 40),
                queue=queue,
                agent="" if lost else agent,
                reason="normal",
                ended_by="caller" if number % 3 or lost else "agent",
                outcome="abandoned" if lost else "answered",
                wait_s=round(wait_s, 1),
                talk_s=None if lost else round(talk_s, 1),
                recordings=0 if lost else 1,
                transcript="none" if lost else ("pending" if number > 81 else "ready"),
            )
        )
        outcome = "abandoned" if lost else "answered"
        waits.append(Wait(f"q-{number:04d}", call_id, queue, started + 14, outcome, wait_s))
    length = dialogue()[1]
    rows.append(
        CallRow(
            id=STAR,
            direction="inbound",
            ani="+8613812345678",
            dnis=LINE,
            started_at=NOW - 400,
            answered_at=NOW - 399,
            ended_at=NOW - 370 + length,
            queue="sales",
            agent="101",
            reason="normal",
            ended_by="caller",
            outcome="answered",
            wait_s=8.2,
            talk_s=length,
            recordings=1,
            transcript="ready",
            mos=3.92,
        )
    )
    waits.append(Wait("q-star", STAR, "sales", NOW - 380, "answered", 8.2))
    return sorted(rows, key=lambda row: row.started_at), waits


def count(waits: list[Wait], queue: str, start: float, end: float) -> QueueNumbers:
    """The fake's own counting, enough for a believable page."""
    inside = [w for w in waits if start <= w.entered_at < end and queue in ("", w.queue)]
    answered = sorted(w.wait_s for w in inside if w.outcome == "answered")
    abandoned = [w for w in inside if w.outcome == "abandoned"]
    called_back = sum(w.outcome == "called_back" for w in inside)
    offered, quick = len(inside), sum(wait <= 20 for wait in answered)

    def at(share: float) -> float | None:
        return round(answered[min(len(answered) - 1, int(share * len(answered)))], 1) if answered else None

    figures: dict[str, int | float | None] = {
        "offered": offered,
        "answered": len(answered),
        "abandoned": len(abandoned),
        "overflowed": 0,
        "called_back": called_back,
        "left_by_key": 0,
        "waiting": offered - len(answered) - len(abandoned) - called_back,
        "answer_rate": len(answered) / offered if offered else None,
        "service_level_a": quick / len(answered) if answered else None,
        "service_level_b": quick / offered if offered else None,
        "service_level_c": quick / offered if offered else None,
        "service_level_d": quick / offered if offered else None,
        "asa_s": round(sum(answered) / len(answered), 1) if answered else None,
        "answered_p50_s": at(0.5),
        "answered_p80_s": at(0.8),
        "answered_p90_s": at(0.9),
        "answered_p95_s": at(0.95),
        "answered_max_s": answered[-1] if answered else None,
    }
    return QueueNumbers(queue, start, end, figures)


def histogram(waits: list[Wait]) -> list[WaitBin]:
    """Waits in steps of ten seconds."""
    bins = []
    for low in range(0, 70, 10):
        high = None if low == 60 else low + 10.0
        inside = [w.outcome for w in waits if low <= w.wait_s < (high or 1e9)]
        bins.append(WaitBin(float(low), high, inside.count("answered"), inside.count("abandoned")))
    return bins


FORMULAS: Final = {
    formula.key: FormulaView(formula.zh, formula.en, formula.formula_zh, formula.formula_en, formula.unit)
    for formula in (filled(each, threshold_s=20.0, short_s=5.0) for each in QUEUE_FORMULAS)
}


def report(
    waits: list[Wait], start: float, end: float, bucket: Bucket, queue: str, by: By = "queue", *, compared: bool = False
) -> QueueReport:
    """A queue report of ``waits``, all of which came in on ``LINE``."""
    step = STEP_S[bucket] or end - start
    edges = []
    at = start
    while at < end:
        edges.append((at, min(at + step, end)))
        at += step
    names = [q.id for q in DIRECTORY.queues if queue in ("", q.id)]
    if by == "line":
        names = [queue]

    def counted(name: str, since: float, until: float) -> QueueNumbers:
        local = datetime.fromtimestamp(since, ZONE)
        label = f"{local.isoweekday()}T{local.hour:02}" if bucket == "week_hour" else local.isoformat()
        return replace(count(waits, name, since, until), label=label, line=LINE if by == "line" else "")

    rows = [counted(name, *edge) for edge in edges for name in names]
    everything = [replace(counted(queue, *edge), line="") for edge in edges]
    return QueueReport(
        from_at=start,
        to_at=end,
        bucket=bucket,
        zone="Asia/Shanghai",
        threshold_s=20.0,
        formulas=FORMULAS,
        histogram=histogram(waits),
        rows=rows,
        all_queues=everything,
        totals=[counted(name, start, end) for name in names],
        total=count(waits, queue, start, end),
        by=by,
        before=[count(waits, queue, 2 * start - end, start)] if compared else [],
    )


def counted_in(waits: list[Wait], cell: FigureCell) -> list[Wait]:
    """The waits behind a figure."""
    outcomes = ("answered", "abandoned") if cell.figure == "offered" else (cell.figure,)
    asked = cell.asked
    return [
        wait
        for wait in waits
        if asked.from_at <= wait.entered_at < asked.to_at
        and asked.queue in ("", wait.queue)
        and wait.outcome in outcomes
    ]


def fits(row: CallRow, which: CallFilter, waits: list[Wait]) -> bool:
    """Whether a call is asked for."""
    if which.behind is not None:
        return bool(counted_in([wait for wait in waits if wait.call_id == row.id], which.behind))
    return (
        (which.from_at is None or row.started_at >= which.from_at)
        and (which.to_at is None or row.started_at < which.to_at)
        and which.queue in ("", row.queue)
        and which.agent in ("", row.agent)
        and which.direction in ("", row.direction)
        and (which.number in row.ani or which.number in row.dnis)
        and which.disposition in ("", row.disposition)
    )


def star_parts(row: CallRow) -> tuple[list[LegView], list[EntryView], list[RecordingView], list[EventView]]:
    """Legs, waits, recordings and events of a call of the morning."""
    start, end = row.started_at, row.ended_at
    caller = LegQualityView(
        "PCMA", DirectionView(4100, 0, 0.0, 0.6, 4.37), DirectionView(4080, 2, 0.0005, 1.2, 4.37), 8.4
    )
    phone = LegQualityView("PCMA", DirectionView(3805, 172, 0.0432, 11.8, 3.92))
    measured = end is not None
    legs = [LegView("l-1", "caller", "", start, start + 1, end, "normal", quality=caller if measured else None)]
    steps: list[tuple[float, str, dict[str, object]]] = [
        (0.0, "call.started", {"direction": "inbound", "ani": row.ani, "dnis": row.dnis, "trunk": "carrier"}),
        (1.0, "call.answered", {}),
        (1.1, "ivr.entered", {"flow": "main"}),
        (12.4, "ivr.chosen", {"node": "menu_main", "choice": "buy", "how": "speech", "distance": 0.08}),
        (13.0, "ivr.left", {"flow": "main", "outcome": "queue", "detail": row.queue}),
        (14.0, "queue.entered", {"entry": "q-1", "queue": row.queue}),
        (14.2, "queue.told", {"entry": "q-1", "queue": row.queue, "ahead": 1, "wait_s": 15.0}),
    ]
    entries, recordings = [], []
    wait = row.wait_s or 0.0
    if row.agent:
        answered_at = start + 14 + wait
        quality = phone if measured else None
        legs.append(LegView("l-2", "agent", row.agent, start + 16, answered_at, end, "normal", quality=quality))
        steps += [
            (16.0, "offer.made", {"offer": "o-1", "entry": "q-1", "queue": row.queue, "agent": row.agent}),
            (14.0 + wait, "offer.ended", {"offer": "o-1", "agent": row.agent, "result": "accepted", "ring_s": 6.2}),
            (14.0 + wait, "queue.left", {"entry": "q-1", "queue": row.queue, "outcome": "answered", "wait_s": wait}),
            (14.1 + wait, "talk.started", {"agent": row.agent, "queue": row.queue}),
            (14.2 + wait, "recording.started", {"recording": f"r-{row.id}", "left": "caller", "right": "agent"}),
        ]
        recordings = [
            RecordingView(
                f"r-{row.id}",
                "caller",
                "agent",
                start + 14.2 + wait,
                dialogue()[1] + 1.0,
                transcript=row.transcript,
                keep_as="flac",
                size=412_345,
                sha256="5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
                gaps=[GapView(45.5, 47.0, "paused")],
            )
        ]
    if end is not None:
        length = end - start
        entries = [EntryView("q-1", row.queue, start + 14, start + 14 + wait, "answered", wait, row.agent)]
        if row.agent:
            steps.append((length, "talk.ended", {"agent": row.agent, "talk_s": row.talk_s, "hold_s": 0.0}))
        else:
            entries = [EntryView("q-1", row.queue, start + 14, end, "abandoned", wait)]
            steps.append((length, "queue.left", {"entry": "q-1", "queue": row.queue, "outcome": "abandoned"}))
        steps.append((length, "call.ended", {"reason": row.reason, "by": row.ended_by, "status": 0}))
    events = [
        EventView(seq + 1, f"e-{seq}", start + at, row.id, name, data)  # type: ignore[arg-type]
        for seq, (at, name, data) in enumerate(steps)
    ]
    return legs, entries, recordings, events


CAMPAIGNS: Final = [
    CampaignView(
        id="return-visit-nov",
        title="十一月售后回访",
        state="running",
        contacts=320,
        tried=214,
        finished=168,
        results={"completed": 131, "partial": 12, "refused": 25, "busy": 9, "no_answer": 33, "failed": 4},
        created_at=MIDNIGHT - 3 * 86_400,
    ),
    CampaignView(
        id="tradein-2019",
        title="2019 年老客户置换邀约",
        state="paused",
        contacts=1200,
        tried=86,
        finished=61,
        results={"completed": 44, "refused": 17, "busy": 5, "no_answer": 20},
        created_at=MIDNIGHT - 86_400,
    ),
]


def _satisfied(score: int) -> AnswerWords:
    asked = Text("请问您对这次服务的质量满意吗？", "How satisfied are you with the quality of the service?")
    return AnswerWords(asked, Text(f"{score} 分（1–5 分）", f"{score} (1–5)"))


def campaign_results() -> list[CampaignResult]:
    """The first contacts of the return visits."""
    names = ("李伟", "张静", "王强", "刘洋", "=HYPERLINK", "黄蕾")
    results = []
    for number, name in enumerate(names):
        result = ("completed", "completed", "no_answer", "completed", "refused", "")[number]
        answers = []
        if result == "completed":
            answers = [
                Answer("quality", str(5 - number), "key", form="5f0c", words=_satisfied(5 - number)),
                Answer("原因", "维修师傅很专业", "speech", "维修师傅很专业，讲得很清楚"),
            ]
        at = NOW - 3600 + number * 60 if result else None
        call_id = f"c-{number:010d}-morning{number:03d}" if result else ""
        results.append(CampaignResult(number + 1, name, f"+8613900001{number:03d}", result, at, call_id, answers))
    return results
