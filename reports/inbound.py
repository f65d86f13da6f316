"""What became of every inbound call, by dialled number: also of those that never reached a queue. And of the calls that
an agent took: how many were passed on, and how many of these callers had to call again (first contact resolution).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from reports.formulas import Formula
from reports.grouped import groups


class Outcome(StrEnum):
    """How a call went, in the order in which it is decided."""

    TALKED = "talked"
    VOICEMAIL = "voicemail"
    CALLED_BACK = "called_back"
    ABANDONED = "abandoned"
    OVERFLOWED = "overflowed"
    CLOSED = "closed"
    OPEN = "open"
    REFUSED = "refused"
    MENU = "menu"
    FULL = "full"


def _count(key: str, zh: str, en: str, formula_zh: str, formula_en: str) -> Formula:
    return Formula(key, zh, en, formula_zh, formula_en, "count")


LINE_FORMULAS: Final = (
    _count(
        "came", "来电", "came", "打到该号码的全部来电，含线路占满被拒绝的", "all calls to the number, refused ones too"
    ),
    _count("talked", "坐席接通", "talked", "有坐席接起", "an agent took the call"),
    Formula("reach_rate", "全程接通率", "line answer rate", "坐席接通 ÷ 来电", "talked / came", "share"),
    _count("abandoned", "排队放弃", "gave up", "在队列中挂机，没有接通", "hung up in a queue, never talked"),
    _count(
        "overflowed",
        "溢出",
        "overflowed",
        "离开队列（溢出或按键）后没有接通",
        "left the queue (overflow, key), never talked",
    ),
    _count("closed", "非服务时间", "closed", "转到未开放的队列，没有接通", "led to a closed queue, never talked"),
    _count(
        "full", "线路占满", "line full", "线路通道用尽，来电被拒绝", "refused, all channels of the trunk were in use"
    ),
    _count("refused", "占线或无人", "busy", "应答之前结束：忙、无人接、来电人先挂", "over before it was answered"),
    _count("voicemail", "留言", "voice mail", "没有接通，留了言", "never talked, left a message"),
    _count("called_back", "转回呼", "callback", "没有接通，改为回呼", "never talked, is to be called back"),
    _count("menu", "语音导航", "menu", "应答后没有进入队列", "answered, never came to a queue"),
    _count("open", "进行中", "under way", "统计时尚未结束", "not over when this was counted"),
    Formula(
        "asa_line_s",
        "平均应答（自语音应答）",
        "ASA from our answer",
        "（坐席接起 − 系统应答）之和 ÷ 坐席接通；其他报表的等待从进入队列起算",
        "Σ (agent's answer − our answer) / talked; other reports count from queue entry",
        "s",
    ),
)
"""Each call counts once: came = talked + abandoned + … + open. First that fits: talked, voice mail, callback, then how
its last wait in a queue ended."""

CONTACT_FORMULAS: Final = (
    _count("contacts", "接触", "contacts", "坐席接通的来电", "inbound calls that an agent took"),
    _count("transferred", "转接", "transferred", "其中坐席完成过转接", "of these, passed on by an agent"),
    Formula("transfer_rate", "转接率", "transfer rate", "转接 ÷ 接触", "transferred / contacts", "share"),
    _count(
        "settled",
        "已满期",
        "settled",
        "其中号码已知、结束后已满 {days} 天，不含测试来电",
        "of these, number known and {days} days past, test calls left out",
    ),
    _count(
        "repeated",
        "重复来电",
        "repeated",
        "已满期中 {days} 天内同号码再次来电",
        "settled, called again within {days} days",
    ),
    Formula("repeat_rate", "重复率", "repeat rate", "重复来电 ÷ 已满期", "repeated / settled", "share"),
    _count(
        "resolved", "一次解决", "resolved", "已满期中既无转接也无重复来电", "settled, neither passed on nor repeated"
    ),
    Formula("fcr", "一次解决率", "first contact resolution", "一次解决 ÷ 已满期", "resolved / settled", "share"),
    _count("talks", "通话段", "talks", "坐席的通话段；转接的来电每位坐席各一段", "one for each agent of a call"),
    Formula(
        "aht_s",
        "平均处理时长",
        "AHT",
        "（通话 + 保持 + 话后）÷ 通话段",
        "(talk + hold + wrap-up) / talks",
        "s",
    ),
)


@dataclass(frozen=True, slots=True)
class InboundCall:
    """One call to ``line`` by ``number`` ("": hidden). Of one that was talked in: the ``queue`` of the first talk, the
    ``agent`` of the last, ``wait_s`` from our answer to the agent's. ``again``: the number called once more in time;
    ``settled``: that time is over. ``times``: so many at once of which only one was told (a full trunk).
    """

    id: str
    number: str
    line: str
    started_at: float
    outcome: Outcome
    queue: str = ""
    agent: str = ""
    wait_s: float | None = None
    transferred: bool = False
    again: bool = False
    settled: bool = False
    times: int = 1


@dataclass(frozen=True, slots=True)
class Handled:
    """One talk of ``agent`` out of ``queue`` ("": none); ``handling_s`` is its talk, hold and the wrap-up after it."""

    queue: str
    agent: str
    handling_s: float


@dataclass(frozen=True, slots=True)
class LineFigures:
    """By ``LINE_FORMULAS``; ``line`` "" for all."""

    line: str
    came: int
    talked: int
    reach_rate: float | None
    abandoned: int
    overflowed: int
    closed: int
    full: int
    refused: int
    voicemail: int
    called_back: int
    menu: int
    open: int
    asa_line_s: float | None


@dataclass(frozen=True, slots=True)
class ContactFigures:
    """By ``CONTACT_FORMULAS``; ``name`` is a queue or an agent, "" for all."""

    name: str
    contacts: int
    transferred: int
    transfer_rate: float | None
    settled: int
    repeated: int
    repeat_rate: float | None
    resolved: int
    fcr: float | None
    talks: int
    aht_s: float | None


@dataclass(frozen=True, slots=True)
class InboundReport:
    """``total`` and ``lines`` of all calls; ``contacts``, ``queues`` and ``agents`` of those an agent took."""

    total: LineFigures
    lines: tuple[LineFigures, ...]
    contacts: ContactFigures
    queues: tuple[ContactFigures, ...]
    agents: tuple[ContactFigures, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """What the log says of a call. ``left`` is how its last wait in a queue ended ("": it goes on); None: no wait."""

    talked: bool = False
    voicemail: bool = False
    promised: bool = False
    left: str | None = None
    closed: bool = False
    answered: bool = False
    over: bool = True


_LEFT: Final = {
    "abandoned": Outcome.ABANDONED,
    "interrupted": Outcome.ABANDONED,
    "overflowed": Outcome.OVERFLOWED,
    "left_by_key": Outcome.OVERFLOWED,
    "answered": Outcome.ABANDONED,  # an agent's phone was answered, but the two never talked
    "called_back": Outcome.CALLED_BACK,
}


def outcome_of(story: Story) -> Outcome:
    """The one way in which the call counts."""
    if story.talked:
        return Outcome.TALKED
    if not story.over:
        return Outcome.OPEN
    if story.voicemail:
        return Outcome.VOICEMAIL
    if story.promised:
        return Outcome.CALLED_BACK
    if story.left is not None:
        return _LEFT.get(story.left, Outcome.ABANDONED)
    if story.closed:
        return Outcome.CLOSED
    return Outcome.MENU if story.answered else Outcome.REFUSED


def inbound_report(calls: Sequence[InboundCall], handled: Sequence[Handled]) -> InboundReport:
    """Count ``calls`` and the talks in them."""
    contacts = [call for call in calls if call.outcome is Outcome.TALKED]
    return InboundReport(
        _line("", calls),
        tuple(_line(name, found) for name, found in groups(calls, lambda call: call.line)),
        _contacts("", contacts, handled),
        _by(contacts, handled, lambda it: it.queue),
        _by(contacts, handled, lambda it: it.agent),
    )


def _by(
    contacts: Sequence[InboundCall], handled: Sequence[Handled], name: "Callable[[InboundCall | Handled], str]"
) -> tuple[ContactFigures, ...]:
    called, talked = dict(groups(contacts, name)), dict(groups(handled, name))
    return tuple(_contacts(it, called.get(it, []), talked.get(it, [])) for it in sorted(called.keys() | talked.keys()))


def _line(name: str, calls: Iterable[InboundCall]) -> LineFigures:
    counted = dict.fromkeys(Outcome, 0)
    waited_s, waits = 0.0, 0
    for call in calls:
        counted[call.outcome] += call.times
        if call.wait_s is not None:
            waited_s, waits = waited_s + call.wait_s, waits + 1
    came, talked = sum(counted.values()), counted[Outcome.TALKED]
    return LineFigures(
        line=name,
        came=came,
        talked=talked,
        reach_rate=talked / came if came else None,
        abandoned=counted[Outcome.ABANDONED],
        overflowed=counted[Outcome.OVERFLOWED],
        closed=counted[Outcome.CLOSED],
        full=counted[Outcome.FULL],
        refused=counted[Outcome.REFUSED],
        voicemail=counted[Outcome.VOICEMAIL],
        called_back=counted[Outcome.CALLED_BACK],
        menu=counted[Outcome.MENU],
        open=counted[Outcome.OPEN],
        asa_line_s=waited_s / waits if waits else None,
    )


def _contacts(name: str, calls: Sequence[InboundCall], handled: Sequence[Handled]) -> ContactFigures:
    settled = sum(call.settled for call in calls)
    transferred = sum(call.transferred for call in calls)
    repeated = sum(call.settled and call.again for call in calls)
    resolved = sum(_is_resolved(call) for call in calls)
    return ContactFigures(
        name=name,
        contacts=len(calls),
        transferred=transferred,
        transfer_rate=transferred / len(calls) if calls else None,
        settled=settled,
        repeated=repeated,
        repeat_rate=repeated / settled if settled else None,
        resolved=resolved,
        fcr=resolved / settled if settled else None,
        talks=len(handled),
        aht_s=sum(it.handling_s for it in handled) / len(handled) if handled else None,
    )


def _is_resolved(call: InboundCall) -> bool:
    return call.settled and not call.transferred and not call.again


_CONTACTS: Final[dict[str, Callable[[InboundCall], bool]]] = {
    "contacts": lambda call: True,
    "transferred": lambda call: call.transferred,
    "settled": lambda call: call.settled,
    "repeated": lambda call: call.settled and call.again,
    "resolved": _is_resolved,
}
FIGURES: Final = ("came", *(outcome.value for outcome in Outcome), *_CONTACTS)
"""Counts that open their calls."""


@dataclass(frozen=True, slots=True)
class Behind:
    """Of which count the calls are wanted ("came": of all): one of ``FIGURES``, of a line, queue or agent ("": any)."""

    figure: str = "came"
    line: str = ""
    queue: str = ""
    agent: str = ""

    def counts(self, call: InboundCall) -> bool:
        """Whether ``call`` is one of them."""
        if (self.line and call.line != self.line) or (self.queue and call.queue != self.queue):
            return False
        if self.agent and call.agent != self.agent:
            return False
        if self.figure in _CONTACTS:
            return call.outcome is Outcome.TALKED and _CONTACTS[self.figure](call)
        return self.figure in ("came", call.outcome.value)
