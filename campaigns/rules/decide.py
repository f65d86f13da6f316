"""The decision, and what a person is told of one that was made."""

from campaigns.rules.table import BY_NAME, OF_THE_HOUSE, RULES, opens_all
from campaigns.rules.values import NEVER, Decision, Rule, Standing, Terms


def decide(who: Standing, terms: Terms, now: float) -> Decision:
    """May ``who`` be called ``now`` (epoch seconds)? The first rule that forbids is named."""
    first = next((rule for rule in RULES if rule.opens(who, terms, now) > now), None)
    if first is None:
        return Decision(allowed=True)
    opens = opens_all(who, terms, now)
    return Decision(False, first.name, first.zh, first.en, None if opens == NEVER else opens)


def forbidding_all(terms: Terms, now: float) -> Rule | None:
    """The rule of the house by which nobody at all may be called by ``terms``; None where there is none."""
    nobody = Standing("")
    return next((BY_NAME[name] for name in OF_THE_HOUSE if BY_NAME[name].opens(nobody, terms, now) == NEVER), None)


def told(allowed: bool, rule: str, not_before: float | None) -> Decision:
    """A decision as it was stored; a rule that this version no longer knows keeps its name for its words."""
    if allowed:
        return Decision(allowed=True)
    known = BY_NAME.get(rule)
    return Decision(False, rule, known.zh if known else rule, known.en if known else rule, not_before)
