"""The rules in their order; the first that forbids decides. Those that forbid for good stand first.

Caps: of n attempts that are allowed in a time, the n-th from the end must have left that time. So attempts that lie
ahead of now (the clock was put back) count as fresh ones, and no correction of the clock gives a call away.
"""

from datetime import datetime, timedelta
from typing import Final

from campaigns.rules.dialling import may_be_dialled
from campaigns.rules.regions import region_of
from campaigns.rules.values import DAY_S, FREE, MONTH_S, NEVER, BarKind, Purpose, Rule, Standing, Terms
from core.numbers import one_form
from ivr.hours import Hours

_HORIZON_S: Final = 40 * DAY_S
"""So far it is looked ahead for a moment at which all hours are open."""
_TILL_READY_S: Final = 900.0
"""Whoever may be called only when an agent is free for him is thought of again so much later."""


def _barred(kind: BarKind, who: Standing) -> float:
    return NEVER if kind in who.bars else FREE


def _refused(who: Standing, terms: Terms, now: float) -> float:
    return _barred(BarKind.REFUSED, who)


def _listed(who: Standing, terms: Terms, now: float) -> float:
    return _barred(BarKind.LISTED, who)


def _consent(who: Standing, terms: Terms, now: float) -> float:
    return NEVER if terms.purpose is Purpose.PROMOTION and Purpose.PROMOTION not in who.consents else FREE


def _promotions(who: Standing, terms: Terms, now: float) -> float:
    return NEVER if terms.purpose is Purpose.PROMOTION and not terms.rules.promotions else FREE


def _caller_id(who: Standing, terms: Terms, now: float) -> float:
    ours = terms.rules.caller_ids
    return FREE if ours is None or one_form(terms.caller_id) in ours else NEVER


def _dialling(who: Standing, terms: Terms, now: float) -> float:
    return FREE if not who.number or may_be_dialled(who.number, terms.rules.tolls) else NEVER


def _complaint(who: Standing, terms: Terms, now: float) -> float:
    if who.complained_at is None or not terms.rules.quiet_s:
        return FREE
    return who.complained_at + terms.rules.quiet_s


def _abandoned(who: Standing, terms: Terms, now: float) -> float:
    if who.abandoned_at is None:
        return FREE
    rested = who.abandoned_at + terms.rules.abandoned_s
    return rested if terms.ready else max(rested, now + _TILL_READY_S)


def _person_day(who: Standing, terms: Terms, now: float) -> float:
    return _next_day(_last_but(who.attempts, terms.rules.a_day), terms)


def _person_month(who: Standing, terms: Terms, now: float) -> float:
    return _last_but(who.attempts, terms.rules.in_30_days) + MONTH_S


def _number_day(who: Standing, terms: Terms, now: float) -> float:
    return _next_day(_last_but(who.number_attempts, terms.rules.number_a_day), terms)


def _number_month(who: Standing, terms: Terms, now: float) -> float:
    return _last_but(who.number_attempts, terms.rules.number_in_30_days) + MONTH_S


def _list_hours(who: Standing, terms: Terms, now: float) -> float:
    return _within(terms.hours, now)


def _house_hours(who: Standing, terms: Terms, now: float) -> float:
    return _within(terms.rules.hours, now)


def _region_hours(who: Standing, terms: Terms, now: float) -> float:
    region = region_of(who.number, terms.rules)
    return FREE if region is None else _within(region.hours, now)


def _last_but(attempts: tuple[float, ...], most: int) -> float:
    """The moment of the ``most``-th attempt from the end; ``FREE`` where there are fewer."""
    return sorted(attempts)[-most] if len(attempts) >= most else FREE


def _next_day(at: float, terms: Terms) -> float:
    """The first moment of the day after that of ``at``."""
    if at == FREE:
        return FREE
    zone = terms.rules.zone
    day = datetime.fromtimestamp(at, zone).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()


def _within(hours: Hours | None, now: float) -> float:
    if hours is None:
        return FREE
    opens = hours.next_open(now)
    return NEVER if opens is None else opens


COMPLAINT: Final = "complaint"
"""The rule that gives rest after a complaint."""

RULES: Final = (
    Rule("refused", "客户已拒绝来电", "the customer has refused calls", _refused),
    Rule("do_not_call", "在免打扰名单中", "on the do-not-call list", _listed),
    Rule("promotions_off", "推广类外呼已整体关闭", "promotional calls are switched off", _promotions),
    Rule("no_consent", "没有客户同意推广来电的记录", "no opt-in consent to promotional calls is on record", _consent),
    Rule("caller_id", "显示的主叫号码不是本公司的", "the caller id is not one of ours", _caller_id),
    Rule(
        "dialling",
        "此号码不允许外呼（境外、声讯或配置所禁）",
        "[dialling] does not let this number be called",
        _dialling,
    ),
    Rule(COMPLAINT, "投诉后的静默期", "quiet period after a complaint", _complaint),
    Rule(
        "abandoned",
        "接听后无座席，间隔后有座席才拨",
        "answered when no agent was there: later, with one",
        _abandoned,
    ),
    Rule("person_day", "今天对此客户的呼叫已达上限", "the person's calls of today are used up", _person_day),
    Rule("person_30_days", "30 天内对此客户的呼叫已达上限", "the person's calls in 30 days are used up", _person_month),
    Rule("number_day", "今天对此号码的呼叫已达上限", "the number's calls of today are used up", _number_day),
    Rule("number_30_days", "30 天内对此号码的呼叫已达上限", "the number's calls in 30 days are used up", _number_month),
    Rule("list_hours", "不在本任务的呼叫时段", "outside the campaign's calling hours", _list_hours),
    Rule("house_hours", "不在公司允许的呼叫时段", "outside the house's calling hours", _house_hours),
    Rule("region_hours", "不在号码所在地区的呼叫时段", "outside the calling hours of the region", _region_hours),
)
BY_NAME: Final = {rule.name: rule for rule in RULES}
OF_THE_HOUSE: Final = ("promotions_off", "caller_id", "dialling", "list_hours", "house_hours", "region_hours")
"""What these forbid for good another configuration may allow; the others ask for another word of the customer."""


_HOURS: Final = tuple(BY_NAME[name] for name in ("list_hours", "house_hours", "region_hours"))
"""Those that close again after they have opened; all others stay open once they are."""


def opens_all(who: Standing, terms: Terms, now: float) -> float:
    """The moment, ``now`` or later, from which every rule allows the call as things stand; ``NEVER`` where one forbids
    it for good. Where hours hardly ever meet it is one more than 40 days ahead, at which to look again.
    """
    at = max(now, *(rule.opens(who, terms, now) for rule in RULES))
    while at <= now + _HORIZON_S:
        later = max(rule.opens(who, terms, at) for rule in _HOURS)
        if later <= at:
            break
        at = later
    return at
