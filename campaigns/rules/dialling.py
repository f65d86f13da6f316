"""Which of a person's numbers campaigns may dial, by the house's rules for calls to the outside (``telephony.tolls``):
what those refuse would be refused when it is dialled, and must not count as a try.
"""

from dataclasses import replace

from campaigns.retry import Past
from telephony.tolls import TollRules, judge


def may_be_dialled(number: str, tolls: TollRules) -> bool:
    """Whether calls to ``number`` go out at all; how often in an hour is counted when it is dialled."""
    return judge(number, tolls).why is None


def without_forbidden(past: Past, tolls: TollRules) -> Past:
    """``past`` without the numbers that may not be dialled, where he has others."""
    if len(past.numbers) < 2:
        return past
    numbers = tuple(number for number in past.numbers if may_be_dialled(number, tolls))
    return replace(past, numbers=numbers) if numbers else past
