"""What the configuration says of further attempts: ``[campaign.retry]`` and ``order`` of a campaign, and what a
disposition means for them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import tzinfo
from typing import Final

from campaigns.attempt import Result
from campaigns.list_order import Order
from campaigns.retry import RetryPlan, Wait, parse_wait
from core.errors import ParseError
from desk.dispositions import Then
from ivr.hours import Hours

_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class RetrySettings:
    """[campaign.retry] at most ``attempts`` at a contact and ``per_number`` at each of his numbers; then by result how
    long is waited for the next: "10 min", "2 h", "next window", "next day" or "never".
    """

    attempts: int = 3
    per_number: int = 3
    busy: str = "10 min"
    no_answer: str = "next window"
    powered_off: str = "next day"
    unreachable: str = "next window"
    barred: str = "next day"
    voicemail: str = "next window"
    assistant: str = "next window"
    empty_number: str = "never"
    out_of_service: str = "never"
    fax: str = "never"
    failed: str = "10 min"
    interrupted: str = "10 min"
    no_reply: str = "never"
    hung_up: str = "never"
    partial: str = "never"
    talked: str = "never"
    abandoned: str = "next day"
    refused: str = "never"


_RESULTS: Final = tuple(field.name for field in fields(RetrySettings) if field.name not in ("attempts", "per_number"))


def _count(value: object) -> str | None:
    return None if isinstance(value, int) and 1 <= value <= _MOST else f"must be from 1 to {_MOST}"


def _wait(value: object) -> str | None:
    try:
        parse_wait(str(value))
    except ParseError as error:
        return str(error)
    return None


_THEN: Final = ", ".join(each for each in Then if each)
RETRY_CHECKS: Final[Mapping[tuple[str, str], Callable[[object], str | None]]] = {
    ("campaign.retry", "attempts"): _count,
    ("campaign.retry", "per_number"): _count,
    **{("campaign.retry", name): _wait for name in _RESULTS},
    ("disposition", "again"): lambda value: _wait(value) if value else None,
    ("disposition", "then"): lambda value: None if value in set(Then) else f"must be one of {_THEN}, or left out",
    ("campaign", "order"): lambda value: None if value in set(Order) else f"must be one of {', '.join(Order)}",
}
"""By table and key, beside ``service.config_checks``."""


def retry_of(settings: RetrySettings, hours: Hours | None, zone: tzinfo) -> RetryPlan:
    """The plan of a campaign with these ``hours``. A survey that was gone through is never held again, and who was
    promised a call is called then.
    """
    waits: dict[Result, Wait] = {Result(name): parse_wait(getattr(settings, name)) for name in _RESULTS}
    waits[Result.COMPLETED] = waits[Result.POSTPONED] = parse_wait("never")
    return RetryPlan(settings.attempts, settings.per_number, waits, hours, zone)
