"""What a campaign has come to: attempts, whom they reached, by result, by attempt, by hour of the day and of the week.

A person is taken as reached where one has spoken, pressed a key, hung up in mid call, or declined in the call; what
the network or a machine says is no person, nor is a call that was answered and brought no usable reply. Shares come
with their 95 % Wilson intervals, so that an hour of ten calls is not taken for a better one than an hour of a thousand.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from reports.buckets import week_hour_label, week_hour_of
from reports.dispositions import DispositionCounts
from reports.formulas import Formula
from reports.shares import Share, share_of
from reports.surveys import FormReport, with_response

PEOPLE: Final = frozenset({"completed", "partial", "hung_up", "talked", "abandoned", "postponed"})
"""Results of attempts that reached a person. ``no_reply`` is none: nobody knows who kept silent there."""
DECLINED: Final = "refused"
"""Of a person where the call was answered, else of his phone."""
WELL: Final = frozenset({"completed", "talked"})
"""Results of attempts that did what they were made for."""
PART: Final = "partial"
"""Of a form: with an agent that is no less than an empty one, so it went well too."""
MONTH_S: Final = 30 * 86_400
SLOT_S: Final = 900
"""Attempts are counted by quarters of an hour first: no zone is off by less."""

CAMPAIGN_FORMULAS: Final = (
    Formula("contacts", "名单人数", "list", "任务中的联系人", "contacts of the campaign", "count"),
    Formula("tried", "已拨人数", "tried", "至少呼叫过一次的联系人", "contacts who were called at least once", "count"),
    Formula("penetration", "名单覆盖率", "penetration", "已拨人数 ÷ 名单人数", "tried / list", "share"),
    Formula("finished", "完成人数", "finished", "不再呼叫的联系人", "contacts who are not called any more", "count"),
    Formula("completion", "完成率", "completion", "完成人数 ÷ 名单人数", "finished / list", "share"),
    Formula("attempts", "呼叫次数", "attempts", "发出的呼叫", "calls that went out", "count"),
    Formula("connected", "接通次数", "connected", "被应答的呼叫，含语音信箱", "answered, machines included", "count"),
    Formula("connect_rate", "接通率", "connect rate", "接通次数 ÷ 呼叫次数", "connected / attempts", "share"),
    Formula(
        "reached", "真人应答", "person reached", "有人说话、按键、中途挂机或在通话中谢绝；接起未回答的不计",
        "a person spoke, pressed a key, hung up in mid call or declined in it; answered without a reply does not count",
        "count",
    ),
    Formula("contact_rate", "真人应答率", "contact rate", "真人应答 ÷ 呼叫次数", "person reached / attempts", "share"),
    Formula(
        "went_well", "做完", "went through", "做完问卷，或与坐席谈完（谢绝、改约的不计）",
        "went through the survey, or talked with an agent to the end (refused or put off does not count)", "count",
    ),
    Formula("success", "做完率", "went-through rate", "做完 ÷ 真人应答", "went through / person reached", "share"),
    Formula(
        "abandoned", "无坐席", "abandoned", "真人应答后坐席未及时接入", "a person answered and no agent came in time",
        "count",
    ),
    Formula(
        "abandon_rate", "无坐席率", "abandon rate", "无坐席 ÷（无坐席 + 与坐席通话）",
        "abandoned / (abandoned + talked with an agent)", "share",
    ),
    Formula(
        "abandon_rate_30", "近 30 天无坐席率", "abandon rate, 30 days", "同上，只计最近 30 天",
        "the same, of the last 30 days", "share",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tries:
    """``times`` attempts begun in the ``SLOT_S`` seconds from ``slot`` × ``SLOT_S`` (epoch seconds), each the ``nth``
    of its contact, with one ``result``; ``connected``: the call was answered; ``talked``: an agent talked.
    """

    slot: int
    nth: int
    result: str
    connected: bool
    times: int
    talked: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """Attempts of one kind: the ``key`` is a result, the number of the attempt, the hour of the day (0: from midnight
    to one) or of the week (1T09: Mondays from nine to ten). ``share``: what of all attempts a result is; of the
    attempts of the others, how many reached a person.
    """

    key: str
    attempts: int
    connected: int
    reached: int
    share: Share


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the list is: ``tried`` at least once, ``finished`` for good."""

    contacts: int
    tried: int
    finished: int


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """All figures by their keys, with the intervals of shares of attempts; the cuts; the survey by version; what agents
    said came of their talks.
    """

    figures: dict[str, float | None]
    intervals: dict[str, Share]
    results: tuple[Cut, ...]
    nths: tuple[Cut, ...]
    hours: tuple[Cut, ...]
    week: tuple[Cut, ...]
    forms: tuple[FormReport, ...] = field(default=())
    came_of: DispositionCounts | None = None


