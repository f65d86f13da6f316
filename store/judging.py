"""What is decided about a contact whose turn it is, in the transaction that asks: a claim's, or one that only reads."""

from dataclasses import dataclass

from sqlalchemy import Connection

from campaigns.retry import Past, RetryPlan, next_number
from campaigns.rules.decide import decide
from campaigns.rules.dialling import without_forbidden
from campaigns.rules.values import Decision, Standing, Terms
from store.due import Due
from store.standings import past_of, standing_of


@dataclass(frozen=True, slots=True)
class Judgement:
    """The ``decision`` about calling him at ``number``, and what it was made of."""

    decision: Decision
    number: str
    past: Past
    who: Standing


def judge(connection: Connection, one: Due, terms: Terms, retry: RetryPlan, now: float) -> Judgement:
    """May ``one`` be called ``now`` (epoch seconds), at the number whose turn it is?"""
    past = past_of(connection, one.id, one.number, one.person, one.promised_at)
    past = without_forbidden(past, terms.rules.tolls)
    number = next_number(retry, past)
    who = standing_of(connection, number, terms.rules, now, one.number, one.promised_at)
    return Judgement(decide(who, terms, now), number, past, who)