def campaign_report(
    progress: Progress, tries: Sequence[Tries], forms: Sequence[FormReport], zone: ZoneInfo, now: float
) -> CampaignReport:
    """Count ``tries``; hours are those of ``zone``, the last 30 days those before ``now`` (epoch seconds)."""
    whole = _cut("", tries)
    well = sum(one.times for one in tries if one.result in WELL or (one.talked and one.result == PART))
    lately = [one for one in tries if one.slot * SLOT_S > now - MONTH_S]
    intervals = {
        "connect_rate": share_of(whole.connected, whole.attempts),
        "contact_rate": share_of(whole.reached, whole.attempts),
        "success": share_of(well, whole.reached),
        "abandon_rate": _lost(tries),
        "abandon_rate_30": _lost(lately),
    }
    figures: dict[str, float | None] = {
        "contacts": progress.contacts,
        "tried": progress.tried,
        "penetration": _ratio(progress.tried, progress.contacts),
        "finished": progress.finished,
        "completion": _ratio(progress.finished, progress.contacts),
        "attempts": whole.attempts,
        "connected": whole.connected,
        "reached": whole.reached,
        "went_well": well,
        "abandoned": intervals["abandon_rate"].hits,
        **{key: it.share for key, it in intervals.items()},
    }
    by_result = [_of_all(cut, whole.attempts) for cut in _cuts(tries, lambda one: (0, one.result))]
    return CampaignReport(
        figures={formula.key: figures[formula.key] for formula in CAMPAIGN_FORMULAS},
        intervals=intervals,
        results=tuple(sorted(by_result, key=lambda cut: (-cut.attempts, cut.key))),
        nths=_cuts(tries, lambda one: (one.nth, str(one.nth))),
        hours=_cuts(tries, lambda one: _hour(one.slot, zone)),
        week=_cuts(tries, lambda one: _hour_of_week(one.slot, zone)),
        forms=_responses(forms, tries),
    )


def _cuts(tries: Iterable[Tries], key: Callable[[Tries], tuple[int, str]]) -> tuple[Cut, ...]:
    """By ``key``: a number to order by and a name, in their order."""
    found: dict[tuple[int, str], list[Tries]] = {}
    for one in tries:
        found.setdefault(key(one), []).append(one)
    return tuple(_cut(name, some) for (_, name), some in sorted(found.items()))


def _hour(slot: int, zone: ZoneInfo) -> tuple[int, str]:
    hour = datetime.fromtimestamp(slot * SLOT_S, zone).hour
    return hour, str(hour)


def _hour_of_week(slot: int, zone: ZoneInfo) -> tuple[int, str]:
    hour = week_hour_of(slot * SLOT_S, zone)
    return hour, week_hour_label(hour)


def _lost(tries: Iterable[Tries]) -> Share:
    lost = talked = 0
    for one in tries:
        lost += one.times if one.result == "abandoned" else 0
        talked += one.times if one.talked or one.result == "talked" else 0
    return share_of(lost, lost + talked)


def _cut(key: str, tries: Iterable[Tries]) -> Cut:
    attempts = connected = reached = 0
    for one in tries:
        attempts += one.times
        connected += one.times if one.connected else 0
        reached += one.times if one.result in PEOPLE or (one.result == DECLINED and one.connected) else 0
    return Cut(key, attempts, connected, reached, share_of(reached, attempts))


def _responses(forms: Sequence[FormReport], tries: Sequence[Tries]) -> tuple[FormReport, ...]:
    """With how many of those who could be asked have answered: who was reached while a version was the newest one,
    and not abandoned. Of a version of which that is not known nothing is said.
    """
    begins = sorted(form.since for form in forms if form.since is not None)
    told = []
    for form in forms:
        if form.since is None:
            told.append(form)
            continue
        first = form.since if form.since > begins[0] else 0.0
        end = next((at for at in begins if at > form.since), math.inf)
        asked = _cut("", [one for one in tries if first <= one.slot * SLOT_S < end and one.result != "abandoned"])
        told.append(with_response(form, asked.reached))
    return tuple(told)


def _of_all(cut: Cut, attempts: int) -> Cut:
    return Cut(cut.key, cut.attempts, cut.connected, cut.reached, share_of(cut.attempts, attempts))


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
